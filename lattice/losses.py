"""Losses between the student's and the teacher's embeddings, and on the rollout.

Shapes: B batch, D embedding width, N cells, C state size, L live experts.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import LossWeights
from lattice.model.rollout import Rollout


def reconstruction_loss(student_BD: Tensor, target_BD: Tensor) -> Tensor:
    """Squared error over the targets' mean square: 0 is perfect, 1 is the score of predicting zero."""
    scale = target_BD.square().mean().clamp_min(torch.finfo(target_BD.dtype).tiny)
    return (student_BD - target_BD).square().mean() / scale


def similarity_loss(student_BD: Tensor, target_BD: Tensor) -> Tensor:
    """One minus the mean cosine, in [0, 2]."""
    return 1.0 - F.cosine_similarity(student_BD, target_BD, dim=-1).mean()


def relation_loss(student_BD: Tensor, target_BD: Tensor) -> Tensor:
    """Mean squared difference of the cosines between samples of the batch (Park et al. 2019); 0 for one sample."""
    batch = student_BD.shape[0]
    if batch < 2:
        return student_BD.new_zeros(())
    student, target = F.normalize(student_BD, dim=-1), F.normalize(target_BD, dim=-1)
    difference = student @ student.T - target @ target.T
    return difference.square().sum() / (batch * (batch - 1))


def smoothness_loss(rollout: Rollout) -> Tensor:
    """Mean squared change of the states per lattice step; 0 without steps."""
    states = rollout.states
    changes = [(after - before).square().mean() for before, after in pairwise(states)]
    return torch.stack(changes).mean() if changes else states[0].new_zeros(())


def gate_balance_loss(rollout: Rollout) -> Tensor:
    """Squared coefficient of variation of the mean gates (Shazeer et al. 2017): 0 even, L - 1 for one expert only.

    A rule without gates, or with a single one, has nothing to balance: 0.
    """
    gates = [gates_LNB for gates_LNB in gates_of(rollout) if len(gates_LNB) > 1]
    if not gates:
        return rollout.final.new_zeros(())
    shares = torch.stack([gate.mean((1, 2)) for gate in gates]).mean(0)
    return shares.numel() * (shares - 1.0 / shares.numel()).square().sum()


def gates_of(rollout: Rollout) -> list[Tensor]:
    """Return the gates of every lattice step, [L, N, B]; none of a rule that reports none."""
    return [trace["gates"].movedim(-1, 0) for trace in rollout.traces if "gates" in trace]


def embedding_losses(answer_BD: Tensor, target_BD: Tensor, weights: LossWeights) -> dict[str, Tensor]:
    """Return the losses of answers alone whose weight is not zero, unweighted: any network has them."""
    parts: dict[str, Tensor] = {}
    if weights.reconstruction:
        parts["reconstruction"] = reconstruction_loss(answer_BD, target_BD)
    if weights.similarity:
        parts["similarity"] = similarity_loss(answer_BD, target_BD)
    if weights.relation:
        parts["relation"] = relation_loss(answer_BD, target_BD)
    return parts


def weighted_total(answer_BD: Tensor, parts: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """Return the sum of losses times their weights; 0 without any, still a function of the answers."""
    total = answer_BD.sum() * 0.0
    for name, part in parts.items():
        total = total + getattr(weights, name) * part
    return total


def losses(student_BD: Tensor, target_BD: Tensor, rollout: Rollout, weights: LossWeights) -> dict[str, Tensor]:
    """Return every loss whose weight is not zero, unweighted, and their weighted sum `total`."""
    parts = embedding_losses(student_BD, target_BD, weights)
    if weights.smoothness:
        parts["smoothness"] = smoothness_loss(rollout)
    if weights.gate_balance:
        parts["gate_balance"] = gate_balance_loss(rollout)
    return {**parts, "total": weighted_total(student_BD, parts, weights)}
