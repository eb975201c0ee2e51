"""What is kept for Undo is told apart from what killed programs kept."""

import dataclasses

import pytest

from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.kept_files import undo_folder
from lattice.runs.owner import this_process
from tests.app.fakes import FakeRuns, small_config


@pytest.fixture
def controller(qtbot):
    controller = RunController(FakeRuns())
    controller.launch()
    yield controller
    assert controller.shut_down(10_000)


def test_what_a_killed_program_kept_goes_when_a_run_is_opened(qtbot, controller):
    gone = dataclasses.replace(this_process(), started="0")
    undo_folder().mkdir(parents=True)
    left, own = (undo_folder() / f"run-{process.tag}.2.safetensors" for process in (gone, this_process()))
    for path in (left, own):
        path.write_bytes(b"weights")
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("small", small_config()))
    assert list(undo_folder().iterdir()) == [own]
