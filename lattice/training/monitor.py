"""Measures of a training step and of what a run holds: rates, memory, and the report of a step."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import psutil
import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS
from lattice.training.checkpoint import optimizer_tensors
from lattice.training.clock import PhaseClock
from lattice.training.reports import StepReport
from lattice.training.updates import UpdateResult


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


@dataclass(frozen=True)
class Figures:
    """What a report says of one update, as plain numbers."""

    losses: dict[str, float]
    cosine: float
    gradient_norm: float
    gradient_norms: dict[str, float]
    gate_shares: dict[str, float]
    bad: bool
    """Whether this update or one since the last report was not finite."""


def to_host(result: UpdateResult, norms: dict[str, Tensor], bad: Tensor) -> Figures:
    """Bring one update's figures to the host, all at once: each transfer would wait for the device again.

    Args:
        result: the update.
        norms: gradient norm per part of the student, scalars.
        bad: above 0 if this update or one since the last report was not finite, scalar.
    """
    tables = [result.losses, norms, result.gate_shares]
    scalars = [result.cosine, result.gradient_norm, bad, *(value for table in tables for value in table.values())]
    numbers = iter(torch.stack([value.to(result.cosine.device, torch.float32) for value in scalars]).tolist())
    cosine, norm, bad_updates = (next(numbers) for _ in range(3))
    losses, parts, shares = ({name: next(numbers) for name in table} for table in tables)
    return Figures(losses, cosine, norm, parts, shares, bad_updates > 0.0)


def step_report(
    figures: Figures,
    rate: float,
    clock: PhaseClock,
    config: SimpleProjectConfig,
    training_step: int,
    samples: int,
    device: torch.device,
) -> StepReport:
    """Put the report of one update together.

    Args:
        figures: of the update.
        rate: learning rate of the update.
        clock: started before the update.
        config: settings of the run.
        training_step: number of the update, from 1.
        samples: in the update.
        device: where the run is.
    """
    seconds = clock.seconds
    updates = samples * config.lattice.cells * config.lattice.lattice_steps
    return StepReport(
        training_step=training_step,
        losses=figures.losses,
        train_cosine=figures.cosine,
        learning_rate=rate,
        gradient_norm=figures.gradient_norm,
        gradient_norms=figures.gradient_norms,
        gate_shares={tier: figures.gate_shares.get(tier, 0.0) for tier in TIERS} if figures.gate_shares else {},
        seconds=seconds,
        phase_seconds=dict(clock.phases),
        samples_per_second=samples / seconds,
        cell_updates_per_second=updates / seconds,
        peak_memory_bytes=peak_memory_bytes(device),
    )
