"""Whether there are samples enough to train on: one text alone is refused, few samples are warned of."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.data.sources.base import Source
from lattice.errors import DataError, quoted
from lattice.units import plural

FEW_TRAINING, FEW_HELD_OUT = 20, 5
"""Samples to train on, and held out, below which a load warns of what scores are worth."""


def check_several(sources: Sequence[Source]) -> None:
    """Refuse a single text, such as a service's answer that it failed, before a teacher is loaded for it."""
    if len(sources) == 1 and sources[0].width is None and sources[0].count == 1:
        text = (sources[0].texts(False, 1) or [""])[0]
        raise DataError(
            f"{sources[0].name} holds one text alone, {quoted(text)!r}; at least two different ones are needed. If "
            "they stand in another column, name it with --text-column. If this is a service's error message, or the "
            "description of an answer without rows, get the data again"
        )


def few_samples(training: int, held_out: int) -> str:
    """Return what so few samples mean for the scores, one sentence; empty where there are enough of both."""
    if training >= FEW_TRAINING and held_out >= FEW_HELD_OUT:
        return ""
    return (
        f"only {plural(training, 'sample')} to train on and {held_out} held out: so few are learned by heart, and "
        "scores of them say little about other samples"
    )
