"""Learning rate as a pure function of the training step, so that edits and resuming need no state."""

from __future__ import annotations

import math

from lattice.config import OptimizerSettings
from lattice.units import significant

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


def longer_schedule_text(done: int, steps: int, longer: int, settings: OptimizerSettings) -> str:
    """Say what the learning rate does when a schedule is made longer.

    Args:
        done: training steps of the schedule that are done.
        steps: its length so far.
        longer: its new length.
        settings: of the optimizer.
    """
    before, after = learning_rate(max(done - 1, 0), steps, settings), learning_rate(done, longer, settings)
    if settings.schedule == "constant":
        return f"The learning rate stays {significant(after, 2)}"
    return (
        f"The learning rate goes from {significant(before, 2)} to {significant(after, 2)} at once: its schedule "
        f"'{settings.schedule}' then spans all {longer:,} steps, and ends with them"
    )
