"""What is done with one batch, as a CUDA graph can repeat it: forward and backward, or forward for scores.

Shapes: B batch, D embedding width, L live experts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.losses import gates_of, losses
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.training.clock import PhaseClock


@dataclass(frozen=True)
class PassResult:
    """What one batch leaves on the device beside the gradients; scalars unless said."""

    losses: dict[str, Tensor]
    cosine: Tensor
    """Mean cosine between student's and teacher's embeddings."""
    gates_L: Tensor
    """Mean gate per live expert; empty for a rule without gates."""

    def tensors(self) -> list[Tensor]:
        """Return all of it, in a fixed order."""
        return [*self.losses.values(), self.cosine, self.gates_L]


BatchPass = Callable[[Tensor, Tensor, PhaseClock], PassResult]
"""Takes inputs and targets, [B, D], and adds to the gradients."""
Scoring = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From inputs, [B, D], to the student's embeddings and those without a rollout."""


def batch_pass(
    student: StudentModel, tier_means: TierMeans, config: SimpleProjectConfig, *, recompute: bool
) -> BatchPass:
    """Return the pass of a run, for as long as its student, tier means and settings stay; it never waits for a value.

    Args:
        student: gets the gradients, divided by the number of batches of an update; with `damage`, its `erased_N`
            are erased.
        tier_means: for the same lattice.
        config: of the run.
        recompute: see `roll_out`.
    """
    settings, steps = config.training_embedding, config.lattice.lattice_steps
    erased_N = student.erased_N if settings.damage else None

    def run(inputs_BD: Tensor, targets_BD: Tensor, clock: PhaseClock) -> PassResult:
        with clock.phase("forward"):
            output = student(inputs_BD, tier_means, steps, recompute=recompute, erased_N=erased_N)
            parts = losses(output.embedding_BD, targets_BD, output.rollout, settings.loss_weights)
        with clock.phase("backward"):
            (parts["total"] / settings.accumulation).backward()
        with torch.no_grad():
            gates = [gates_LNB.mean((1, 2)) for gates_LNB in gates_of(output.rollout)]
            return PassResult(
                losses={name: part.detach() for name, part in parts.items()},
                cosine=F.cosine_similarity(output.embedding_BD, targets_BD, dim=-1).mean(),
                gates_L=torch.stack(gates).mean(0) if gates else output.embedding_BD.new_zeros(0),
            )

    return run


def scoring_pass(student: StudentModel, tier_means: TierMeans, config: SimpleProjectConfig) -> Scoring:
    """Return the forward pass of a run; it computes no gradients, and never waits for a value."""
    steps = config.lattice.lattice_steps

    @torch.no_grad()
    def run(inputs_BD: Tensor) -> tuple[Tensor, Tensor]:
        output = student(inputs_BD, tier_means, steps)
        return output.embedding_BD, student.read(output.rollout.states[0])

    return run
