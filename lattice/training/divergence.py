"""Notices a training that diverges while its numbers are still finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from lattice.config import EditCost, SimpleProjectConfig
from lattice.training.outdated import outdates_scores
from lattice.training.reports import StepReport

DIVERGED = 1000.0
"""A loss of so many times its best is no fluctuation."""
SOUND = 10.0
"""Up to so many times its best a loss may fluctuate from batch to batch."""
_LOSS_WEIGHTS = "training_embedding.loss_weights."


def pauses(report: StepReport, config: SimpleProjectConfig) -> bool:
    """Say whether training is to pause after a training step, because the loss diverged in it."""
    return bool(report.diverged) and config.training_embedding.on_divergence == "pause"


def is_diverged(report: StepReport) -> bool:
    """Say whether the loss of a training step is beyond `DIVERGED` times the best so far."""
    return report.loss_ratio > DIVERGED


def is_sound(report: StepReport) -> bool:
    """Say whether the loss of a training step is within `SOUND` times the best so far."""
    return report.loss_ratio <= SOUND


def changes_losses(changed: Iterable[str], cost: EditCost | None) -> bool:
    """Say whether losses after an edit can't be compared with those before it; `changed` are its dotted keys."""
    keys = tuple(changed)
    return outdates_scores(keys, cost) or any(key.startswith(_LOSS_WEIGHTS) for key in keys)


class DivergenceWatch:
    """Follows one loss; tells once, and again only after the loss has come back."""

    def __init__(self) -> None:
        """Begin without a best loss."""
        self._best, self._best_step = math.inf, 0
        self._told = False
        self.ratio = 1.0
        """The newest loss by the best so far."""

    @property
    def diverged(self) -> bool:
        """Whether the newest loss is beyond `DIVERGED` times the best."""
        return self._told

    def take(self, training_step: int, loss: float) -> str | None:
        """Return what to tell of a loss: nothing, or one line, when it exceeds `DIVERGED` times the best so far.

        Losses that are not positive, or not finite, are no measure and are left out.
        """
        if not (math.isfinite(loss) and loss > 0):
            return None
        if loss < self._best:
            self._best, self._best_step = loss, training_step
        self.ratio = loss / self._best
        diverged = self.ratio > DIVERGED
        told, self._told = self._told, diverged
        if told or not diverged:
            return None
        return (
            f"diverged: the loss is {loss:.3g}, {self.ratio:,.0f} times its best of {self._best:.3g} "
            f"at training step {self._best_step:,}"
        )

    def compare_again(self) -> None:
        """Forget the best loss, as after an edit that changes what losses measure; not that the training diverged."""
        if not self._told:
            self._best, self._best_step, self.ratio = math.inf, 0, 1.0

    def to_note(self) -> dict[str, float] | None:
        """Return plain values for a checkpoint's head; None before the first loss."""
        if not math.isfinite(self._best):
            return None
        return {"best": self._best, "best_step": self._best_step, "ratio": self.ratio}

    @classmethod
    def from_note(cls, note: object) -> DivergenceWatch:
        """Return the watch that a checkpoint's head notes; a new one if it notes none that can be read."""
        watch = cls()
        if not isinstance(note, Mapping) or set(note) != {"best", "best_step", "ratio"}:
            return watch
        best, step, ratio = note["best"], note["best_step"], note["ratio"]
        if type(step) is not int or not all(type(value) in (int, float) for value in (best, ratio)):
            return watch
        if not (0 < best < math.inf and 1 <= ratio < math.inf and step >= 0):
            return watch
        watch._best, watch._best_step, watch.ratio = float(best), step, float(ratio)
        watch._told = watch.ratio > DIVERGED
        return watch
