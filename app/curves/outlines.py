"""What a plot draws of a curve: the few points that a screen can show, on a linear or logarithmic value axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.curves.level import Floats, Values
from app.curves.pyramid import Series
from app.curves.specs import CurveSpec
from app.curves.steps import StepScale

EVEN = StepScale()


def outlines_of(
    curve: CurveSpec,
    series: Series,
    span: tuple[float, float],
    columns: int,
    window: int,
    *,
    logarithmic: bool,
    scale: StepScale = EVEN,
) -> Sequence[tuple[Floats, Floats]]:
    """Return the line to draw, and behind a smoothed one the samples themselves.

    Args:
        curve: how it is drawn; a dashed one is a level that goes on to the right edge, a sparse one is never smoothed.
        series: all samples.
        span: training steps at the left and at the right edge.
        columns: width of the drawing area in pixels.
        window: training steps of the moving mean; 1: no smoothing.
        logarithmic: return exponents to base 10; NaN where a value is not above 0.
        scale: how training steps lie on their axis.

    Returns:
        One or two lines, each as positions on the axis of training steps `[n]` and values `[n]`.
    """
    x_from, x_to = span
    parts = scale.pieces(x_from, x_to, columns)
    raw = _joined([series.outline(*part) for part in parts])
    if curve.dashed and len(raw[0]):  # a level to be reached goes on to the right edge
        raw = (np.append(raw[0], x_to), np.append(raw[1], raw[1][-1]))
    lines = [raw]
    if window > 1 and not curve.sparse:
        lines = [_joined([series.smoothed(*part, window) for part in parts]), raw]
    if logarithmic:
        lines = [(x, log10(y)) for x, y in lines]
    return [(scale.positions(x), y) for x, y in lines]


def _joined(parts: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Join the lines of neighbouring ranges, which overlap by the samples at their ends."""
    if len(parts) == 1:
        return parts[0]
    x, y = parts[0]
    for more_x, more_y in parts[1:]:
        new = int(np.searchsorted(more_x, x[-1], side="right")) if len(x) else 0
        x, y = np.append(x, more_x[new:]), np.append(y, more_y[new:])
    return x, y


def value_range(
    low: float, high: float, bounds: tuple[float, float] | None, *, logarithmic: bool
) -> tuple[float, float]:
    """Return the ends of the value axis for values between `low` and `high`: a margin, and little beyond `bounds`.

    Values are exponents where `logarithmic`; `bounds` are of a linear axis and don't count then.
    """
    padding = max((high - low) * 0.06, 1e-3 if logarithmic else abs(high) * 1e-3, 1e-12)
    low, high = low - padding, high + padding
    if bounds is not None and not logarithmic:
        slack = 0.02 * (high - low)
        low, high = max(low, bounds[0] - slack), min(high, bounds[1] + slack)
    return low, high


def log10(y: Floats | Values) -> Floats:
    """Return exponents to base 10; NaN where a value is not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(y > 0, np.log10(y), np.nan)
