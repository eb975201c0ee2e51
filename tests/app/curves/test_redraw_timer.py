"""A redraw comes once after many changes, and after everything that it needs is ready."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.curves.redraw_timer import REFRESH_MS, RedrawTimer


def test_it_draws_once_after_many_changes_and_not_before_everything_is_ready(qtbot: QtBot) -> None:
    owner, done = QWidget(), []
    qtbot.addWidget(owner)
    left = [False, False, True]

    def prepare() -> bool:
        done.append("part")
        return left.pop(0)

    timer = RedrawTimer(prepare, lambda: done.append("drawn"), owner)
    for _ in range(5):
        timer.soon()
    assert timer.interval() == REFRESH_MS
    timer.setInterval(0)
    qtbot.waitUntil(lambda: "drawn" in done)
    assert done == ["part", "part", "part", "drawn"]
    assert not timer.isActive()
