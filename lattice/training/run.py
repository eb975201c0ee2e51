"""The state of a run, as the parts of training that work on it see it."""

from __future__ import annotations

from typing import Protocol

import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.training.batches import BatchOrder
from lattice.training.divergence import DivergenceWatch
from lattice.training.mlp_baseline import MLPBaseline
from lattice.training.reports import StartScores
from lattice.training.resume_proof import ResumeProof


class Run(Protocol):
    """What a run consists of; `EmbeddingTrainer` is one."""

    config: SimpleProjectConfig
    device: torch.device
    dataset: EmbeddingDataset
    student: StudentModel
    optimizer: torch.optim.AdamW
    tier_means: TierMeans
    order: BatchOrder
    training_step: int
    """Optimizer updates done so far."""
    schedule_start: int
    """Training step at which the learning rate schedule began."""
    run_id: str
    """Names the run over all its sessions."""
    sessions: tuple[tuple[str, int], ...]
    """Id and first training step of each session that led to this state, the present one last."""
    extras: dict[str, torch.Tensor]
    """What checkpoints carry along for others, by name."""
    mlp: MLPBaseline
    """The plain network that is trained beside the student."""
    start_scores: StartScores | None
    """Scores before the first training step, once they were measured."""
    divergence: DivergenceWatch
    """Follows the total loss."""
    resume_proof: ResumeProof | None
    """What the last proof of resume found."""
