"""A run that diverges says so in the window until somebody answers, and offers the state from before."""

from __future__ import annotations

import numpy as np
import pytest

from app.run.kept_files import sound_folder
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

RATE = "optimizer.learning_rate"


def train(qtbot, window, steps=1, ratio=1.0):
    window.controller._worker.active.need_trainer().loss_ratio = ratio
    for _ in range(steps):
        with qtbot.waitSignal(window.controller.stepped, timeout=10_000):
            window.controller.step_once()
        qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)


def apply(qtbot, window, changes):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.training_panel.form.take(changes)
        window.training_panel.bar.apply_button.click()


@pytest.fixture(autouse=True)
def only_edits_keep(monkeypatch):
    """However long a test takes, no state is kept because it is time."""
    for name in ("LEAST_SECONDS", "MOST_SECONDS"):
        monkeypatch.setattr(f"app.run.sound_state.{name}", 3600.0)


@pytest.fixture
def diverged(qtbot, window):
    """A window whose run diverged at training step 6, three after a higher learning rate was applied at step 3."""
    train(qtbot, window, 3)
    apply(qtbot, window, {RATE: 1.0})
    train(qtbot, window, 2)
    qtbot.waitUntil(lambda: window.controller.sound_step == 3, timeout=10_000)
    train(qtbot, window, ratio=2000.0)
    return window


def words(window):
    return [button.text() for button in window.central.alarm.buttons]


def press(window, text):
    next(button for button in window.central.alarm.buttons if button.text() == text).click()


def test_the_notice_stands_and_the_state_word_says_diverged(qtbot, diverged):
    alarm, status = diverged.central.alarm, diverged.status.state_label
    assert alarm.isVisible()
    assert "as it was at training step 3" in diverged.actions_["go_back"].toolTip()
    assert alarm.label.text() == (
        "Training step 6 diverged: the loss is 2,000 times its best. "
        "Going back to step 3 gives up 3 training steps; Undo brings them back."
    )
    assert words(diverged) == ["Go back to step 3", "Go on"]
    assert (status.text(), status.property("role")) == ("Paused, diverged", "warning")
    assert "Run > Go back to the last sound state" in status.toolTip()
    diverged.central.banner.say("something else")
    train(qtbot, diverged, ratio=1500.0)
    assert alarm.isVisible()
    assert "gives up 4 training steps" in alarm.label.text()
    train(qtbot, diverged)
    assert "The loss is back below that at training step 8." in alarm.label.text()
    assert status.text() == "Paused"
    assert diverged.controller.sound_step == 3, "nobody decided yet"


def test_going_back_brings_weights_settings_and_curves_back_and_undo_what_was_left(qtbot, diverged):
    window = diverged
    axes = window.display.colors.colorizer.axes
    axes.update(1e6 * axes.axes.T.astype(np.float32))
    assert [mark.training_step for mark in window.curves.history.marks] == [3, 6]
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        press(window, "Go back to step 3")
    assert axes.scale.max() < 1e3, "the colours of the diverged run would make all cells alike"
    assert window.curves.history.marks == [], "the learning rate is what it was before the edit at step 3"
    controller = window.controller
    assert controller.training_step == 3
    assert controller.summary.config.optimizer.learning_rate != 1.0
    assert window.training_panel.form.changes() == {}
    assert window.curves.history.last_step("loss.total") == 3
    assert not window.central.alarm.isVisible()
    assert window.status.state_label.text() == "Paused"
    assert controller.unsaved_steps == 3
    assert window.status.facts_label.full_text.startswith("The run is as it was at training step 3, with the settings")
    assert "Undo going back from training step 6" in window.actions_["undo_apply"].toolTip()
    assert controller.sound_step == 3, "it can be gone back to again"
    with qtbot.waitSignal(controller.applied, timeout=10_000):
        window.undo.undo()
    assert controller.training_step == 6
    assert controller.summary.config.optimizer.learning_rate == 1.0
    assert window.curves.history.last_step("loss.total") == 6
    assert window.curves.history.marks[-1].text.startswith("diverged: ")


def test_going_back_that_fails_leaves_the_notice(qtbot, diverged, monkeypatch):
    active = diverged.controller._worker.active
    active.sound.kept.checkpoint.write_bytes(b"damaged")
    press(diverged, "Go back to step 3")
    qtbot.waitUntil(diverged.errors.isVisible, timeout=10_000)
    assert diverged.errors.windowTitle() == "The run can't go back"
    diverged.errors.close()
    qtbot.waitUntil(diverged.central.alarm.isVisible, timeout=10_000)
    assert diverged.controller.training_step == 6


def test_going_back_ends_the_curves_there_also_where_the_run_that_is_left_cannot_be_kept(qtbot, diverged, monkeypatch):
    def refuse(*_arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr("app.run.undo_history.keep_run", refuse)
    with qtbot.waitSignal(diverged.controller.applied, timeout=10_000):
        press(diverged, "Go back to step 3")
    assert diverged.curves.history.last_step("loss.total") == 3
    assert diverged.controller.unsaved_steps == 3
    assert diverged.status.facts_label.full_text == "Going back can't be undone: the disk is full"
    assert not diverged.actions_["undo_apply"].isEnabled()


def test_closing_the_notice_is_going_on_and_a_later_sound_state_takes_its_place(qtbot, diverged):
    diverged.central.alarm._close.click()
    assert not diverged.central.alarm.isVisible()
    train(qtbot, diverged, 2)
    apply(qtbot, diverged, {RATE: 0.001})
    train(qtbot, diverged)
    qtbot.waitUntil(lambda: diverged.controller.sound_step == 8, timeout=10_000)
    assert len(list(sound_folder().glob("*"))) == 1
    train(qtbot, diverged, 2)
    with qtbot.waitSignal(diverged.controller.applied, timeout=10_000):
        diverged.undo.undo()
    said = "Undone: learning rate 0.001. The setting is back, not the weights: they stay as trained in 3 training steps"
    assert diverged.status.facts_label.full_text == f"{said} since."
    assert diverged.central.alarm.label.text() == f"{said} since. Those of training step 8 are kept."
    assert words(diverged) == ["Go back to step 8", "Leave it so"]
    press(diverged, "Leave it so")
    assert diverged.controller.training_step == 11


def test_a_pause_that_the_settings_request_is_told_and_that_nothing_is_kept(qtbot, make_window):
    window = make_window(config=small_config(training_embedding__on_divergence="pause"))
    action = window.actions_["go_back"]
    assert not action.isEnabled()
    assert action.toolTip().startswith("No earlier state of this run is kept")
    window.controller._worker.active.need_trainer().loss_ratio = 5000.0
    with qtbot.waitSignal(window.controller.stepped, timeout=10_000):
        window.controller.start()
    qtbot.waitUntil(lambda: window.status.state_label.text() == "Paused, diverged", timeout=10_000)
    assert window.central.alarm.label.text() == (
        "Training step 1 diverged: the loss is 5,000 times its best. Training is paused, as the settings request. "
        "No state from before it is kept: lower the learning rate, then reset the run or open a checkpoint."
    )
    assert words(window) == ["Go on"]
