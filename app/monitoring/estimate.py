"""What a config would cost: memory from its shapes, time from what the running config takes.

The number of floats that a rollout keeps for its backward pass was counted with torch's saved-tensor hooks for
ten configs that vary one setting each; the formula is within 3 % of all of them.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from lattice.config import DistanceThresholds, SimpleProjectConfig
from lattice.tiers import Tier, interior_counts

FLOAT_BYTES = 4
_BYTES_PER_WEIGHT = 16
"""Weight, gradient and AdamW's two moments."""
_BACKWARD_EXTRA = 1.15
"""Gradients that live beside the kept floats while they are used up."""
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


class RunEstimator:
    """Scales measured training steps to other configs."""

    def __init__(self, width: int = 768) -> None:
        """Create an estimator that has measured nothing.

        Args:
            width: of the embeddings.
        """
        self.width = width
        self._measured: deque[float] = deque(maxlen=_STEPS_REMEMBERED)

    def observe(self, config: SimpleProjectConfig, seconds: float) -> None:
        """Learn from one training step."""
        self._measured.append(seconds / work(config))

    def forget(self) -> None:
        """Start anew, as on another device."""
        self._measured.clear()

    def __call__(self, config: SimpleProjectConfig) -> Estimate:
        """Estimate one training step of a config."""
        kept = _BACKWARD_EXTRA * FLOAT_BYTES * rollout_floats(config)
        memory = kept + _BYTES_PER_WEIGHT * map_weights(config, self.width)
        seconds = statistics.median(self._measured) * work(config) if self._measured else None
        return Estimate(memory, seconds)


def floats_per_update(config: SimpleProjectConfig) -> float:
    """Return the floats kept for the backward pass by one update of one cell for one sample."""
    model = config.model
    evaluations = model.flow_substeps * (4 if model.flow_method == "rk4" else 1)
    size, hidden = model.state_size, model.expert_hidden
    similarity, value = model.similarity_channels, model.value_channels
    dense = 3.25 * size + 4 * hidden + evaluations * (hidden + size)
    messages = 2 * model.message_channels + similarity * value + 5 * similarity + 3 * value + 10
    return dense + messages


def rollout_floats(config: SimpleProjectConfig) -> float:
    """Return the floats kept for the backward pass by one batch."""
    lattice = config.lattice
    updates = lattice.cells * lattice.lattice_steps * config.training_embedding.batch_size
    return updates * floats_per_update(config)


def map_weights(config: SimpleProjectConfig, width: int) -> int:
    """Return the weights of the maps between embedding and surface; the cells' own are few beside them."""
    x, y, z = config.lattice.dimensions
    through = config.embedding_mapping.placement == "through"
    inside = max(x - 2, 0) * max(y - 2, 0) * max(z - 2, 0)
    cells = y * z if through else x * y * z - inside
    per_cell = config.embedding_mapping.scalars_per_cell or math.ceil(width / cells)
    return 2 * width * cells * per_cell


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
    return 1e-9 * training.accumulation * (per_batch + _NS_PER_FLOAT * rollout_floats(config))


@lru_cache(maxsize=32)
def _interior_counts(thresholds: DistanceThresholds) -> dict[Tier, int]:
    return interior_counts(thresholds)
