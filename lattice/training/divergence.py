"""Notices a training that diverges while its numbers are still finite."""

from __future__ import annotations

import math

from lattice.config import SimpleProjectConfig
from lattice.training.reports import StepReport

DIVERGED = 1000.0
"""A loss of so many times its best is no fluctuation."""


def pauses(report: StepReport, config: SimpleProjectConfig) -> bool:
    """Say whether training is to pause after a training step, because the loss diverged in it."""
    return bool(report.diverged) and config.training_embedding.on_divergence == "pause"


class DivergenceWatch:
    """Follows one loss; tells once, and again only after the loss has come back."""

    def __init__(self) -> None:
        """Begin without a best loss."""
        self._best, self._best_step = math.inf, 0
        self._told = False

    def take(self, training_step: int, loss: float) -> str | None:
        """Return what to tell of a loss: nothing, or one line, when it exceeds `DIVERGED` times the best so far.

        Losses that are not positive, or not finite, are no measure and are left out.
        """
        if not (math.isfinite(loss) and loss > 0):
            return None
        if loss < self._best:
            self._best, self._best_step = loss, training_step
        diverged = loss > DIVERGED * self._best
        told, self._told = self._told, diverged
        if told or not diverged:
            return None
        return (
            f"diverged: the loss is {loss:.3g}, {loss / self._best:,.0f} times its best of {self._best:.3g} "
            f"at training step {self._best_step:,}"
        )
