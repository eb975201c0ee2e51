"""The table of tiers keeps its width, however long the ways are that it shows."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.panels.inspector.tier_table import TierTable
from app.widgets.palette import TIER_COLORS
from lattice.training.reports import HeardTier


def test_a_long_way_is_cut_in_a_narrow_dock_and_whole_in_a_wide_one(qtbot: QtBot) -> None:
    table = TierTable()
    qtbot.addWidget(table)
    table.set_counts({"local": 26, "functional": 120, "distant": 1234})
    table.show()
    least = table.minimumSizeHint().width()
    table.set_heard((4, 4, 4), {"distant": HeardTier(0.25, 0.5, (7, 0, 6), 0.5)})
    assert table.minimumSizeHint().width() == least
    way = table.senders["distant"]
    table.resize(least, 200)
    qtbot.waitUntil(lambda: way.text() != way.full_text)
    assert way.full_text == "+3x -4y +2z"
    assert "seen from here it is at +3x -4y +2z" in way.toolTip()
    table.resize(400, 200)
    qtbot.waitUntil(lambda: way.text() == way.full_text)


def test_the_square_of_an_empty_tier_is_hollow_and_keeps_its_colour(qtbot: QtBot) -> None:
    table = TierTable()
    qtbot.addWidget(table)
    table.set_counts({"local": 0, "functional": 6, "distant": 12})
    assert "\N{WHITE SQUARE}" in table.names["local"].text()
    assert TIER_COLORS["local"] in table.names["local"].text()
    assert "\N{BLACK SQUARE}" in table.names["functional"].text()
