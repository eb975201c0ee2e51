"""Numbers that stop being finite: the banner names the cell, shows it, plays what came before, and goes back."""

import pytest

from app.actions.bad_numbers import KEPT, BadNumberActions
from app.run.commands import OpenRun
from lattice.errors import NonFiniteError
from tests.app.fakes import small_config


@pytest.fixture
def failed(qtbot, window, runs):
    """A window whose second training step met a cell that is not finite."""
    error = NonFiniteError("training step 2: channel 1 of the cell (1, 2, 3) after lattice step 2 is not finite")
    error.cell, error.lattice_step = (1, 2, 3), 2
    runs.trainer.error, runs.trainer.fail_at = error, 2
    window.controller.step_once()
    qtbot.waitUntil(lambda: runs.trainer.training_step == 1, timeout=10_000)
    return window


def fail(qtbot, window):
    with qtbot.waitSignal(window.controller.failed, timeout=10_000):
        window.controller.step_once()


def press(window, words):
    next(button for button in window.central.banner.buttons if button.text() == words).click()


def test_the_cell_is_named_and_shown(qtbot, failed):
    fail(qtbot, failed)
    banner = failed.central.banner
    assert "Training stopped: training step 2: channel 1 of the cell (1, 2, 3)" in banner.label.text()
    assert not failed.errors.isVisible()
    assert [button.text() for button in banner.buttons] == ["Show the cell", "Play what came before"]
    press(failed, "Show the cell")
    assert failed.picked.cell == (1, 2, 3)
    assert failed.timeline.step == 2


def test_what_came_before_is_played(qtbot, failed, monkeypatch):
    fail(qtbot, failed)
    monkeypatch.setattr("app.actions.bad_numbers.PLAY_MILLISECONDS", 1)
    shown = []
    monkeypatch.setattr(failed.display, "show", shown.append)
    press(failed, "Play what came before")
    qtbot.waitUntil(lambda: len(shown) > 0 and not any(timer.isActive() for timer in timers(failed)), timeout=10_000)
    kept = failed.findChild(BadNumberActions).kept
    assert 1 <= len(kept) <= KEPT
    assert [seen for seen in shown if seen in kept] == list(kept), "what is observed meanwhile may come between"
    steps = [observation.training_step for observation in kept]
    assert steps == sorted(steps)


def timers(window):
    from PyQt6.QtCore import QTimer

    return window.findChildren(QTimer, "play what came before")


def test_the_last_good_state_is_opened_again(qtbot, failed, runs):
    assert failed.autosave.save_now()
    qtbot.waitUntil(failed.autosave.checkpoint.exists, timeout=10_000)
    fail(qtbot, failed)
    with qtbot.waitSignal(failed.controller.opened, timeout=10_000):
        press(failed, "Back to the last good state")
    assert runs.requests[-1].checkpoint == failed.autosave.checkpoint
    assert runs.requests[-1].recovered
    assert failed.controller.training_step == 1
    assert failed.saver.path is None
    assert failed.autosave.kept is None


def test_the_file_of_a_run_that_goes_back_to_its_autosave_is_remembered(qtbot, failed, runs, tmp_path):
    kept = (tmp_path / "mine.safetensors", 1)
    with qtbot.waitSignal(failed.controller.saved, timeout=10_000):
        failed.controller.save(kept[0])
    failed.saver.path = None  # as it is after a recovery
    assert failed.autosave.save_now(lambda: None)
    qtbot.waitUntil(failed.autosave.checkpoint.exists, timeout=10_000)
    fail(qtbot, failed)
    with qtbot.waitSignal(failed.controller.opened, timeout=10_000):
        press(failed, "Back to the last good state")
    assert runs.requests[-1].kept == kept
    assert (failed.autosave.kept, failed.controller.unsaved_steps) == (kept, 0)


def test_other_failures_have_their_dialog(qtbot, failed, runs):
    runs.trainer.error = RuntimeError("something else")
    fail(qtbot, failed)
    assert failed.errors.isVisible()
    failed.errors.close()


def test_an_autosave_of_the_run_before_is_no_good_state_of_this_one(qtbot, failed, runs):
    assert failed.autosave.save_now()
    qtbot.waitUntil(failed.autosave.checkpoint.exists, timeout=10_000)
    with qtbot.waitSignal(failed.controller.opened, timeout=10_000):
        failed.controller.open(OpenRun("next", small_config()))
    error = NonFiniteError("training step 1: the loss is not finite")
    runs.trainer.error, runs.trainer.fail_at = error, 1
    fail(qtbot, failed)
    words = [button.text() for button in failed.central.banner.buttons]
    assert not failed.autosave.checkpoint.exists(), "it was left on purpose"
    assert "Back to the last good state" not in words
