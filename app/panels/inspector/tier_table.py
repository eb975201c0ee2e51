"""What one cell hears from each tier: neighbours, how much its expert decides, how loud it is, who is heard most."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.panels.inspector.charts import GateBar
from app.widgets.labels import ElidedLabel
from app.widgets.palette import TIER_COLORS
from app.widgets.theme import set_role
from lattice.config import DistanceThresholds
from lattice.training.reports import HeardTier
from lattice.units import count_text, percent_text, significant

Cell = tuple[int, int, int]

UNKNOWN = "-"
_LEAST_WAY = "+2x\N{HORIZONTAL ELLIPSIS}"


class WayLabel(ElidedLabel):
    """A way along the axes, as wide as its text where there is room, and cut off with dots in a narrow dock."""

    def __init__(self) -> None:
        """Show an unknown way."""
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.set_full_text(UNKNOWN)

    def set_full_text(self, text: str) -> None:
        """Show a way, or as much of it as fits."""
        super().set_full_text(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Request room for the whole way."""
        return QSize(self.fontMetrics().horizontalAdvance(self.full_text) + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Leave room for the first axis."""
        least = self.fontMetrics().horizontalAdvance(_LEAST_WAY) + 1
        return QSize(least, super().minimumSizeHint().height())


class TierTable(QWidget):
    """A row per tier, and the gates once more as one stacked bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the table without numbers."""
        super().__init__(parent)
        self.names: dict[str, QLabel] = {}
        self.counts: dict[str, QLabel] = {}
        self.shares: dict[str, QLabel] = {}
        self.messages: dict[str, QLabel] = {}
        self.senders: dict[str, WayLabel] = {}
        self.bar = GateBar()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        for column, (text, tip) in enumerate(
            (
                ("Tiers", "What the cell hears from"),
                ("cells", "Neighbours in the tier, borders taken into account"),
                ("gate", "How much the tier's expert decides about this cell's next change"),
                ("heard", "Norm of the message that the cell hears from the tier at this lattice step"),
                ("from", "Where the neighbour is that the message depends on most, as steps along x, y, z"),
            )
        ):
            title = QLabel(text)
            title.setToolTip(tip)
            set_role(title, "muted" if column else "heading")
            grid.addWidget(title, 0, column, right if column else Qt.AlignmentFlag.AlignLeft)
        for row, (tier, color) in enumerate(TIER_COLORS.items(), start=1):
            name = self.names[tier] = QLabel(_named(tier, color, empty=False))
            name.setTextFormat(Qt.TextFormat.RichText)
            self.counts[tier], self.shares[tier] = QLabel(), QLabel(UNKNOWN)
            self.messages[tier], self.senders[tier] = QLabel(UNKNOWN), WayLabel()
            grid.addWidget(name, row, 0)
            grid.addWidget(self.counts[tier], row, 1, right)
            grid.addWidget(self.shares[tier], row, 2, right)
            grid.addWidget(self.messages[tier], row, 3, right)
            grid.addWidget(self.senders[tier], row, 4)
        grid.addWidget(self.bar, len(TIER_COLORS) + 1, 0, 1, 5)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show neighbours by tier; an empty tier's square is hollow."""
        for tier, label in self.counts.items():
            label.setText(count_text(counts[tier]))
            self.names[tier].setText(_named(tier, TIER_COLORS[tier], empty=counts[tier] == 0))

    def set_shares(self, shares: dict[str, float]) -> None:
        """Show gates by tier, which sum to 1; an empty dict for unknown ones."""
        self.bar.set_shares(shares)
        for tier, label in self.shares.items():
            label.setText(percent_text(shares[tier]) if shares else UNKNOWN)

    def set_heard(self, cell: Cell, heard: Mapping[str, HeardTier]) -> None:
        """Show messages by tier and where they come from; tiers that are left out are unknown or switched off."""
        for tier, label in self.messages.items():
            found, sender = heard.get(tier), self.senders[tier]
            if found is None:
                label.setText(UNKNOWN)
                sender.set_full_text(UNKNOWN)
                label.setToolTip("This tier sends no message, or none is known")
                sender.setToolTip("")
                continue
            label.setText(significant(found.norm, 2))
            label.setToolTip(
                f"Norm {significant(found.norm)}; the mean over all cells is {significant(found.mean_norm)}"
            )
            way = UNKNOWN if found.sender is None else _way_text(cell, found.sender)
            sender.set_full_text(way)
            sender.setToolTip(
                "The message depends on no neighbour"
                if found.sender is None
                else f"Cell {found.sender} has {percent_text(found.share)} of what the message owes to neighbours "
                f"(gradient times state); seen from here it is at {way}"
            )


def _named(tier: str, color: str, *, empty: bool) -> str:
    square = "\N{WHITE SQUARE}" if empty else "\N{BLACK SQUARE}"
    return f"<span style='color:{color}'>{square}</span> {tier}"


def _way_text(cell: Cell, sender: Cell) -> str:
    """Return where a neighbour is, seen from a cell: `-x`, `+2y -z`."""
    ways = []
    for axis, here, there in zip("xyz", cell, sender, strict=True):
        if step := there - here:
            ways.append(f"{'+' if step > 0 else '-'}{abs(step) if abs(step) > 1 else ''}{axis}")
    return " ".join(ways)


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
