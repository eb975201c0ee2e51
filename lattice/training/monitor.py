"""Measures of a training step and of what a run holds: wall time by phase, rates, memory, and the report of a step."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS
from lattice.training.checkpoint import optimizer_tensors
from lattice.training.reports import StepReport

if TYPE_CHECKING:
    from lattice.training.updates import UpdateResult


class PhaseClock:
    """Adds up wall time by phase within one training step."""

    def __init__(self) -> None:
        """Start the clock."""
        self.began = time.perf_counter()
        self.phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time spent inside as `name`, in seconds."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Wall time since the start."""
        return time.perf_counter() - self.began


def peak_memory_bytes(device: torch.device) -> int:
    """Return the most memory used so far: allocated on a CUDA device, else resident in this process."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) if sys.platform == "darwin" else int(peak) * 1024


def held_bytes(
    dataset: EmbeddingDataset, student: StudentModel, optimizer: torch.optim.AdamW, tier_means: TierMeans
) -> dict[str, int]:
    """Return the bytes held by `dataset`, `model`, `optimizer` and `stencils`."""
    rows = [dataset.embeddings] + ([] if dataset.partners is None else [dataset.partners])
    return {
        "dataset": sum(tensor.nbytes for tensor in rows),
        "model": sum(tensor.nbytes for tensor in [*student.parameters(), *student.buffers()]),
        "optimizer": sum(tensor.nbytes for tensor in optimizer_tensors(optimizer, student).values()),
        "stencils": tier_means.bytes,
    }


def step_report(
    result: UpdateResult,
    norms: dict[str, float],
    rate: float,
    clock: PhaseClock,
    config: SimpleProjectConfig,
    training_step: int,
    device: torch.device,
) -> StepReport:
    """Bring one update's figures to the host and put them together.

    Args:
        result: the update.
        norms: gradient norm per part of the student.
        rate: learning rate of the update.
        clock: started before the update.
        config: settings of the run.
        training_step: number of the update, from 1.
        device: where the run is.
    """
    shares: dict[str, float] = {
        tier: result.gate_shares[tier].item() if tier in result.gate_shares else 0.0 for tier in TIERS
    }
    reported = {name: value.item() for name, value in result.losses.items()}
    seconds = clock.seconds
    updates = result.samples * config.lattice.cells * config.lattice.lattice_steps
    return StepReport(
        training_step=training_step,
        losses=reported,
        train_cosine=result.cosine.item(),
        learning_rate=rate,
        gradient_norm=result.gradient_norm.item(),
        gradient_norms=norms,
        gate_shares=shares,
        seconds=seconds,
        phase_seconds=dict(clock.phases),
        samples_per_second=result.samples / seconds,
        cell_updates_per_second=updates / seconds,
        peak_memory_bytes=peak_memory_bytes(device),
    )
