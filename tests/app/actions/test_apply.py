"""Apply asks first where the memory is not there or trained weights would be lost, in one question."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QLabel, QPushButton

from app.actions.dialogs import QuestionDialog
from app.run import estimator
from app.run.kept_files import undo_folder

pytestmark = pytest.mark.gl

SIZE = {"lattice.dimensions": (9, 9, 9)}


def question(window) -> QuestionDialog | None:
    found = [dialog for dialog in window.findChildren(QuestionDialog) if dialog.isVisible()]
    assert len(found) < 2
    return found[0] if found else None


def words(dialog: QuestionDialog) -> str:
    return dialog.findChild(QLabel).text()


def press_apply(window, changes) -> None:
    window.lattice.panel.form.take(changes)
    window.lattice.panel.bar.apply_button.click()


def applied_by(qtbot, window, button: QPushButton) -> None:
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        button.click()


@pytest.fixture
def asking(make_window):
    return make_window(asks=True)


@pytest.fixture
def trained(qtbot, asking):
    asking.controller.step_once()
    qtbot.waitUntil(lambda: asking.controller.unsaved_steps == 1, timeout=10_000)
    return asking


@pytest.fixture
def short_of_memory(monkeypatch):
    """Leave next to no memory free, beside what the present training steps take."""
    monkeypatch.setattr(estimator, "free_for_rollouts", lambda _device: 30_000)


def test_an_edit_that_loses_nothing_is_applied_at_once(qtbot, trained):
    with qtbot.waitSignal(trained.controller.applied, timeout=10_000):
        press_apply(trained, {"lattice.adaptive_radius_ratio": 0.6})
    assert question(trained) is None


def test_without_training_a_rebuild_is_applied_at_once(qtbot, asking):
    with qtbot.waitSignal(asking.controller.applied, timeout=10_000):
        press_apply(asking, SIZE)
    assert question(asking) is None


def test_a_rebuild_that_can_be_undone_asks_nothing(qtbot, trained):
    with qtbot.waitSignal(trained.controller.applied, timeout=10_000):
        press_apply(trained, SIZE)
    assert question(trained) is None
    assert trained.actions_["undo_apply"].isEnabled()


@pytest.fixture
def undo_full(monkeypatch, trained, runs):
    """No run can be kept for Undo, while files of one's own can be written."""
    save = runs.trainer.save

    def refuse(path):
        if path.parent == undo_folder():
            raise OSError(28, "No space left on device")
        save(path)

    monkeypatch.setattr(runs.trainer, "save", refuse)


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        (SIZE, "The trained input and output maps start again; the cells' weights stay."),
        ({"model.state_size": 7}, "All trained weights start again."),
    ],
)
def test_a_rebuild_that_can_not_be_undone_offers_to_save(qtbot, trained, runs, tmp_path, undo_full, changes, loss):
    press_apply(trained, changes)
    qtbot.waitUntil(lambda: question(trained) is not None, timeout=10_000)
    asked = question(trained)
    assert f"{loss} This can't be undone here: [Errno 28] No space left on device. Save it first?" in words(asked)
    assert "1 training step not saved" in words(asked)
    asked.buttons["Cancel"].click()
    qtbot.wait(50)
    assert "apply" not in runs.trainer.calls
    assert trained.lattice.panel.form.changes() == changes, "the edit waits"
    trained.saver.path = tmp_path / "run.safetensors"
    trained.lattice.panel.bar.apply_button.click()
    qtbot.waitUntil(lambda: question(trained) is not None, timeout=10_000)
    applied_by(qtbot, trained, question(trained).buttons["Save"])
    assert runs.trainer.calls.index("save") < runs.trainer.calls.index("apply")
    assert trained.lattice.panel.form.changes() == {}


def test_too_little_memory_is_asked_about_and_not_applying_is_the_default(qtbot, asking, runs, short_of_memory):
    press_apply(asking, SIZE)
    asked = question(asking)
    assert asked is not None
    assert asked.windowTitle() == "Not enough memory"
    assert "30 kB of memory are free" in words(asked)
    assert "may end Cellcube" in words(asked)
    assert "maps start again" not in words(asked), "nothing was trained"
    assert list(asked.buttons) == ["Apply anyway", "Don't apply"]
    assert [name for name, button in asked.buttons.items() if button.isDefault()] == ["Don't apply"]
    asked.buttons["Don't apply"].click()
    asking.lattice.panel.bar.apply_button.click()
    question(asking).reject()
    qtbot.wait(50)
    assert "apply" not in runs.trainer.calls
    asking.lattice.panel.bar.apply_button.click()
    applied_by(qtbot, asking, question(asking).buttons["Apply anyway"])


def test_both_reasons_are_one_question(qtbot, trained, runs, short_of_memory, tmp_path):
    press_apply(trained, SIZE)
    asked = question(trained)
    assert asked is not None
    assert "of memory are free" in words(asked)
    assert "maps start again; the cells' weights stay. There is 1 training step not saved." in words(asked)
    assert list(asked.buttons) == ["Apply anyway", "Save, then apply", "Don't apply"]
    assert asked.buttons["Don't apply"].isDefault()
    trained.saver.path = tmp_path / "run.safetensors"
    applied_by(qtbot, trained, asked.buttons["Save, then apply"])
    assert runs.trainer.calls.index("save") < runs.trainer.calls.index("apply")
    assert question(trained) is None


def test_a_window_that_asks_nothing_applies(qtbot, window, short_of_memory):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        press_apply(window, SIZE)
