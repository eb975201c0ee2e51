"""Neighbours per tier as bars in the tiers' colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.palette import TIER_COLORS
from app.widgets.theme import small, theme_of
from lattice.units import plural, significant

_SWATCH = 9
_RIM = 1.5
"""Width of the ring that stands for an empty tier, in the tier's colour as everywhere."""
_GAP = 6
_BAR = 6
_ROW_SPACING = 7


@dataclass(frozen=True)
class TierBar:
    """One tier."""

    tier: str
    threshold: float
    """Outer distance in cells."""
    interior: int
    """Neighbours of a cell that no border is near to."""
    mean: float
    """Mean over all cells, borders included."""
    empty: bool


class TierBars(QWidget):
    """One row per tier: name, reach, neighbours, and a bar whose length grows with the logarithm of their number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the rows, empty."""
        super().__init__(parent)
        self._bars: tuple[TierBar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> tuple[TierBar, ...]:
        """What is shown."""
        return self._bars

    def show_tiers(self, bars: Sequence[TierBar]) -> None:
        """Show the tiers, innermost first."""
        self._bars = tuple(bars)
        lines = [
            f"{bar.tier}: up to {bar.threshold:.4g} cells away, {plural(bar.interior, 'neighbour')} of a cell inside, "
            f"{significant(bar.mean)} on average with borders"
            for bar in self._bars
        ]
        self.setToolTip("\n".join(lines))
        self.setAccessibleDescription("; ".join(lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Three rows of text with a bar below each."""
        return QSize(230, 3 * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """Keep the height; the reach is left out where the width is short."""
        return QSize(180, 3 * self._row_height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((bar.interior for bar in self._bars), default=0)
        for row, bar in enumerate(self._bars):
            self._paint_row(painter, row * self._row_height(), bar, most)

    def _row_height(self) -> int:
        return self.fontMetrics().height() + _BAR + _ROW_SPACING + 2

    def _paint_row(self, painter: QPainter, top: float, bar: TierBar, most: int) -> None:
        colors = theme_of(self)
        color = QColor(TIER_COLORS[bar.tier])
        metrics = self.fontMetrics()
        line = QRectF(0, top, self.width(), metrics.height())
        painter.setPen(QPen(color, _RIM))
        painter.setBrush(Qt.BrushStyle.NoBrush if bar.empty else QBrush(color))
        spot = QRectF(0, top + (metrics.height() - _SWATCH) / 2, _SWATCH, _SWATCH)
        painter.drawEllipse(spot.adjusted(_RIM / 2, _RIM / 2, -_RIM / 2, -_RIM / 2))
        painter.setFont(self.font())
        painter.setPen(QColor(colors.text if not bar.empty else colors.muted))
        name, count = bar.tier.capitalize(), "empty" if bar.empty else plural(bar.interior, "neighbour")
        painter.drawText(line.adjusted(_SWATCH + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, count)
        reach = f"to {bar.threshold:.3g} cells"
        left = _SWATCH + _GAP + metrics.horizontalAdvance(name) + _GAP
        right = self.width() - metrics.horizontalAdvance(count) - _GAP
        painter.setFont(small(self.font()))
        if painter.fontMetrics().horizontalAdvance(reach) <= right - left:
            painter.setPen(QColor(colors.muted))
            area = QRectF(left, top, right - left, metrics.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, reach)
        groove = QRectF(0, top + metrics.height() + 2, self.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.line))
        painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)
        if not bar.empty:
            groove.setWidth(max(groove.width() * bar_share(bar.interior, most), _BAR))
            painter.setBrush(color)
            painter.drawRoundedRect(groove, _BAR / 2, _BAR / 2)


def bar_share(count: int, most: int) -> float:
    """Return a bar's share of the full width: logarithmic, 1 for the largest tier."""
    return math.log1p(count) / math.log1p(most) if most > 0 else 0.0
