"""Dragging an end of the legend's bar: from the mouse's way to the new ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF

from app.cube.color.legend import Legend

NEAR = 6.0
"""Logical pixels above and below the bar in which it can still be grabbed."""
START = 3.0
"""Logical pixels that the mouse must move before a press is a drag."""
_LEAST = 0.02
"""Least length of the bar that a drag leaves, as a share of its length before."""


@dataclass(frozen=True)
class EndDrag:
    """One end of a bar, held since the mouse was pressed."""

    low: float
    high: float
    logarithmic: bool
    signed: bool
    upper: bool
    """Whether it is the high end."""
    x: float
    """Where it was pressed, in logical pixels."""
    width: float
    """Length of the bar then."""

    @classmethod
    def at(cls, legend: Legend, bar: QRectF, position: QPointF) -> EndDrag | None:
        """Return a drag of the nearer end for a press at a position; None beside the bar, or without one."""
        if not legend.has_range or not bar.adjusted(-NEAR, -NEAR, NEAR, NEAR).contains(position):
            return None
        upper = position.x() > bar.center().x()
        kind = legend.kind
        return cls(legend.low, legend.high, kind == "log", kind == "diverging", upper, position.x(), bar.width())

    def begun(self, x: float) -> bool:
        """Say whether the mouse moved far enough to mean it."""
        return abs(x - self.x) >= START

    def ends(self, x: float) -> tuple[float, float]:
        """Return the ends of the bar with the mouse at `x`; those of signed values move together."""
        low, high = (math.log10(end) for end in (self.low, self.high)) if self.logarithmic else (self.low, self.high)
        length = high - low
        way = (x - self.x) / self.width * length
        if self.signed:
            half = max(high + (way if self.upper else -way), _LEAST * high)
            return -half, half
        if self.upper:
            high = max(high + way, low + _LEAST * length)
        else:
            low = min(low + way, high - _LEAST * length)
        return (10.0**low, 10.0**high) if self.logarithmic else (low, high)
