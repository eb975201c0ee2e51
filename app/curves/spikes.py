"""Spikes of a loss: values far above those just before."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np

from app.curves.level import Steps, Values
from app.curves.pyramid import position
from lattice.units import significant

SPIKE = 3.0
"""A loss of so many times the median of those before it is a spike."""
WINDOW = 50
"""Training steps that the median is taken over."""
LEAST = 10
"""Training steps before which nothing is called a spike: a run begins steeply."""
_AT_ONCE = 10_000
"""Medians taken at once, which take 4 MB."""
_PART = 50_000
"""Training steps that are looked at in one part of a long course."""
_HALF = WINDOW // 2 + 1
"""So many values decide over a median: it is not below the smallest of any of them."""


def spikes_in(
    steps: Steps, losses: Values, breaks: Iterable[float] = (), since: float = -1.0
) -> Iterator[tuple[int, str]]:
    """Yield (training step, words) of each spike; of neighbouring ones the first.

    Args:
        steps: training steps, rising, [n].
        losses: one per step, [n]; those that are not finite are left out.
        breaks: training steps after which the loss measures something else, as after an edit.
        since: training step from which on spikes are wanted.
    """
    before = max(position(steps, since) - WINDOW - 1, 0)
    steps, losses = steps[before:], losses[before:]
    finite = np.isfinite(losses)
    steps, losses = steps[finite], losses[finite]
    edges = [0, *(position(steps, at, after=True) for at in sorted(breaks)), len(steps)]
    for begin, end in itertools.pairwise(edges):
        first = max(position(steps[begin:end], since), LEAST)
        yield from _spikes_of_part(steps[begin:end], losses[begin:end], first)


def spikes_in_parts(
    steps: Steps, losses: Values, breaks: Iterable[float] = ()
) -> Iterator[tuple[list[tuple[int, str]], int]]:
    """Yield the spikes of each part of a long course, and how many training steps were looked at."""
    breaks = list(breaks)
    for begin in range(0, len(steps), _PART):
        end = begin + _PART
        yield list(spikes_in(steps[:end], losses[:end], breaks, float(steps[begin]))), len(steps[begin:end])


def _spikes_of_part(steps: Steps, losses: Values, first: int) -> Iterator[tuple[int, str]]:
    """Yield the spikes from index `first` on."""
    before = max(first - 1, LEAST)  # a spike right before a value makes it a neighbour
    if len(losses) <= before:
        return
    head = [float(np.median(losses[:index])) for index in range(before, min(WINDOW, len(losses)))]
    whole = losses[max(before - WINDOW, 0) : -1]
    windows = np.lib.stride_tricks.sliding_window_view(whole, WINDOW) if len(whole) >= WINDOW else losses[:0, None]
    later = losses[before:]
    medians = np.concatenate([np.asarray(head), np.full(len(windows), np.inf)])
    possible = len(head) + np.flatnonzero(later[len(head) :] > SPIKE * _least_medians(whole))
    for start in range(0, len(possible), _AT_ONCE):
        part = possible[start : start + _AT_ONCE]
        medians[part] = np.median(windows[part - len(head)], axis=1)
    high = (medians > 0) & (later > SPIKE * medians)
    for index in np.flatnonzero(high & ~np.append(False, high[:-1])):
        if before + index >= first:
            times = significant(float(later[index] / medians[index]), 2)
            words = f"spike: loss {significant(float(later[index]))}, {times} times the median of the steps before"
            yield int(steps[before + index]), words


def _least_medians(losses: Values) -> Values:
    """Return what the median of each window is not below: the largest of the smallest values of its runs.

    It takes a hundredth of the time of the medians, and rules out nearly all values.
    """
    return _of_runs(_of_runs(losses, _HALF, np.minimum), WINDOW - _HALF + 1, np.maximum)


def _of_runs(values: Values, length: int, extreme: np.ufunc) -> Values:
    """Return the extreme of each run of so many neighbours, by doubling the runs."""
    if len(values) < length:
        return values[:0]
    run = 1
    while 2 * run <= length:
        values = extreme(values[:-run], values[run:])
        run *= 2
    rest = length - run
    return extreme(values[: len(values) - rest], values[rest:]) if rest else values
