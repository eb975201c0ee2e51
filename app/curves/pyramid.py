"""A growing curve that can be drawn at any zoom in time that depends on the screen, not on its length.

Besides the samples it keeps the smallest and the largest value of every block of 2, 4, 8, ... samples. Any
view is then a slice of one such level, so a spike of a single sample is in the picture at every zoom.

Samples are kept in the types in which they are stored, so that a save takes a view of them: a copy of a million
training steps of 15 curves would hold the window for a tenth of a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.curves.level import Floats, Level, Steps, Values

_FIRST_CAPACITY = 256


def position(steps: Steps, x: float, *, after: bool = False) -> int:
    """Return where `x` belongs among rising steps: the index of the first one at it or behind it, or only behind it.

    NumPy would turn all the steps into the type of `x` for the search, so `x` becomes one of theirs.
    """
    limits = np.iinfo(np.int32)
    if x < limits.min or x > limits.max:
        return 0 if x < 0 else len(steps)
    whole = np.int32(math.floor(x) if after else math.ceil(x))
    return int(np.searchsorted(steps, whole, side="right" if after else "left"))


class Series:
    """Samples (x, y) with rising x; y may be NaN where there is nothing to show."""

    def __init__(self, growth: float = 2.0) -> None:
        """Create an empty curve.

        Args:
            growth: how many times the room it needs it takes when it is full. Curves that are appended to together had
                better differ in it: each copies all its samples when it grows, and so they do not all do so at once.
        """
        self._growth = growth
        self._stored: tuple[NDArray[Any], NDArray[Any]] | None = None
        """Samples from a file as they were, until they are needed otherwise."""
        self._since: list[tuple[float, float]] = []
        """Samples that came after the stored ones."""
        self._x = np.empty(_FIRST_CAPACITY, np.int32)
        self._y = np.empty(_FIRST_CAPACITY, np.float32)
        self._sums = np.zeros(_FIRST_CAPACITY + 1)
        self._size = 0
        self._given = 0
        """Samples that somebody keeps a view of: their memory is not written to again."""
        self._summed = 0
        self._lows: list[Level] = []
        self._highs: list[Level] = []

    def __len__(self) -> int:
        """Return the number of samples."""
        return self._size + (len(self._stored[0]) + len(self._since) if self._stored is not None else 0)

    @property
    def x(self) -> Steps:
        """Positions of the samples, a view that later appends leave alone."""
        self._take_in()
        return self._x[: self._size]

    @property
    def y(self) -> Values:
        """Values of the samples, a view that later appends leave alone."""
        self._take_in()
        return self._y[: self._size]

    @property
    def first_x(self) -> float:
        """Position of the oldest sample; there must be one."""
        return float(self._stored[0][0] if self._stored is not None else self._x[0])

    @property
    def last(self) -> tuple[float, float]:
        """The newest sample (x, y); there must be one."""
        if self._stored is None:
            return float(self._x[self._size - 1]), float(self._y[self._size - 1])
        return self._since[-1] if self._since else (float(self._stored[0][-1]), float(self._stored[1][-1]))

    def append(self, x: float, y: float) -> None:
        """Add one sample; `x` must not be below the last one."""
        if self._stored is not None:
            self._since.append((x, y))
            return
        self._make_room(self._size + 1)
        with np.errstate(over="ignore"):  # a loss that explodes is infinite in float32
            self._x[self._size], self._y[self._size] = x, y
        self._size += 1

    def adopt(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Take the samples of a stored curve into an empty one; the arrays are copied as late as possible."""
        if len(x):
            self._stored = x, y

    def prepare(self) -> Iterator[int]:
        """Do what the first picture would need in parts, and yield how many samples each part went through."""
        for part in (self._take_in, self._sum_up, self._build):
            part()
            yield len(self)

    def to_arrays(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return positions and values as they are stored, [samples] each: views that stay as they are, for reading."""
        if self._stored is not None and not self._since:
            x, y = self._stored
            return x.astype(np.int32, copy=False), y.astype(np.float32, copy=False)
        x, y = self.x, self.y
        self._given = max(self._given, self._size)
        return x, y

    def _take_in(self) -> None:
        """Copy stored samples to where others can be appended."""
        if self._stored is None:
            return
        (x, y), since = self._stored, np.array(self._since).reshape(-1, 2)
        self._stored, self._since = None, []
        self._make_room(len(x) + len(since))
        self.extend(x, y)
        self.extend(since[:, 0], since[:, 1])

    def extend(self, x: ArrayLike, y: ArrayLike) -> None:
        """Add many samples at once."""
        self._take_in()
        x, y = np.asarray(x), np.asarray(y)
        end = self._size + len(x)
        self._make_room(end)
        with np.errstate(over="ignore"):
            self._x[self._size : end], self._y[self._size : end] = x, y
        self._size = end

    def truncate(self, last_x: float) -> None:
        """Forget every sample after `last_x`."""
        if len(self) and self.last[0] <= last_x:
            return
        self._shorten(position(self.x, last_x, after=True))

    def drop_last(self) -> None:
        """Forget the newest sample; there must be one."""
        self._take_in()
        self._shorten(self._size - 1)

    def _shorten(self, size: int) -> None:
        self._size = size
        self._summed = min(self._summed, size)
        for level, (lows, highs) in enumerate(zip(self._lows, self._highs, strict=True), start=1):
            lows.size = highs.size = min(lows.size, self._size >> level)

    def value_at(self, x: float) -> float:
        """Return the value of the last sample at or before `x`; NaN before the first."""
        index = position(self.x, x, after=True) - 1
        return float(self._y[index]) if index >= 0 else float("nan")

    def outline(self, x_from: float, x_to: float, columns: int) -> tuple[Floats, Floats]:
        """Return a polyline that looks like the samples on a screen of that many pixel columns.

        It has at most `4 * columns + 8` points, goes one sample beyond both ends, and touches the smallest and the
        largest value of every column.
        """
        start, stop = self._window(x_from, x_to)
        level = self._level_for(stop - start, columns)
        if level == 0:
            return self._x[start:stop].astype(np.float64), self._y[start:stop].astype(np.float64)
        self._build()
        first, last = start >> level, (stop - 1) >> level
        whole = min(last + 1, self._size >> level)
        lows, highs = self._lows[level - 1].values[first:whole], self._highs[level - 1].values[first:whole]
        begins = np.arange(first, whole) << level
        ends = begins + (1 << level) - 1
        tail = whole << level
        if last >= whole:  # the newest block is not full yet
            rest = self._y[tail : self._size]
            lows, highs = np.append(lows, np.fmin.reduce(rest)), np.append(highs, np.fmax.reduce(rest))
            begins, ends = np.append(begins, tail), np.append(ends, self._size - 1)
        x, y = np.empty(2 * len(lows)), np.empty(2 * len(lows))
        x[0::2], x[1::2] = self._x[begins], self._x[ends]
        y[0::2], y[1::2] = lows, highs
        return x, y

    def smoothed(self, x_from: float, x_to: float, columns: int, window: int) -> tuple[Floats, Floats]:
        """Return the mean over the last `window` samples, sampled for a screen of that many pixel columns.

        Where a column holds more samples than the window, the mean is taken over the column instead.
        """
        start, stop = self._window(x_from, x_to)
        stride = 1 << self._level_for(stop - start, columns)
        self._sum_up()
        # The newest sample is always shown; the others stay on a fixed grid, so that nothing shimmers on append.
        ends = np.append(np.arange(start - start % stride, stop - 1, stride), stop - 1) if stop > start else np.empty(0)
        ends = ends.astype(np.int64)
        width = np.minimum(max(window, stride), ends + 1)
        y = (self._sums[ends + 1] - self._sums[ends + 1 - width]) / width
        return self._x[ends].astype(np.float64), y

    def _window(self, x_from: float, x_to: float) -> tuple[int, int]:
        start = position(self.x, x_from) - 1
        stop = position(self.x, x_to, after=True) + 1
        return max(start, 0), min(stop, self._size)

    @staticmethod
    def _level_for(samples: int, columns: int) -> int:
        if samples <= 2 * columns:
            return 0
        return int(np.ceil(np.log2(samples / (2 * columns))))

    def _make_room(self, needed: int) -> None:
        """Let samples be written up to a number of them, without a change to what somebody keeps a view of."""
        if needed <= len(self._x) and self._size >= self._given:
            return
        capacity = max(needed, int(self._growth * max(needed, len(self._x))))
        self._x, self._y, self._given = self._moved(self._x, capacity), self._moved(self._y, capacity), 0
        sums = np.zeros(capacity + 1)
        sums[: self._summed + 1] = self._sums[: self._summed + 1]
        self._sums = sums

    def _moved(self, samples: NDArray[Any], capacity: int) -> NDArray[Any]:
        grown = np.empty(capacity, samples.dtype)
        grown[: self._size] = samples[: self._size]
        return grown

    def _sum_up(self) -> None:
        self._take_in()
        done, size = self._summed, self._size
        if done < size:
            added = np.cumsum(np.nan_to_num(self._y[done:size]), dtype=np.float64)
            self._sums[done + 1 : size + 1] = self._sums[done] + added
            self._summed = size

    def _build(self) -> None:
        """Bring every level up to date: each full block is the union of two blocks of the level below."""
        self._take_in()
        lows: Floats | Values = self.y
        highs: Floats | Values = self.y
        level = 0
        while (self._size >> (level + 1)) > 0:
            if level == len(self._lows):
                self._lows.append(Level())
                self._highs.append(Level())
            lows = self._lows[level].build(lows, np.fmin)
            highs = self._highs[level].build(highs, np.fmax)
            level += 1
