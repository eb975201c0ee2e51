"""What one cell hears from each tier: how many neighbours, and how much the tier's expert decides."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from app.panels.inspector.charts import GateBar
from app.widgets.palette import TIER_COLORS
from app.widgets.theme import set_role
from lattice.config import DistanceThresholds
from lattice.units import count_text, percent_text

Cell = tuple[int, int, int]

UNKNOWN = "-"


class TierTable(QWidget):
    """A row per tier, and the gates once more as one stacked bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the table without numbers."""
        super().__init__(parent)
        self.counts: dict[str, QLabel] = {}
        self.shares: dict[str, QLabel] = {}
        self.bar = GateBar()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, (text, tip) in enumerate(
            (
                ("Tiers", "What the cell hears from"),
                ("neighbours", "Cells in the tier, borders taken into account"),
                ("gate", "How much the tier's expert decides about this cell's next change"),
            )
        ):
            title = QLabel(text)
            title.setToolTip(tip)
            set_role(title, "muted" if column else "heading")
            grid.addWidget(title, 0, column, right if column else Qt.AlignmentFlag.AlignLeft)
        for row, (tier, color) in enumerate(TIER_COLORS.items(), start=1):
            name = QLabel(f"<span style='color:{color}'>\N{BLACK SQUARE}</span> {tier}")
            name.setTextFormat(Qt.TextFormat.RichText)
            self.counts[tier], self.shares[tier] = QLabel(), QLabel(UNKNOWN)
            grid.addWidget(name, row, 0)
            grid.addWidget(self.counts[tier], row, 1, right)
            grid.addWidget(self.shares[tier], row, 2, right)
        grid.addWidget(self.bar, len(TIER_COLORS) + 1, 0, 1, 3)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show neighbours by tier."""
        for tier, label in self.counts.items():
            label.setText(count_text(counts[tier]))

    def set_shares(self, shares: dict[str, float]) -> None:
        """Show gates by tier, which sum to 1; an empty dict for unknown ones."""
        self.bar.set_shares(shares)
        for tier, label in self.shares.items():
            label.setText(percent_text(shares[tier]) if shares else UNKNOWN)


def neighbour_counts(cell: Cell, dimensions: Cell, thresholds: DistanceThresholds) -> dict[str, int]:
    """Return how many neighbours one cell has in each tier, borders taken into account."""
    # The same tolerance as in the tiers themselves: a distance that equals a threshold is inside.
    limits = [0, *(math.floor(threshold**2 * (1 + 1e-9)) for threshold in thresholds)]
    reach = math.isqrt(limits[-1])
    axes = [
        np.arange(max(0, at - reach), min(side, at + reach + 1)) - at for at, side in zip(cell, dimensions, strict=True)
    ]
    squared = axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2
    return {
        tier: int(np.count_nonzero((squared > low) & (squared <= high)))
        for tier, low, high in zip(TIER_COLORS, limits[:-1], limits[1:], strict=True)
    }
