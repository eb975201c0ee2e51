"""A redraw comes once after many changes, in turns, and after everything that it needs is ready."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.curves.redraw_timer import REFRESH_MS, RedrawTimer


class Drawing:
    """Notes what is prepared and drawn, and lets something else happen between two parts."""

    def __init__(self, unready: int = 0) -> None:
        self.done: list[str] = []
        self.unready = unready
        self.owner = QWidget()
        self.timer = RedrawTimer(self.prepare, self.draw, self.owner)

    def prepare(self) -> bool:
        if self.unready:
            self.unready -= 1
            self.done.append("prepared")
            return False
        return True

    def draw(self) -> Iterator[str]:
        for part in ("first", "second"):
            self.done.append(part)
            QTimer.singleShot(0, lambda: self.done.append("a key"))
            yield part
        self.done.append("drawn")


@pytest.fixture
def drawing(qtbot: QtBot) -> Drawing:
    made = Drawing()
    qtbot.addWidget(made.owner)
    return made


def hurry(drawing: Drawing) -> None:
    assert drawing.timer.interval() == REFRESH_MS
    drawing.timer.setInterval(0)


def test_it_draws_once_after_many_changes_and_not_before_everything_is_ready(qtbot: QtBot, drawing: Drawing) -> None:
    drawing.unready = 2
    for _ in range(5):
        drawing.timer.soon()
    hurry(drawing)
    qtbot.waitUntil(lambda: "drawn" in drawing.done)
    assert [what for what in drawing.done if what != "a key"] == ["prepared", "prepared", "first", "second", "drawn"]
    assert not drawing.timer.isActive()


def test_what_else_is_to_be_done_comes_between_two_parts(qtbot: QtBot, drawing: Drawing) -> None:
    drawing.timer.soon()
    hurry(drawing)
    qtbot.waitUntil(lambda: "drawn" in drawing.done)
    assert drawing.done == ["first", "a key", "second", "a key", "drawn"]


def test_a_change_while_parts_are_drawn_is_drawn_after_them(qtbot: QtBot, drawing: Drawing) -> None:
    drawing.timer.soon()
    hurry(drawing)
    qtbot.waitUntil(lambda: "first" in drawing.done)
    drawing.timer.soon()
    qtbot.waitUntil(lambda: "drawn" in drawing.done)
    assert drawing.timer.isActive()
    hurry(drawing)


@pytest.mark.parametrize("begun", [False, True])
def test_drawing_now_draws_everything_once(qtbot: QtBot, drawing: Drawing, begun: bool) -> None:
    drawing.timer.soon()
    if begun:
        hurry(drawing)
        qtbot.waitUntil(lambda: "first" in drawing.done)
        drawing.done.clear()
    drawing.timer.draw_now()
    assert drawing.done[-3:] == ["first", "second", "drawn"]
    assert not drawing.timer.isActive()
