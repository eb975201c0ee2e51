"""Scales: how measured values are spread over the colours of a bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.cube.color.legend import LegendKind
from app.cube.state import Field

PERCENTILES = (0.5, 99.5)
"""Share of the values, in per cent, below the low and the high end of a bar: single outliers don't set it."""
DECADES = 4.0
"""A logarithmic scale begins at most this far below its end: what is fainter has the first colour."""
_LEAST = 1e-6
"""Least length of a bar, so that equal values have a colour."""


@dataclass(frozen=True)
class Scale:
    """From values to a place on the bar. Ends are percentiles over all lattice steps of an observation."""

    kind: LegendKind
    """`sequential`, `diverging` (zero in the middle) or `log`."""
    ends: Callable[[float, float], tuple[float, float]]
    """Low and high percentile -> low and high end of the bar, all as `place` returns them."""
    open_ends: tuple[bool, bool] = (True, True)
    """Whether values can lie below the low, above the high end; they are painted with that end's colour."""

    @property
    def logarithmic(self) -> bool:
        """Whether equal ratios are equal distances on the bar."""
        return self.kind == "log"

    def place(self, values: Field) -> Field:
        """Return values as they are spread evenly over the bar: themselves, or their logarithm (base 10)."""
        if not self.logarithmic:
            return values
        with np.errstate(divide="ignore"):
            return np.log10(values)

    def ends_of(self, values: Field) -> tuple[float, float] | None:
        """Return the ends of a bar for these values, as `place` returns them; None where none is finite."""
        places = self.place(values)
        places = places[np.isfinite(places)]
        if not places.size:
            return None
        low, high = (float(end) for end in np.percentile(places, PERCENTILES))
        return self.ends(low, high)

    def value(self, place: float) -> float:
        """Return the value at a place of the bar."""
        return 10.0**place if self.logarithmic else place


def _robust(low: float, high: float) -> tuple[float, float]:
    return low, max(high, low + _LEAST)


def _from_zero(_low: float, high: float) -> tuple[float, float]:
    return 0.0, max(high, _LEAST)


def _symmetric(low: float, high: float) -> tuple[float, float]:
    most = max(abs(low), abs(high), _LEAST)
    return -most, most


def _decades(low: float, high: float) -> tuple[float, float]:
    return _robust(max(low, high - DECADES), high)


ROBUST = Scale("sequential", _robust)
"""From the low to the high percentile."""
FROM_ZERO = Scale("sequential", _from_zero, (False, True))
"""From zero to the high percentile."""
SYMMETRIC = Scale("diverging", _symmetric)
"""Signed values: as far below zero as above."""
LOGARITHMIC = Scale("log", _decades)
"""Positive values over at most four powers of ten."""


def fixed(low: float, high: float) -> Scale:
    """Return a scale whose ends don't follow the data, as for shares of 0 to 1.

    Raises:
        ValueError: the ends are not finite, or not in order.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"a fixed scale needs finite ends with low < high, got {low} and {high}")
    kind: LegendKind = "diverging" if low == -high else "sequential"
    return Scale(kind, lambda _low, _high: (low, high), (False, False))
