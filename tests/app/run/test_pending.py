"""Answers find who asked: by token, once, whatever the order, and by no text."""

import threading

import pytest

from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.messages import Answered, Failed, GivenUp
from app.run.pending import PendingRequests
from tests.app.fakes import FakeRuns, small_config


def test_answers_in_any_order_find_their_callbacks_once():
    pending, heard = PendingRequests(), []
    tokens = [
        pending.add(
            lambda result, name=name: heard.append((name, result)), lambda why, name=name: heard.append((name, why))
        )
        for name in "abc"
    ]
    failure = Failed("Can't", "", "", "", token=tokens[1])
    for message in (GivenUp(tokens[2]), failure, Answered(tokens[0], 5), Answered(tokens[0], 6), failure):
        pending.resolve(message)
    assert heard == [("c", None), ("b", failure), ("a", 5)]


def test_nobody_waits_by_token_0_and_after_the_end():
    pending, heard = PendingRequests(), []
    assert pending.add(None, None) == 0
    token = pending.add(heard.append, heard.append)
    pending.clear()
    pending.resolve(Answered(0, 1))
    pending.resolve(Answered(token, 1))
    assert heard == []


@pytest.fixture
def controller(qtbot):
    controller = RunController(FakeRuns())
    controller.launch()
    yield controller
    assert controller.shut_down()


def test_two_runs_of_one_name_are_told_apart(qtbot, controller):
    heard = []
    for steps in (5, 6):
        controller.open(
            OpenRun("small", small_config(lattice__lattice_steps=steps)),
            lambda summary, steps=steps: heard.append((steps, summary.config.lattice.lattice_steps)),
        )
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    assert heard == [(5, 5), (6, 6)]


def test_a_run_that_fails_is_not_taken_for_another_of_its_name(qtbot, controller, tmp_path):
    heard = []
    bad = tmp_path / "run.safetensors"
    bad.write_bytes(b"damaged")
    controller.open(
        OpenRun("run", checkpoint=bad), lambda _: heard.append("opened"), lambda why: heard.append(why.what)
    )
    controller.open(OpenRun("run", small_config()), lambda _: heard.append("second"))
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    assert heard == [f"{bad} is no checkpoint", "second"]


def test_a_failing_save_leaves_one_that_waits_alone(qtbot, controller, script, tmp_path):
    heard, held = [], threading.Event()
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("small", small_config()))
    (tmp_path / "file").touch()
    controller.request(script.question(lambda _trainer: held.wait(5)))
    # Both files have the same name.
    for folder in ("file", "folder"):
        path = tmp_path / folder / "run.safetensors"
        controller.save(path, done=heard.append, failed=lambda failure: heard.append(failure.title))
    assert heard == []
    held.set()
    qtbot.waitUntil(lambda: len(heard) == 2, timeout=10_000)
    assert heard == ["Can't save run.safetensors", tmp_path / "folder" / "run.safetensors"]


def test_a_cancelled_opening_is_told_as_such_and_signals_come_before_callbacks(qtbot, controller):
    heard = []
    controller._worker.active.factory.open_seconds = 20.0
    controller.open(OpenRun("slow", small_config()), heard.append, heard.append)
    qtbot.waitUntil(lambda: controller.state == "loading", timeout=10_000)
    with qtbot.waitSignal(controller.progressed, timeout=10_000):
        pass
    controller.cancel()
    qtbot.waitUntil(lambda: heard == [None], timeout=10_000)
    controller._worker.active.factory.open_seconds = 0.0
    controller.opened.connect(lambda _summary: heard.append("signal"))
    controller.failed.connect(lambda _failure: heard.append("failed"))
    controller.open(OpenRun("quick", small_config()), lambda _summary: heard.append("callback"))
    qtbot.waitUntil(lambda: len(heard) == 3, timeout=10_000)
    assert heard == [None, "signal", "callback"]
