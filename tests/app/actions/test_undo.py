"""Undo of the last Apply: the window offers it while it can, asks before steps are lost, and tidies up."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from app.actions.dialogs import QuestionDialog
from app.run.commands import OpenRun
from app.run.undo_snapshot import undo_folder
from lattice.errors import CheckpointError, ConfigError
from lattice.runs.owner import this_process
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

SIZE = {"lattice.dimensions": (9, 9, 9)}


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


def undo(qtbot, window):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def seen(window):
    observation = window.display.observation
    return None if observation is None else (observation.sample, observation.dimensions)


def test_there_is_nothing_to_undo_before_an_apply_that_rebuilds(qtbot, window):
    action = window.actions_["undo_apply"]
    assert not action.isEnabled()
    assert "Nothing to undo" in action.toolTip()
    apply(qtbot, window, {"lattice.lattice_steps": 4})
    assert not action.isEnabled(), "an edit that acts at once is not worth it"
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
    assert "undone already" in action.toolTip()
    assert not button.isVisible()
    assert kept_files() == []


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


def test_losing_training_steps_is_asked_about(qtbot, make_window):
    window = make_window(asks=True)
    apply(qtbot, window, SIZE)
    train(qtbot, window, 2)
    window.actions_["undo_apply"].trigger()
    asked = window.findChild(QuestionDialog)
    assert "The 2 training steps done since then are lost." in asked.findChild(QLabel).text()
    asked.buttons["Cancel"].click()
    assert window.actions_["undo_apply"].isEnabled()
    window.actions_["undo_apply"].trigger()
    asked = next(dialog for dialog in window.findChildren(QuestionDialog) if dialog.isVisible())
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        asked.buttons["Undo"].click()
    assert window.controller.training_step == 0


def test_a_file_saved_in_between_holds_another_run(qtbot, window, tmp_path):
    train(qtbot, window, 2)
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run.safetensors")
    apply(qtbot, window, SIZE)
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run.safetensors")
    undo(qtbot, window)
    assert window.controller.unsaved_steps == 2


def test_only_the_last_apply_is_kept(qtbot, window):
    apply(qtbot, window, SIZE)
    first = kept_files()
    apply(qtbot, window, {"lattice.dimensions": (5, 5, 5)})
    assert len(kept_files()) == 1
    assert kept_files() != first
    undo(qtbot, window)
    assert window.controller.summary.config.lattice.dimensions == (9, 9, 9)


def test_an_apply_that_fails_leaves_the_last_undo(qtbot, window, runs):
    apply(qtbot, window, SIZE)
    kept = kept_files()
    runs.trainer.refuse_apply = ConfigError("no")
    with qtbot.waitSignal(window.controller.failed, timeout=10_000):
        window.controller.apply(small_config(lattice__dimensions=(5, 5, 5)))
    assert kept_files() == kept
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
