"""Learning rate as a pure function of the training step, so that edits and resuming need no state."""

from __future__ import annotations

import math

from lattice.config import OptimizerSettings

START_DIVISOR = 25.0
"""A one-cycle schedule starts at the peak over this (the default of Smith & Topin's one-cycle in torch)."""
END_DIVISOR = 1e4
"""Both falling schedules end at the peak over this."""


def learning_rate(step: int, total_steps: int, settings: OptimizerSettings) -> float:
    """Return the learning rate of the training step with 0-based index `step`; past the end it stays at the end.

    `one_cycle`: cosine up over `warmup_fraction` of the steps, then cosine down, with the phases of torch's
    `OneCycleLR`. `cosine`: down only.
    """
    peak = settings.learning_rate
    if settings.schedule == "constant":
        return peak
    low = peak / END_DIVISOR
    warm = max(settings.warmup_fraction * total_steps - 1.0, 0.0) if settings.schedule == "one_cycle" else 0.0
    if step < warm:
        return _cosine(peak / START_DIVISOR, peak, step / warm)
    span = max(total_steps - 1 - warm, 1.0)
    return _cosine(peak, low, min((step - warm) / span, 1.0))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
