"""What a config would cost: memory from its shapes, time from what the running config takes."""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import torch

from lattice.config import DistanceThresholds, SimpleProjectConfig
from lattice.tiers import Tier, interior_counts
from lattice.training.footprint import (
    RECOMPUTE_TIME,
    floats_per_update,
    free_for_rollouts,
    recomputes,
    training_bytes,
)

_NS_PER_FLOAT = 1.2
_NS_PER_EDGE = 0.11
_NS_PER_POINT = 0.75
_STEPS_REMEMBERED = 15
"""Training steps whose median counts, so that single slow ones do not."""
_PASSES = 3
"""A forward and a backward pass cost about three forward passes."""


@dataclass(frozen=True)
class Estimate:
    """What one training step would take; None where nobody can know yet."""

    memory_bytes: float | None
    """Weights, optimizer and rollout; libraries and data not counted."""
    seconds: float | None
    recomputes: bool = False
    """Whether lattice steps would be computed again for the gradients, to take less memory."""


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
        self._measured: deque[float] = deque(maxlen=_STEPS_REMEMBERED)

    def observe(self, config: SimpleProjectConfig, seconds: float) -> None:
        """Learn from one training step."""
        self._measured.append(seconds / self._work(config))

    def forget(self) -> None:
        """Start anew, as on another device."""
        self._measured.clear()

    def __call__(self, config: SimpleProjectConfig) -> Estimate:
        """Estimate one training step of a config."""
        again = recomputes(config, free_for_rollouts(self.device))
        memory = training_bytes(config, self.width, recompute=again)
        seconds = statistics.median(self._measured) * self._work(config) if self._measured else None
        return Estimate(memory, seconds, again)

    def _work(self, config: SimpleProjectConfig) -> float:
        again = recomputes(config, free_for_rollouts(self.device))
        return work(config) * (RECOMPUTE_TIME if again else 1.0)


def work(config: SimpleProjectConfig) -> float:
    """Return the expected seconds of a training step on one core of a middling processor; only ratios matter."""
    model, training, lattice = config.model, config.training_embedding, config.lattice
    counts = _interior_counts(lattice.get_distance_thresholds())
    fields = {
        "local": model.message_channels,
        "functional": model.similarity_channels * (model.value_channels + 1),
        "distant": model.message_channels,
    }
    reach = math.ceil(lattice.max_radius)
    points = math.prod(side + min(reach, side) for side in lattice.dimensions)
    transform = _NS_PER_POINT * points * math.log2(points + 1)
    tiers = sum(
        fields[tier] * min(_NS_PER_EDGE * lattice.cells * count, transform) for tier, count in counts.items() if count
    )
    per_batch = lattice.lattice_steps * training.batch_size * _PASSES * tiers
    updates = lattice.cells * lattice.lattice_steps * training.batch_size
    return 1e-9 * training.accumulation * (per_batch + _NS_PER_FLOAT * updates * floats_per_update(config))


@lru_cache(maxsize=32)
def _interior_counts(thresholds: DistanceThresholds) -> dict[Tier, int]:
    return interior_counts(thresholds)
