"""Only the newest request brings a result, and nothing is left running."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.platform.latest_job import LatestJob


def held_up(latest: LatestJob) -> threading.Event:
    """Ask for work that brings 0 and has begun when this returns; it ends once the event is set."""
    gate, begun = threading.Event(), threading.Event()

    def first() -> int:
        begun.set()
        gate.wait(5)
        return 0

    latest.ask(first)
    begun.wait(5)
    return gate


def test_waiting_requests_are_replaced(qtbot: QtBot) -> None:
    latest = LatestJob()
    seen: list[object] = []
    ran: list[int] = []
    latest.done.connect(seen.append)
    gate = held_up(latest)
    for number in range(1, 6):
        latest.ask(lambda number=number: ran.append(number) or number)
    gate.set()
    qtbot.waitUntil(lambda: seen == [5])
    assert ran == [5]
    latest.close()


def test_forgotten_work_brings_nothing(qtbot: QtBot) -> None:
    latest = LatestJob()
    gate = threading.Event()
    with qtbot.assertNotEmitted(latest.done, wait=50):
        latest.ask(lambda: gate.wait(5))
        latest.forget()
        gate.set()
    latest.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "latest"]


def test_errors_are_logged_and_the_next_request_works(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    latest = LatestJob()

    def broken() -> None:
        raise ValueError("no such lattice")

    latest.ask(broken)
    qtbot.waitUntil(lambda: "a preview could not be computed: ValueError: no such lattice" in caplog.text)
    with qtbot.waitSignal(latest.done) as caught:
        latest.ask(lambda: 42)
    assert caught.args == [42]
    latest.close()


def test_overtaken_work_may_be_brought_too_in_order(qtbot: QtBot) -> None:
    latest = LatestJob(overtaken=True)
    seen: list[object] = []
    latest.done.connect(seen.append)
    gate = held_up(latest)
    latest.ask(lambda: 1)
    latest.ask(lambda: 2)
    gate.set()
    qtbot.waitUntil(lambda: seen == [0, 2])
    latest.ask(lambda: 3)
    latest.forget()
    latest.close()
    qtbot.wait(20)
    assert seen == [0, 2]
