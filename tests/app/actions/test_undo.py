"""Undo and redo of applied edits: several levels, both panels, no training step lost, no file left behind."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from app.run.commands import OpenRun
from app.run.kept_files import undo_folder
from lattice.config import flat_settings
from lattice.errors import CheckpointError, ConfigError
from lattice.runs.owner import this_process
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

SIZE = {"lattice.dimensions": (9, 9, 9)}
RATE = "optimizer.learning_rate"


def kept_files():
    return sorted(undo_folder().glob("*")) if undo_folder().exists() else []


def train(qtbot, window, steps):
    for _ in range(steps):
        with qtbot.waitSignal(window.controller.stepped, timeout=10_000):
            window.controller.step_once()


def apply(qtbot, window, changes):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.lattice.panel.form.take(changes)
        window.lattice.panel.bar.apply_button.click()


def undo(qtbot, window, modifiers=Qt.KeyboardModifier.ControlModifier):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        qtbot.keyClick(window, Qt.Key.Key_Z, modifiers)


def redo(qtbot, window):
    undo(qtbot, window, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)


def seen(window):
    observation = window.display.observation
    return None if observation is None else (observation.sample, observation.dimensions)


def setting(window, key):
    return dict(flat_settings(window.controller.summary.config))[key]


def test_a_live_edit_is_undone_and_redone_while_training_steps_stay(qtbot, window):
    action, again = window.actions_["undo_apply"], window.actions_["redo_apply"]
    assert not action.isEnabled()
    assert "no edit was applied" in action.toolTip()
    before = setting(window, RATE)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.training_panel.form.take({RATE: 0.001})
        window.training_panel.bar.apply_button.click()
    assert kept_files() == [], "settings that act at once need no weights"
    assert "learning rate 0.001" in action.toolTip()
    assert window.training_panel.bar.undo_button.text() == action.text()
    train(qtbot, window, 2)
    undo(qtbot, window)
    assert setting(window, RATE) == before
    assert window.controller.training_step == 2
    assert window.curves.history.last_step() == 2
    assert not action.isEnabled()
    assert again.isEnabled()
    redo(qtbot, window)
    assert setting(window, RATE) == 0.001
    assert not again.isEnabled()
    assert window.training_panel.form.changes() == {}


def test_edits_of_both_panels_are_undone_in_turn_and_applied_again(qtbot, window):
    apply(qtbot, window, {"lattice.lattice_steps": 4})
    train(qtbot, window, 1)
    apply(qtbot, window, SIZE)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.training_panel.form.take({RATE: 0.001})
        window.training_panel.bar.apply_button.click()
    assert "2 edits before it" in window.actions_["undo_apply"].toolTip()
    last = window.controller.summary.config
    train(qtbot, window, 2)
    trained = window.curves.to_arrays()["loss.total/x"].tolist()
    for _ in range(3):
        undo(qtbot, window)
    assert setting(window, "lattice.lattice_steps") == 3
    assert setting(window, "lattice.dimensions") == (4, 4, 4)
    assert window.controller.training_step == 1, "the run from before the new size"
    assert not window.actions_["undo_apply"].isEnabled()
    for _ in range(3):
        redo(qtbot, window)
    assert window.controller.summary.config == last
    assert window.controller.training_step == 3, "the steps that were left are here again"
    assert window.curves.to_arrays()["loss.total/x"].tolist() == trained
    assert len(kept_files()) == 1


def test_a_new_edit_ends_what_can_be_applied_again(qtbot, window):
    apply(qtbot, window, SIZE)
    undo(qtbot, window)
    assert len(kept_files()) == 1
    apply(qtbot, window, {"lattice.lattice_steps": 4})
    assert not window.actions_["redo_apply"].isEnabled()
    assert kept_files() == []


def test_undo_brings_back_step_settings_curves_and_sample(qtbot, window):
    train(qtbot, window, 3)
    window.display.watch(7)
    qtbot.waitUntil(lambda: seen(window) == (7, (4, 4, 4)), timeout=10_000)
    curves, before = window.curves.to_arrays(), window.controller.summary.config
    name, path = window.controller.summary.name, window.controller.summary.checkpoint
    apply(qtbot, window, SIZE)
    action, button = window.actions_["undo_apply"], window.lattice.panel.bar.undo_button
    assert action.isEnabled(), action.toolTip()
    assert "size 9\N{SUPERSCRIPT THREE}" in action.toolTip()
    assert "training step 3" in action.toolTip()
    assert button.isVisible()
    assert button.toolTip() == action.toolTip()
    assert len(kept_files()) == 1
    train(qtbot, window, 2)
    window.display.watch(9)
    undo(qtbot, window)
    assert window.controller.summary.config == before
    assert (window.controller.summary.name, window.controller.summary.checkpoint) == (name, path)
    assert window.controller.training_step == window.controller.summary.training_step == 3
    assert window.controller.unsaved_steps == 3
    assert window.lattice.panel.form.changes() == {}
    assert window.lattice.panel.form.config == before
    after = window.curves.to_arrays()
    assert after.keys() == curves.keys()
    assert all(np.array_equal(after[key], curves[key]) for key in curves)
    assert window.display.sample == 7
    qtbot.waitUntil(lambda: seen(window) == (7, (4, 4, 4)), timeout=10_000)
    assert not action.isEnabled()
    assert not button.isVisible()
    assert "Redo brings back the one that was left at 5" in window.status.facts_label.full_text


def test_curves_kept_for_undo_stay_within_their_memory_and_the_runs_stay(qtbot, window, monkeypatch, caplog):
    train(qtbot, window, 2)
    kept = []
    for side in (5, 6, 7):
        kept.append(sum(array.nbytes for array in window.curves.to_arrays().values()))
        monkeypatch.setattr(window.undo, "_budget", sum(kept[1:]) + kept[0] // 2)
        apply(qtbot, window, {"lattice.dimensions": (side, side, side)})
    assert "The curves of 1 older run are no longer kept for Undo" in caplog.text
    undo(qtbot, window)
    undo(qtbot, window)
    assert window.curves.history.last_step() == 2
    undo(qtbot, window)
    assert setting(window, "lattice.dimensions") == (4, 4, 4), "the oldest run is kept"
    assert window.controller.training_step == 2
    assert window.curves.to_arrays().keys() == {"marks"}, "but not its curves"
    assert "but for its curves: those of all kept runs would take more than" in window.status.facts_label.full_text
    train(qtbot, window, 1)
    assert window.curves.history.last_step() == 3


def test_the_link_gives_way_to_new_edits(qtbot, window):
    apply(qtbot, window, SIZE)
    bar = window.lattice.panel.bar
    window.lattice.panel.form.take({"lattice.dimensions": (5, 5, 5)})
    assert not bar.undo_button.isVisible()
    bar.revert_button.click()
    assert bar.undo_button.isVisible()
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        bar.undo_button.click()
    assert window.controller.summary.config.lattice.dimensions == (4, 4, 4)


def test_a_file_saved_in_between_holds_another_run(qtbot, window, tmp_path):
    train(qtbot, window, 2)
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run.safetensors")
    apply(qtbot, window, SIZE)
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run.safetensors")
    undo(qtbot, window)
    assert window.controller.unsaved_steps == 2


def test_what_is_kept_stays_within_its_budget_and_what_goes_is_told(qtbot, window, monkeypatch):
    monkeypatch.setattr(window.controller._worker.active.undo, "_budget", 1)
    apply(qtbot, window, {"lattice.lattice_steps": 4})
    apply(qtbot, window, SIZE)
    apply(qtbot, window, {"lattice.dimensions": (5, 5, 5)})
    assert len(kept_files()) == 1, "the newest is kept whatever its size"
    assert "2 older edits can no longer be undone" in window.status.facts_label.full_text
    undo(qtbot, window)
    assert window.controller.summary.config.lattice.dimensions == (9, 9, 9)
    assert not window.actions_["undo_apply"].isEnabled()


def test_an_apply_that_fails_leaves_the_last_undo(qtbot, window, runs):
    apply(qtbot, window, SIZE)
    kept = kept_files()
    runs.trainer.refuse_apply = ConfigError("no")
    with qtbot.waitSignal(window.controller.failed, timeout=10_000):
        window.controller.apply(small_config(lattice__dimensions=(5, 5, 5)))
    assert kept_files() == kept
    runs.trainer.refuse_apply = None
    undo(qtbot, window)
    assert window.controller.summary.config.lattice.dimensions == (4, 4, 4)


@pytest.mark.parametrize("leave", ["open", "reset"])
def test_another_run_has_nothing_to_undo(qtbot, window, leave):
    apply(qtbot, window, SIZE)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        if leave == "open":
            window.controller.open(OpenRun("other", small_config()))
        else:
            window.controller.reset()
    assert not window.actions_["undo_apply"].isEnabled()
    assert kept_files() == []


def test_closing_leaves_no_file(qtbot, window):
    apply(qtbot, window, SIZE)
    assert kept_files()
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible() and not window.controller.running, timeout=20_000)
    assert kept_files() == []


def test_a_run_that_can_not_be_kept_is_applied_and_told(qtbot, window, runs, monkeypatch):
    def full(_path):
        raise CheckpointError("no room left on the disk")

    apply(qtbot, window, SIZE)
    monkeypatch.setattr(runs.trainer, "save", full)
    apply(qtbot, window, {"lattice.dimensions": (5, 5, 5)})
    assert window.controller.summary.config.lattice.dimensions == (5, 5, 5)
    assert not window.actions_["undo_apply"].isEnabled()
    assert "no room left on the disk" in window.actions_["undo_apply"].toolTip()
    assert "no room left on the disk" in window.status.facts_label.full_text
    assert kept_files() == []


def test_what_can_not_be_brought_back_leaves_the_present_run(qtbot, window):
    apply(qtbot, window, SIZE)
    kept_files()[0].write_bytes(b"not a checkpoint")
    with qtbot.waitSignal(window.controller.failed, timeout=10_000) as failed:
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert failed.args[0].title == "The last Apply can't be undone"
    assert window.controller.summary.config.lattice.dimensions == (9, 9, 9)
    window.errors.close()


def test_files_of_programs_that_are_gone_are_deleted(qtbot, window):
    undo_folder().mkdir(parents=True, exist_ok=True)
    place, _, _ = this_process().tag.partition("-")
    stale = undo_folder() / f"run-{place}-999999999-1.1.safetensors"
    stale.write_bytes(b"")
    apply(qtbot, window, SIZE)
    assert not stale.exists()
    assert len(kept_files()) == 1


def test_a_run_that_can_not_be_kept_is_not_left(qtbot, window, runs, monkeypatch):
    def full(_path):
        raise CheckpointError("no room left on the disk")

    apply(qtbot, window, SIZE)
    monkeypatch.setattr(runs.trainer, "save", full)
    with qtbot.waitSignal(window.controller.failed, timeout=10_000) as failed:
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert failed.args[0].what == "no room left on the disk"
    assert window.controller.summary.config.lattice.dimensions == (9, 9, 9)
    assert window.actions_["undo_apply"].isEnabled()
    window.errors.close()
