"""What a config would cost: memory from its shapes, time from what the running config takes."""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from dataclasses import dataclass

import torch

from lattice.config import SimpleProjectConfig
from lattice.model.rules.build import fields_per_tier
from lattice.neighbourhood.choose import expected_nanoseconds
from lattice.training.footprint import (
    RECOMPUTE_TIME,
    floats_per_update,
    free_for_rollouts,
    recomputes,
    rollout_bytes,
    training_bytes,
)

_NS_PER_FLOAT = 3.6
_STEPS_REMEMBERED = 15
"""Training steps whose median counts, so that single slow ones do not."""
_READ_SECONDS = 1.0
"""Free memory is read at most so often."""
_STEPS_PATIENCE = 2.0
"""A run counts as training for so many times the last training step's time."""
_USABLE_SHARE = 0.9
"""Share of the free memory that training may take; evaluations and the window's own pictures need some, too."""
_PASSES = 2
"""Neighbour sums of a lattice step: one forward, one backward."""


@dataclass(frozen=True)
class Estimate:
    """What one training step would take; None where nobody can know yet."""

    memory_bytes: float | None
    """Weights, optimizer and rollout; libraries and data not counted."""
    seconds: float | None
    recomputes: bool = False
    """Whether lattice steps would be computed again for the gradients, to take less memory."""
    free_bytes: float | None = None
    """Memory that a run could take on its device; what the present run's own training steps take counts as free."""
    on_card: bool = False
    """Whether that is a graphics card's memory."""

    @property
    def fits(self) -> bool:
        """Whether the memory is there, as far as anybody knows."""
        if self.memory_bytes is None or self.free_bytes is None:
            return True
        return self.memory_bytes <= _USABLE_SHARE * self.free_bytes


class RunEstimator:
    """Scales measured training steps to other configs."""

    def __init__(self, width: int = 768, device: torch.device | None = None) -> None:
        """Create an estimator that has measured nothing.

        Args:
            width: of the embeddings.
            device: where the run is; the processor if None.
        """
        self.width = width
        self.device = device or torch.device("cpu")
        self._running: tuple[SimpleProjectConfig, bool] | None = None
        self._training_until = self._read_at = -math.inf
        self._free = 0.0
        self._measured: deque[float] = deque(maxlen=_STEPS_REMEMBERED)

    def follow(self, config: SimpleProjectConfig, *, recompute: bool) -> None:
        """Take the trainer's word for the running config: it judged between training steps, with the memory free."""
        self._running = config, recompute
        self._read_at = -math.inf

    def observe(self, config: SimpleProjectConfig, seconds: float) -> None:
        """Learn from one training step."""
        self._training_until = time.monotonic() + _STEPS_PATIENCE * seconds + _READ_SECONDS
        self._measured.append(seconds / self._work(config))

    def forget(self) -> None:
        """Forget what was measured, as on another device."""
        self._measured.clear()

    def look_again(self) -> None:
        """Ask how much memory is free at the next estimate, however short ago that was asked."""
        self._read_at = -math.inf

    def __call__(self, config: SimpleProjectConfig) -> Estimate:
        """Estimate one training step of a config."""
        again = self._recomputes(config)
        memory = training_bytes(config, self.width, recompute=again)
        seconds = statistics.median(self._measured) * self._work(config) if self._measured else None
        return Estimate(memory, seconds, again, self._free_for_a_run(), self.device.type == "cuda")

    def _work(self, config: SimpleProjectConfig) -> float:
        return work(config, self.width) * (RECOMPUTE_TIME if self._recomputes(config) else 1.0)

    def _recomputes(self, config: SimpleProjectConfig) -> bool:
        if self._running is not None and config == self._running[0]:
            return self._running[1]
        return recomputes(config, self._free_between_steps(), self.width)

    def _free_for_a_run(self) -> float:
        """Return the memory free for weights, optimizer and rollout; the running ones give way to another's."""
        free = self._free_between_steps()
        if self._running is None or not self._measured:  # no training step yet: most of it is not there yet either
            return free
        config, again = self._running
        held = training_bytes(config, self.width, recompute=again) - rollout_bytes(
            config, recompute=again, width=self.width
        )
        return free + held

    def _free_between_steps(self) -> float:
        """Return the memory free for a rollout; what the one under way takes counts as free."""
        now = time.monotonic()
        if now - self._read_at >= _READ_SECONDS:
            self._read_at, self._free = now, free_for_rollouts(self.device)
            if self._running is not None and now < self._training_until:
                config, again = self._running
                self._free += rollout_bytes(config, recompute=again, width=self.width)
        return self._free


def work(config: SimpleProjectConfig, width: int | None = None) -> float:
    """Return the expected seconds of a training step on one core of a middling processor; only ratios matter."""
    training, lattice = config.training_embedding, config.lattice
    fields = fields_per_tier(config, width)
    sums = expected_nanoseconds(lattice.dimensions, lattice.get_distance_thresholds())
    tiers = sum(fields[tier].total * nanoseconds for tier, nanoseconds in sums.items())
    per_batch = lattice.lattice_steps * _PASSES * tiers
    updates = lattice.cells * lattice.lattice_steps * training.batch_size
    return 1e-9 * training.accumulation * (per_batch + _NS_PER_FLOAT * updates * floats_per_update(config, width))
