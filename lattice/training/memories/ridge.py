"""Ridge regression from sums that grow batch by batch, in float64.

Shapes: n samples, M features, D width of the targets.
"""

from __future__ import annotations

import torch
from torch import Tensor


class RidgeSums:
    """Second moments of features and targets: all that ridge regression needs, whatever the number of samples."""

    def __init__(self, features: int, width: int, device: torch.device) -> None:
        """Begin without samples; takes `8 * M * (M + D)` bytes."""
        self.count = 0
        self._feature_M = torch.zeros(features, dtype=torch.float64, device=device)
        self._target_D = torch.zeros(width, dtype=torch.float64, device=device)
        self._scatter_MM = torch.zeros(features, features, dtype=torch.float64, device=device)
        self._cross_MD = torch.zeros(features, width, dtype=torch.float64, device=device)

    def add(self, feature_nM: Tensor, target_nD: Tensor) -> None:
        """Add samples."""
        features, targets = feature_nM.double(), target_nD.double()
        self.count += len(features)
        self._feature_M += features.sum(0)
        self._target_D += targets.sum(0)
        self._scatter_MM.addmm_(features.T, features)
        self._cross_MD.addmm_(features.T, targets)

    def deviation(self) -> Tensor:
        """Return the root mean square deviation of a feature from its mean, over all features; a scalar."""
        return self._centred().diagonal().mean().div(self.count).sqrt()

    def solve(self, share: float) -> tuple[Tensor, Tensor]:
        """Return weight [M, D] and bias [D] of the affine map with the least squared error plus ridge.

        It solves `(S + share * mean(diag S) I) W = P` with the scatter S of the centred features and their products P
        with the centred targets (Hoerl & Kennard 1970); the bias is not shrunk.

        Args:
            share: ridge as a share of the features' mean scatter, above 0.
        """
        scatter_MM = self._centred()
        mean_M, mean_D = self._feature_M / self.count, self._target_D / self.count
        scatter_MM.diagonal().add_(share * scatter_MM.diagonal().mean().clamp_min(torch.finfo(torch.float64).tiny))
        cross_MD = self._cross_MD - torch.outer(self._feature_M, mean_D)
        weight_MD = torch.cholesky_solve(cross_MD, torch.linalg.cholesky(scatter_MM))
        return weight_MD, mean_D - mean_M @ weight_MD

    def _centred(self) -> Tensor:
        return self._scatter_MM - torch.outer(self._feature_M, self._feature_M / self.count)
