"""Autosave: what is saved when, and how a crash is told from a clean end."""

import json
import os
import time

import pytest

from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.kept_files import autosave_folder, autosave_folders
from app.run.leftovers import find_leftovers, find_lost_runs
from lattice.runs.held_lock import SILENT_SECONDS
from tests.app.fakes import FakeTrainer, small_config


@pytest.fixture
def controller(qtbot, runs):
    controller = RunController(runs)
    controller.launch()
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("small", small_config()))
    yield controller
    assert controller.shut_down(10_000)


def autosaved(qtbot, controller, autosave):
    controller.step_once()
    qtbot.waitUntil(lambda: controller.unsaved_steps >= 1, timeout=10_000)
    with qtbot.waitSignal(controller.saved, timeout=10_000):
        assert autosave.save_now()


def test_saves_only_what_moved_on(qtbot, controller):
    autosave = Autosave(controller)
    assert not autosave.save_now()
    autosaved(qtbot, controller, autosave)
    assert not autosave.save_now()
    assert controller.unsaved_steps == 1


def test_a_clean_end_leaves_nothing(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    assert autosave.checkpoint.exists()
    assert find_leftovers() == []
    autosave.close(clean=True)
    assert list(autosave_folder().iterdir()) == []


def test_a_run_that_was_left_is_not_offered_after_a_crash_of_the_next(qtbot, controller):
    autosave = Autosave(controller)
    autosave.set_minutes(5)
    autosaved(qtbot, controller, autosave)
    assert autosave.checkpoint.exists()
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("next", small_config()))
    rewrite_owner(autosave.note, pid=2**22 + 1)
    assert find_leftovers() == []
    (lost,) = find_lost_runs()
    assert (lost.name, lost.checkpoint, lost.training_step) == ("next", None, 0)
    autosave.close(clean=True)


def test_the_note_names_the_file_that_holds_the_run(qtbot, controller, tmp_path):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    file = tmp_path / "kept.safetensors"
    with qtbot.waitSignal(controller.saved, timeout=10_000):
        controller.save(file)
    autosave.checkpoint.unlink()
    rewrite_owner(autosave.note, pid=2**22 + 1)
    (lost,) = find_lost_runs()
    assert (lost.name, lost.checkpoint, lost.training_step) == ("kept.safetensors", file, 1)
    autosave.close(clean=True)


def test_a_file_that_holds_another_course_is_no_longer_the_run_s(qtbot, controller, tmp_path):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    with qtbot.waitSignal(controller.saved, timeout=10_000):
        controller.save(tmp_path / "kept.safetensors")
    assert autosave.kept == (tmp_path / "kept.safetensors", 1)
    controller.unsaved_steps = 1  # as the undo of an edit leaves it that was saved with
    assert autosave.kept is None
    autosave.close(clean=True)


def rewrite_owner(note, **changes):
    """Make a lock that of another process."""
    told = json.loads(note.read_text())
    note.write_text(json.dumps(told | {"owner": told["owner"] | changes}))


def test_a_crash_is_found_by_its_lock(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    rewrite_owner(autosave.note, pid=2**22 + 1)  # above the largest id that Linux gives
    (leftover,) = find_leftovers()
    assert (leftover.name, leftover.training_step, leftover.checkpoint) == ("small", 1, autosave.checkpoint)
    leftover.discard()
    assert find_leftovers() == []
    autosave.close(clean=False)


def test_an_end_by_a_signal_is_told_from_a_crash(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    rewrite_owner(autosave.note, started="1")
    assert [leftover.by_signal for leftover in find_leftovers()] == [False]
    autosave.close(clean=False)
    rewrite_owner(autosave.note, started="1")
    assert [(leftover.name, leftover.by_signal) for leftover in find_leftovers()] == [("small", True)]


def test_a_process_id_that_is_used_again_is_not_the_same_program(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    rewrite_owner(autosave.note, started="1")
    assert len(find_leftovers()) == 1
    autosave.close(clean=True)


def test_a_window_in_another_container_is_seen_by_its_heartbeat(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    rewrite_owner(autosave.note, namespace="pid:[1]", pid=1)
    assert find_leftovers() == []
    silent = autosave.note.stat().st_mtime - SILENT_SECONDS - 5
    os.utime(autosave.note, (silent, silent))
    assert len(find_leftovers()) == 1
    autosave.close(clean=False)


def test_windows_of_one_process_keep_apart(controller):
    assert Autosave(controller).checkpoint != Autosave(controller).checkpoint


def test_autosaves_without_a_lock_are_found_and_locks_without_an_autosave_are_not(tmp_path):
    FakeTrainer(small_config()).save(tmp_path / "orphan.safetensors")
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text("{")
    long_ago = time.time() - 10 * SILENT_SECONDS
    os.utime(tmp_path / "b.json", (long_ago, long_ago))
    assert [leftover.name for leftover in find_leftovers(tmp_path)] == ["orphan"]
    assert find_lost_runs(tmp_path) == []
    assert (tmp_path / "a.json").exists(), "its owner may be about to write"
    assert not (tmp_path / "b.json").exists()


def test_an_autosave_that_fails_goes_to_the_temporary_folder_and_says_so(qtbot, controller, caplog):
    autosave = Autosave(controller)
    autosave_folder().parent.mkdir(parents=True, exist_ok=True)
    autosave_folder().write_text("a file in the way")
    controller.step_once()
    qtbot.waitUntil(lambda: controller.unsaved_steps >= 1, timeout=10_000)
    ended = []
    with qtbot.waitSignal(controller.failed, timeout=10_000) as failed:
        assert autosave.save_now(then=lambda: ended.append(autosave.checkpoint))
    assert failed.args[0].title == "The autosave failed"
    qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    assert ended == [autosave_folders()[1] / autosave.checkpoint.name]
    assert ended[0].exists()
    assert "The autosave failed in" in caplog.text
    autosave.close(clean=True)
    assert not ended[0].exists()


def test_what_waits_for_an_autosave_goes_on_when_it_fails_everywhere(qtbot, controller, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("app.run.autosave.autosave_folders", lambda: (tmp_path / "file", tmp_path / "file" / "b"))
    autosave = Autosave(controller)
    controller.step_once()
    qtbot.waitUntil(lambda: controller.unsaved_steps >= 1, timeout=10_000)
    ended = []
    autosave.save_now(then=lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    autosave.close(clean=True)


def test_the_clock(qtbot, controller):
    autosave = Autosave(controller)
    autosave.set_minutes(3)
    assert autosave._timer.isActive()
    assert autosave._timer.interval() == 180_000
    autosave.set_minutes(0)
    assert not autosave._timer.isActive()


def test_at_an_end_a_run_that_was_not_trained_leaves_nothing(qtbot, controller):
    autosave = Autosave(controller)
    autosave._on_opened(controller.summary)
    ended = []
    assert autosave.save_now(then=lambda: ended.append(autosave.checkpoint.exists()))
    qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    autosave.close(clean=False)
    assert ended == [True]
    assert not autosave.checkpoint.exists()


def test_the_autosave_of_a_run_that_was_left_is_gone_and_that_of_one_gone_back_to_stays(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    assert autosave.checkpoint.exists()
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("back", checkpoint=autosave.checkpoint, recovered=True))
    assert autosave.checkpoint.exists()
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("another", small_config()))
    assert not autosave.checkpoint.exists()
    autosave.close(clean=True)
    assert list(autosave_folder().iterdir()) == []
