"""Axes whose labels never overlap: few round numbers, linear or logarithmic."""

from __future__ import annotations

import itertools
import math

import pyqtgraph as pg

from app.curves.steps import StepScale

_MANTISSAS = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,))
_VALUE_ROOM = 22.0
"""Pixels between two labels of the value axis."""
_STEP_ROOM = 64.0
"""Pixels between two labels of the axis of training steps."""


class ValueAxis(pg.AxisItem):
    """Left axis of a plot; in logarithmic mode its coordinates are powers of ten."""

    def __init__(self) -> None:
        """Create the axis, linear at first."""
        super().__init__("left")

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return one level of ticks that fits into `size` pixels."""
        low, high = sorted((minVal, maxVal))
        if self.logMode:
            return [(1.0, log_ticks(low, high, size))]
        spacing = round_spacing((high - low) / max(size / _VALUE_ROOM, 1.0))
        return [(spacing, linear_ticks(low, high, spacing))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        if self.logMode:
            return [_short(10.0**value) for value in values]
        decimals = min(max(-math.floor(math.log10(spacing) + 1e-9), 0), 9) if spacing > 0 else 0
        return [_short(value) if abs(value) >= 1e5 or decimals > 5 else f"{value:.{decimals}f}" for value in values]


class StepAxis(pg.AxisItem):
    """Bottom axis of a plot: whole training steps."""

    def __init__(self) -> None:
        """Create the axis."""
        super().__init__("bottom")
        self.steps = StepScale()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return one level of ticks that fits into `size` pixels."""
        low, high = sorted((minVal, maxVal))
        if self.steps.logarithmic:
            return [(1.0, step_ticks(self.steps, low, high, size))]
        spacing = max(round_spacing((high - low) / max(size / _STEP_ROOM, 1.0)), 1.0)
        return [(spacing, linear_ticks(low, high, spacing))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the labels."""
        return [f"{self.steps.step(value):,.0f}" for value in values]


def step_ticks(scale: StepScale, low: float, high: float, size: float) -> list[float]:
    """Return positions of 0, 1, 2, 5, 10, ... training steps, as many as fit into `size` pixels side by side."""
    ticks: list[float] = []
    pixels = size / max(high - low, 1e-9)
    steps = (0.0, *(mantissa * 10.0**power for power in range(10) for mantissa in (1, 2, 5)))
    for step in steps:
        position = scale.position(step)
        room = _STEP_ROOM * (0.45 + 0.1 * len(f"{step:,.0f}"))
        if low - 1e-9 <= position <= high + 1e-9 and (not ticks or (position - ticks[-1]) * pixels >= room):
            ticks.append(position)
    return ticks


def round_spacing(at_least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, ... (times a power of ten) that is not below `at_least`."""
    if not at_least > 0 or not math.isfinite(at_least):
        return 1.0
    power = 10.0 ** math.floor(math.log10(at_least))
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= at_least * (1 - 1e-9))


def linear_ticks(low: float, high: float, spacing: float) -> list[float]:
    """Return the multiples of `spacing` between two values."""
    first, last = math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9)
    return [index * spacing for index in range(first, last + 1)]


def log_ticks(low: float, high: float, size: float) -> list[float]:
    """Return powers of ten, as exponents, between two exponents, as many as fit into `size` pixels."""
    if high - low < 0.7:  # within less than a decade round numbers are evenly spaced ones
        bottom, top = 10.0**low, 10.0**high
        # The tightest labels are at the top, where a step of the value is the smallest step on the axis.
        spacing = round_spacing(top * (1 - 10 ** (-(high - low) * _VALUE_ROOM / max(size, 1.0))))
        return [math.log10(value) for value in linear_ticks(bottom, top, spacing) if value > 0]
    pixels = size / (high - low)
    exponents = range(math.floor(low), math.ceil(high) + 1)
    for mantissas in _MANTISSAS:
        logs = [math.log10(mantissa) for mantissa in (*mantissas, 10)]
        if min(after - before for before, after in itertools.pairwise(logs)) * pixels >= _VALUE_ROOM * 0.75:
            ticks = [exponent + log for exponent in exponents for log in logs[:-1]]
            return [tick for tick in ticks if low <= tick <= high]
    stride = math.ceil(_VALUE_ROOM / pixels)
    return [float(exponent) for exponent in exponents if exponent % stride == 0 and low <= exponent <= high]


def _short(value: float) -> str:
    text = f"{value:.3g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"
