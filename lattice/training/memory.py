"""Memory of training, measured on the card with two short probes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, GPUMemoryEstimator, TrainingMemory
from lattice.data.estimator import cuda_peak
from lattice.errors import DeviceError
from lattice.training.engine import build_tier_means
from lattice.training.trainer import EmbeddingTrainer

PROBE_STEPS = 2
"""The first step allocates the optimizer's state, the second shows the peak that stays."""


def measure_training_memory(
    config: SimpleProjectConfig,
    dataset: EmbeddingDataset,
    device: torch.device,
    batch_sizes: Sequence[int] = (2, 8),
) -> TrainingMemory:
    """Train two throw-away students for two steps each and predict the peak of every batch size.

    Args:
        config: the run that is planned.
        dataset: its samples; at least as many for training as the larger batch.
        device: a CUDA device.
        batch_sizes: the two batch sizes of the probes.

    Raises:
        DeviceError: the device is no CUDA device; torch measures peaks only there.
    """
    if device.type != "cuda":
        raise DeviceError(f"the peak of training is measured on CUDA only, not on {device}; choose device 'cuda'")
    resident = dataset.to(device)
    tier_means = build_tier_means(config, device)

    def peak(batch_size: int) -> int:
        # A recording holds a rollout's memory apart, up to a bound of its own: asked is the bare training step.
        probe_config = config.replaced({"training_embedding.batch_size": batch_size, "device.graphs": "never"})
        probe = EmbeddingTrainer(probe_config, resident, device, tier_means=tier_means)
        return cuda_peak(device, lambda: probe.advance(PROBE_STEPS))

    return GPUMemoryEstimator(device).training_memory(peak, batch_sizes)
