"""Scores of a student before its first training step: kept with the run, so that they are measured once.

Everything that a student can do without having learned anything is in here: of start `identity` that is a lot.
"""

from __future__ import annotations

from dataclasses import astuple

import torch
from torch import Tensor

from lattice.training.reports import Scores, StartScores

_SCORES = "start"


def start_tensors(start: StartScores | None) -> dict[str, Tensor]:
    """Return start scores for a checkpoint, float64 [9]; none if they were not measured."""
    if start is None:
        return {}
    numbers = (start.training_step, *astuple(start.student), *astuple(start.t0))
    return {_SCORES: torch.tensor(numbers, dtype=torch.float64)}


def start_of(stored: dict[str, Tensor]) -> StartScores | None:
    """Return the start scores in a checkpoint; None if it holds none, or none that can be read."""
    numbers = stored.get(_SCORES)
    if numbers is None or numbers.shape != (9,) or not bool(torch.isfinite(numbers).all()):
        return None
    step, *scores = numbers.tolist()
    return StartScores(int(step), Scores(*scores[:4]), Scores(*scores[4:]))
