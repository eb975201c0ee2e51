"""The bars of the tiers: one colour per tier, as everywhere, whether it holds neighbours or not."""

from __future__ import annotations

from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.panels.lattice.tier_bars import TierBar, TierBars
from app.widgets.palette import TIER_COLORS


def test_an_empty_tier_is_a_ring_in_its_colour_and_another_one_a_disc(qtbot: QtBot) -> None:
    bars = TierBars()
    qtbot.addWidget(bars)
    bars.resize(240, bars.sizeHint().height())
    bars.show_tiers((TierBar("local", 0.2, 0, 0.0, True), TierBar("functional", 1.0, 6, 5.0, False)))
    picture = bars.grab().toImage()
    row, middle = bars.sizeHint().height() // 3, bars.fontMetrics().height() // 2

    def near(x: int, y: int, tier: str) -> bool:
        found, color = picture.pixelColor(x, y), QColor(TIER_COLORS[tier])
        pairs = zip(found.getRgb()[:3], color.getRgb()[:3], strict=True)
        return all(abs((one or 0) - (other or 0)) < 60 for one, other in pairs)

    assert any(near(x, middle, "local") for x in range(3)), "the ring has the tier's colour"
    assert not near(4, middle, "local"), "and is hollow"
    assert near(4, row + middle, "functional")
