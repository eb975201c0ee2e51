"""Spikes of a loss: values far above those just before."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np

from app.curves.pyramid import Floats
from lattice.units import significant

SPIKE = 3.0
"""A loss of so many times the median of those before it is a spike."""
WINDOW = 50
"""Training steps that the median is taken over."""
LEAST = 10
"""Training steps before which nothing is called a spike: a run begins steeply."""
_AT_ONCE = 10_000
"""Medians taken at once, which take 4 MB."""


def spikes_in(
    steps: Floats, losses: Floats, breaks: Iterable[float] = (), since: float = -1.0
) -> Iterator[tuple[int, str]]:
    """Yield (training step, words) of each spike; of neighbouring ones the first.

    Args:
        steps: training steps, rising, [n].
        losses: one per step, [n]; those that are not finite are left out.
        breaks: training steps after which the loss measures something else, as after an edit.
        since: training step from which on spikes are wanted.
    """
    finite = np.isfinite(losses)
    steps, losses = steps[finite], losses[finite]
    edges = [0, *np.searchsorted(steps, sorted(breaks), side="right").tolist(), len(steps)]
    for begin, end in itertools.pairwise(edges):
        first = max(int(np.searchsorted(steps[begin:end], since)), LEAST)
        yield from _spikes_of_part(steps[begin:end], losses[begin:end], first)


def _spikes_of_part(steps: Floats, losses: Floats, first: int) -> Iterator[tuple[int, str]]:
    """Yield the spikes from index `first` on."""
    before = max(first - 1, LEAST)  # a spike right before a value makes it a neighbour
    if len(losses) <= before:
        return
    head = [float(np.median(losses[:index])) for index in range(before, min(WINDOW, len(losses)))]
    whole = losses[max(before - WINDOW, 0) : -1]
    windows = np.lib.stride_tricks.sliding_window_view(whole, WINDOW) if len(whole) >= WINDOW else losses[:0, None]
    slices = (windows[start : start + _AT_ONCE] for start in range(0, len(windows), _AT_ONCE))  # each is copied
    medians = np.concatenate([np.asarray(head), *(np.median(part, axis=1) for part in slices)])
    later = losses[before:]
    high = (medians > 0) & (later > SPIKE * medians)
    for index in np.flatnonzero(high & ~np.append(False, high[:-1])):
        if before + index >= first:
            times = significant(float(later[index] / medians[index]), 2)
            words = f"spike: loss {significant(float(later[index]))}, {times} times the median of the steps before"
            yield int(steps[before + index]), words
