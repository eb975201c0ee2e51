"""Parts of long work have turns of their own, in their order, whatever becomes of one of them."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app.platform.turns import Turns


@pytest.fixture
def turns(qapp: object) -> Turns:
    return Turns()


def test_parts_are_done_at_once_until_turns_begin(turns: Turns) -> None:
    done: list[str] = []
    turns.do(lambda: done.append("at once"))
    assert done == ["at once"]
    with pytest.raises(ZeroDivisionError):
        turns.do(lambda: 1 / 0)


def test_something_else_has_its_turn_between_two_parts(qtbot: QtBot, turns: Turns) -> None:
    done: list[str] = []

    def part(name: str) -> None:
        done.append(name)
        QTimer.singleShot(0, lambda: done.append("a key"))

    turns.begin()
    turns.begin()
    for name in ("first", "second", "third"):
        turns.do(lambda name=name: part(name))  # type: ignore[misc]
    assert done == []
    assert turns.waiting
    qtbot.waitUntil(lambda: len(done) == 6)
    assert done == ["first", "a key", "second", "a key", "third", "a key"]
    qtbot.waitUntil(lambda: not turns.waiting)


def test_what_a_part_adds_is_done_before_what_waits_already(qtbot: QtBot, turns: Turns) -> None:
    done: list[str] = []

    def outer() -> None:
        done.append("outer")
        turns.do(lambda: turns.do(lambda: done.append("innermost")))
        turns.do(lambda: done.append("second inner"))

    turns.begin()
    turns.do(outer)
    turns.do(lambda: done.append("next"))
    qtbot.waitUntil(lambda: not turns.waiting)
    assert done == ["outer", "innermost", "second inner", "next"]


def test_what_is_done_after_all_parts_waits_for_those_that_come_later(qtbot: QtBot, turns: Turns) -> None:
    done: list[str] = []
    turns.do_after(lambda: done.append("at once"))
    turns.begin()
    turns.do_after(lambda: turns.do(lambda: done.append("part of the first")))
    turns.do_after(lambda: done.append("second"))
    turns.do(lambda: done.append("part"))
    qtbot.waitUntil(lambda: not turns.waiting)
    assert done == ["at once", "part", "part of the first", "second"]


def test_what_waits_for_all_parts_has_turns_and_what_comes_meanwhile_one(qtbot: QtBot, turns: Turns) -> None:
    done: list[str] = []

    def key() -> None:
        done.append("a key" if turns.waiting else "at once")

    def message(name: str) -> None:
        done.append(name)
        QTimer.singleShot(0, key)
        if name != "third":
            turns.do_after(lambda: done.append(f"after {name}"))

    turns.begin()
    for name in ("first", "second", "third"):
        turns.do_after(lambda name=name: message(name))  # type: ignore[misc]
    qtbot.waitUntil(lambda: not turns.waiting)
    assert [what for what in done if what != "a key"] == ["first", "second", "third", "after first", "after second"]
    assert done[:2] == ["first", "a key"]
    assert done[-2:] == ["after first", "after second"], "in one turn, which ends the waiting"


def test_a_part_that_fails_is_reported_and_the_others_are_done(qtbot: QtBot, turns: Turns) -> None:
    done: list[str] = []
    turns.begin()
    turns.do(lambda: 1 / 0)
    turns.do(lambda: done.append("the other one"))
    turns.do_after(lambda: 1 / 0)
    turns.do_after(lambda: done.append("and what came after"))
    with qtbot.captureExceptions() as failures:
        qtbot.waitUntil(lambda: not turns.waiting)
    assert [kind for kind, _, _ in failures] == [ZeroDivisionError, ZeroDivisionError]
    assert done == ["the other one", "and what came after"]


@pytest.mark.parametrize("closes", [False, True])
def test_what_waits_is_forgotten_and_only_a_close_is_final(qtbot: QtBot, turns: Turns, closes: bool) -> None:
    done: list[str] = []
    turns.begin()
    turns.do(lambda: done.append("forgotten"))
    turns.do_after(lambda: done.append("forgotten, too"))
    (turns.close if closes else turns.forget)()
    turns.do(lambda: done.append("at once"))
    turns.begin()
    turns.do(lambda: done.append("another"))
    assert done == (["at once", "another"] if closes else ["at once"])
    qtbot.waitUntil(lambda: not turns.waiting)
    qtbot.wait(5)
    assert done == ["at once", "another"]
