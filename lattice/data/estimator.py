"""How much fits: the dataset's share of the GPU's memory, and the memory that training will take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from lattice.devices import free_memory_bytes
from lattice.limits import HOST_RESERVE_SHARE
from lattice.log import logger

LOWERED_SHARE = 0.5
"""Share of the free memory that is kept in reserve where the requested reserve would leave no room for data."""
SMALLEST_DATA_SHARE = 0.05
"""A reserve must leave at least this share of the free memory to the data, or it is lowered."""

INDEX_BYTES = 8 + 1 + 8
"""Bytes per sample beside its row: split index, check code and hash."""


@dataclass(frozen=True)
class DatasetBudget:
    """Memory that the samples may take."""

    free_bytes: int
    reserve_bytes: int
    """Kept free of data; lower than requested if `warning` is not empty."""
    sample_bytes: int
    warning: str

    @property
    def bytes(self) -> int:
        """Bytes left for the samples."""
        return max(0, self.free_bytes - self.reserve_bytes)

    @property
    def samples(self) -> int:
        """Samples that fit."""
        return self.bytes // self.sample_bytes

    def explain(self, wanted: int) -> str:
        """Say in one sentence whether `wanted` samples fit."""
        need, gb = wanted * self.sample_bytes, 1e9
        verdict = "fit" if wanted <= self.samples else f"do not fit: {self.samples:,} do"
        return (
            f"{wanted:,} samples ({need / gb:.2f} GB) {verdict}; {self.bytes / gb:.2f} GB for data = "
            f"{self.free_bytes / gb:.2f} GB free less {self.reserve_bytes / gb:.2f} GB reserve"
        )


@dataclass(frozen=True)
class TrainingMemory:
    """Peak memory of a training step as a straight line over the batch size, from measured steps."""

    fixed_bytes: float
    """Parameters, gradients, optimizer, stencils and data."""
    sample_bytes: float
    """Activations per sample of the batch."""

    def peak_bytes(self, batch_size: int) -> int:
        """Predict the peak of a batch size."""
        return round(self.fixed_bytes + self.sample_bytes * batch_size)

    def largest_batch(self, limit_bytes: int) -> int:
        """Return the largest batch whose predicted peak stays within `limit_bytes`, 0 if none does."""
        if self.sample_bytes <= 0:
            return 65536 if self.fixed_bytes <= limit_bytes else 0
        return max(0, min(65536, int((limit_bytes - self.fixed_bytes) / self.sample_bytes)))


class GPUMemoryEstimator:
    """Plans the memory of one device; on the processor it plans the computer's memory.

    What is left to everything else on the processor is `HOST_RESERVE_SHARE` of what is free there.
    """

    def __init__(self, device: torch.device | str, reserve_gb: float = 20.0, *, free_bytes: int | None = None) -> None:
        """Plan for `device`; `free_bytes` stands in for a measurement."""
        self.device = torch.device(device)
        self.reserve_gb = reserve_gb
        self._free_bytes = free_bytes

    @property
    def free_bytes(self) -> int:
        """Bytes that can still be allocated."""
        return free_memory_bytes(self.device) if self._free_bytes is None else self._free_bytes

    def dataset_budget(self, width: int, dtype: torch.dtype, *, pairs: bool = False) -> DatasetBudget:
        """Return the budget for samples of `width` numbers of `dtype`, twice that for pairs.

        A reserve that the device can't give is lowered to half of the free memory, with a warning.
        """
        free = self.free_bytes
        reserve = int(self.reserve_gb * 1e9 if self.device.type == "cuda" else HOST_RESERVE_SHARE * free)
        warning = ""
        if self.device.type == "cuda" and reserve > free * (1 - SMALLEST_DATA_SHARE):
            lowered = int(free * LOWERED_SHARE)
            warning = (
                f"a reserve of {reserve / 1e9:.1f} GB was requested, but only {free / 1e9:.1f} GB of GPU memory are "
                f"free; it is lowered to {LOWERED_SHARE:.0%} of that, {lowered / 1e9:.1f} GB"
            )
            reserve = lowered
        return DatasetBudget(free, reserve, (2 if pairs else 1) * width * dtype.itemsize + INDEX_BYTES, warning)

    def training_memory(
        self, measure_peak: Callable[[int], int], batch_sizes: Sequence[int] = (2, 6)
    ) -> TrainingMemory:
        """Measure one training step at two batch sizes and lay a line through their peaks.

        Args:
            measure_peak: runs a training step of the given batch size and returns its peak in bytes.
            batch_sizes: two different sizes; far apart gives a better line.
        """
        small, large = sorted(batch_sizes)
        if small == large:
            raise ValueError("two different batch sizes are needed")
        low, high = measure_peak(small), measure_peak(large)
        slope = max(0.0, (high - low) / (large - small))
        memory = TrainingMemory(low - slope * small, slope)
        logger.debug("training memory: %.0f bytes and %.0f per sample", memory.fixed_bytes, memory.sample_bytes)
        return memory


def cuda_peak(device: torch.device, work: Callable[[], object]) -> int:
    """Run `work` and return the most bytes that torch had allocated on a CUDA device meanwhile."""
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    work()
    torch.cuda.synchronize(device)
    return int(torch.cuda.max_memory_allocated(device))
