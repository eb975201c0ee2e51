"""Autosave: what is saved when, and how a crash is told from a clean end."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.leftovers import autosave_folder, find_leftovers
from tests.app.fakes import small_config


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


def test_a_crash_is_found_by_its_note(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    started = psutil.Process(process.pid).create_time()
    process.wait()
    told = json.loads(autosave.note.read_text())
    autosave.note.write_text(json.dumps(told | {"pid": process.pid, "started": started}))
    (leftover,) = find_leftovers()
    assert (leftover.name, leftover.training_step, leftover.checkpoint) == ("small", 1, autosave.checkpoint)
    leftover.discard()
    assert find_leftovers() == []
    autosave.close(clean=False)


def test_a_reused_process_id_is_not_the_same_program(qtbot, controller):
    autosave = Autosave(controller)
    autosaved(qtbot, controller, autosave)
    told = json.loads(autosave.note.read_text())
    autosave.note.write_text(json.dumps(told | {"pid": os.getpid(), "started": told["started"] - 1000}))
    assert len(find_leftovers()) == 1
    autosave.close(clean=True)


def test_the_clock(qtbot, controller):
    autosave = Autosave(controller)
    autosave.set_minutes(3)
    assert autosave._timer.isActive()
    assert autosave._timer.interval() == 180_000
    autosave.set_minutes(0)
    assert not autosave._timer.isActive()
