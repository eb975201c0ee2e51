"""The first run is put on screen in turns: what the worker reports meanwhile waits, and training begins after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.run.commands import Evaluate, Start
from app.run.controller import RunController
from app.run.messages import Answered, Opened, StateChanged, StepsDone
from app.run.summary import RunSummary
from tests.app.fakes import FakeRuns, FakeTrainer, small_config
from tests.app.reports import step_report


class Heard:
    """A controller without a worker's thread, and what is heard of it."""

    def __init__(self) -> None:
        self.controller = RunController(FakeRuns())
        self.done: list[str] = []
        self.controller.opened.connect(self.opened)
        self.controller.stepped.connect(lambda _message: self.done.append("stepped"))
        self.controller.state_changed.connect(self.done.append)

    def opened(self, _summary: RunSummary) -> None:
        self.done.append("opened")
        for name in ("first panel", "second panel"):
            self.controller.turns.do(lambda name=name: self.done.append(name))  # type: ignore[misc]

    def open(self, *, start: bool) -> None:
        trainer = FakeTrainer(small_config())
        self.controller._deliver(Opened(FakeRuns().summarise(trainer, "small", None), start))

    def commands(self) -> list[type]:
        return [type(command) for command in self.controller._queue.take(wait=False)]


@pytest.fixture
def heard(qapp: object) -> Iterator[Heard]:
    heard = Heard()
    yield heard
    assert heard.controller.shut_down()


def test_messages_wait_for_the_panels_and_keep_their_order(qtbot: QtBot, heard: Heard) -> None:
    heard.open(start=True)
    heard.controller._deliver(StepsDone((step_report(1),), 2.0))
    heard.controller._deliver(StateChanged("training"))
    assert heard.done == ["opened"]
    assert heard.commands() == [], "training begins once the run is on screen"
    qtbot.waitUntil(lambda: not heard.controller.turns.waiting)
    assert heard.done == ["opened", "first panel", "second panel", "stepped", "training"]
    assert heard.commands() == [Start]


def test_what_a_second_run_reports_waits_for_its_panels_too(qtbot: QtBot, heard: Heard) -> None:
    heard.open(start=False)
    heard.controller._deliver(StateChanged("paused"))
    heard.open(start=True)
    heard.controller._deliver(StepsDone((step_report(1),), 2.0))
    qtbot.waitUntil(lambda: not heard.controller.turns.waiting)
    shown = ["opened", "first panel", "second panel"]
    assert heard.done == [*shown, "paused", *shown, "stepped"]
    assert heard.commands() == [Start]


@pytest.mark.parametrize("request_pause", [RunController.pause, RunController.step_once])
def test_a_run_that_was_paused_before_it_is_on_screen_is_not_trained_and_shown_as_paused(
    qtbot: QtBot, heard: Heard, request_pause: Callable[[RunController], None]
) -> None:
    heard.open(start=True)
    request_pause(heard.controller)
    heard.commands()
    heard.controller._deliver(StateChanged("paused"))
    qtbot.waitUntil(lambda: not heard.controller.turns.waiting)
    assert heard.commands() == []
    assert heard.done[-1] == heard.controller.state == "paused"


def test_a_later_run_is_shown_at_once(qtbot: QtBot, heard: Heard) -> None:
    heard.open(start=False)
    qtbot.waitUntil(lambda: not heard.controller.turns.waiting)
    heard.done.clear()
    heard.open(start=True)
    assert heard.done == ["opened", "first panel", "second panel"]
    assert heard.commands() == [Start]


def test_what_waits_when_the_window_closes_is_not_shown(qtbot: QtBot, heard: Heard) -> None:
    heard.open(start=True)
    heard.controller.stop()
    qtbot.wait(5)
    assert heard.done == ["opened"]


def test_a_run_that_is_ready_after_the_end_begins_no_turns(heard: Heard) -> None:
    answered: list[object] = []
    token = heard.controller.request(Evaluate(), answered.append)
    heard.controller.stop()
    heard.open(start=False)
    heard.controller._deliver(Answered(token, None))
    assert not heard.controller.turns.waiting
    assert answered == [], "what was requested is let go"
