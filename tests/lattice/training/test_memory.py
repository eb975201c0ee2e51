"""The predicted peak of training."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.data.estimator import cuda_peak
from lattice.errors import DeviceError
from lattice.training.memory import measure_training_memory
from lattice.training.trainer import EmbeddingTrainer


def test_the_processor_has_no_peak_to_measure(
    small_config: Callable[..., SimpleProjectConfig], small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    with pytest.raises(DeviceError, match="measured on CUDA only, not on cpu"):
        measure_training_memory(small_config(), small_dataset(), torch.device("cpu"))


@pytest.mark.gpu
def test_the_prediction_is_within_five_percent(
    small_config: Callable[..., SimpleProjectConfig], small_dataset: Callable[..., EmbeddingDataset]
) -> None:
    device = torch.device("cuda")
    config = small_config("device.policy=cuda", "lattice.dimensions=[16, 16, 16]", "lattice.lattice_steps=4")
    dataset = small_dataset(400, 64)
    memory = measure_training_memory(config, dataset, device, (8, 32))
    trainer = EmbeddingTrainer(config.replaced({"training_embedding.batch_size": 128}), dataset, device)
    measured = cuda_peak(device, lambda: trainer.advance(2))
    assert memory.peak_bytes(128) == pytest.approx(measured, rel=0.05)
