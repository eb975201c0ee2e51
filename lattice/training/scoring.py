"""Scores of predicted embeddings against their targets.

Shapes: S samples, D embedding width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.training.reports import Scores


def score(predicted_SD: Tensor, target_SD: Tensor) -> Scores:
    """Return cosine, normalised squared error and retrieval; see `Scores` for what they mean."""
    predicted, target = predicted_SD.float(), target_SD.float()
    similarity = F.normalize(predicted, dim=-1) @ F.normalize(target, dim=-1).T
    own = similarity.diagonal()
    # Rounding must not let a target lose against itself or its exact duplicate.
    rank = (similarity > own.unsqueeze(1) + 1e-6).sum(1)
    deviation = (target - target.mean(0)).square().sum().clamp_min(torch.finfo(target.dtype).tiny)
    return Scores(
        cosine=own.mean().item(),
        nmse=((predicted - target).square().sum() / deviation).item(),
        retrieval_at_1=(rank < 1).float().mean().item(),
        retrieval_at_5=(rank < 5).float().mean().item(),
    )


def row_cosines(predicted_SD: Tensor, target_SD: Tensor) -> Tensor:
    """Return each row's cosine to its target, float32 [S]."""
    return F.cosine_similarity(predicted_SD.float(), target_SD.float(), dim=-1)
