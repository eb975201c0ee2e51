"""Plots stand side by side where there is room, and those that aren't wanted are hidden."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.curves.plot_area import PlotArea


def test_columns_follow_the_width_and_others_are_hidden(qtbot: QtBot) -> None:
    area = PlotArea()
    qtbot.addWidget(area)
    area.resize(900, 300)
    area.show()
    first, second, third = (QLabel(text, area.page) for text in ("first", "second", "third"))
    area.arrange([first, second], [third], 900)
    qtbot.waitUntil(lambda: second.x() > first.x())
    assert first.y() == second.y()
    area.arrange([first, third], [second], 290)
    qtbot.waitUntil(lambda: third.y() > first.y())
    assert first.x() == third.x()
    assert second.isHidden()
