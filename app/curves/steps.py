"""How training steps lie on the axis below the plots: evenly, or by their logarithm."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from app.curves.level import Floats

PIECES = 12
"""Parts of a logarithmic axis that are reduced to pixels by themselves: the first steps get as many as the last."""


@dataclass(frozen=True)
class StepScale:
    """Positions on the axis are training steps, or log10(training step + 1), so that step 0 has a place."""

    logarithmic: bool = False

    def position(self, step: float) -> float:
        """Return where a training step lies."""
        return float(np.log10(max(step, 0.0) + 1.0)) if self.logarithmic else step

    def positions(self, steps: Floats) -> Floats:
        """Return where training steps lie, float64 [n]."""
        return np.log10(np.maximum(steps, 0.0) + 1.0) if self.logarithmic else steps

    def step(self, position: float) -> float:
        """Return the training step at a position."""
        return float(10.0 ** min(position, 18.0) - 1.0) if self.logarithmic else position

    def pieces(self, first: float, last: float, columns: int) -> list[tuple[float, float, int]]:
        """Return ranges of training steps that are each spread evenly enough, with the pixel columns of each."""
        if not self.logarithmic:
            return [(first, last, columns)]
        edges = np.linspace(self.position(first), self.position(last), PIECES + 1)
        steps = [self.step(float(edge)) for edge in edges]
        return [(low, high, max(columns // PIECES, 4)) for low, high in itertools.pairwise(steps)]
