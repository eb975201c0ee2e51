"""Budgets and predictions of memory."""

from __future__ import annotations

import logging

import pytest
import torch

from lattice.data import GPUMemoryEstimator
from lattice.data.estimator import INDEX_BYTES


def test_the_budget_is_the_free_memory_less_the_reserve_in_samples() -> None:
    budget = GPUMemoryEstimator("cuda", 20.0, free_bytes=78_000_000_000).dataset_budget(768, torch.float16)
    assert budget.bytes == 58_000_000_000
    assert budget.samples == 58_000_000_000 // (768 * 2 + INDEX_BYTES)
    assert budget.warning == ""
    assert budget.explain(1_000_000) == (
        "1,000,000 samples (1.55 GB) fit; 58.00 GB for data = 78.00 GB free less 20.00 GB reserve"
    )


def test_a_reserve_that_the_card_can_not_give_is_lowered_with_a_warning() -> None:
    budget = GPUMemoryEstimator("cuda", 20.0, free_bytes=15_000_000_000).dataset_budget(768, torch.float16)
    assert budget.reserve_bytes == 7_500_000_000
    assert budget.samples > 4_000_000
    assert budget.warning == (
        "a reserve of 20.0 GB was requested, but only 15.0 GB of GPU memory are free; "
        "it is lowered to 50% of that, 7.5 GB"
    )


def test_pairs_and_wider_types_take_their_room() -> None:
    estimator = GPUMemoryEstimator("cuda", 1.0, free_bytes=10**10)
    assert estimator.dataset_budget(100, torch.float16, pairs=True).sample_bytes == 400 + INDEX_BYTES
    assert estimator.dataset_budget(100, torch.float32).sample_bytes == 400 + INDEX_BYTES


def test_the_processor_leaves_a_share_to_everything_else() -> None:
    estimator = GPUMemoryEstimator("cpu", 20.0)
    budget = estimator.dataset_budget(768, torch.float16)
    assert budget.reserve_bytes == int(0.2 * budget.free_bytes)
    assert budget.samples > 0
    assert "do not fit" in budget.explain(10**12)


def test_two_steps_predict_the_peak_of_any_batch() -> None:
    asked = []

    def measure(batch: int) -> int:
        asked.append(batch)
        return 5_000_000 + 70_000 * batch

    memory = GPUMemoryEstimator("cuda").training_memory(measure, (6, 2))
    assert asked == [2, 6]
    assert memory.peak_bytes(64) == measure(64)
    assert memory.largest_batch(measure(100) + 69_999) == 100
    assert memory.largest_batch(4_000_000) == 0


def test_a_flat_measurement_does_not_divide_by_zero(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cellcube")
    memory = GPUMemoryEstimator("cuda").training_memory(lambda batch: 1000)
    assert memory.peak_bytes(500) == 1000
    assert memory.largest_batch(2000) == 65536
    assert memory.largest_batch(500) == 0
    with pytest.raises(ValueError, match="two different batch sizes"):
        GPUMemoryEstimator("cuda").training_memory(lambda batch: 1, (3, 3))
