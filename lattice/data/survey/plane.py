"""Principal components of a data set's rows: the plane in which they are drawn.

Shapes: M rows, D embedding width, K components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lattice.data.survey.rows import SurveyRows
from lattice.progress import Progress, no_progress

PROJECTING = "Principal components"
MOST_EXACT_PRODUCTS = 2 * 10**10
"""Multiplications M D^2 of a covariance up to which the components are exact; above they are found by iteration."""
_MOST_EXACT_WIDTH = 2048
_SPARE, _ITERATIONS = 10, 4
"""Directions beyond those wanted, and powers of the covariance, of the randomised method."""


@dataclass(frozen=True, eq=False)
class Components:
    """Rows in the coordinates of their first principal components."""

    points_MK: NDArray[np.float32]
    shares: tuple[float, ...]
    """Share of the variance along each component, 0 to 1."""
    exact: bool
    """False: found by a randomised method (Halko, Martinsson and Tropp 2011, algorithm 4.4)."""


def principal_components(rows: SurveyRows, count: int = 2, progress: Progress = no_progress) -> Components:
    """Return the first `count` principal components of the rows; missing ones of narrow or few rows are zeros.

    The sign of a component is such that its largest weight is positive.
    """
    width = rows.rows_MD.shape[1]
    exact = len(rows) * width * width <= MOST_EXACT_PRODUCTS and width <= _MOST_EXACT_WIDTH
    steps = (1 if exact else _ITERATIONS + 1) + 2
    mean_D, variance = _moments(rows)
    progress(PROJECTING, 1, steps)
    if exact:
        covariance = torch.zeros(width, width, device=mean_D.device)
        for _, block in rows.blocks():
            block = block - mean_D
            covariance += block.T @ block
        axes_DK = torch.linalg.eigh(covariance.double()).eigenvectors.flip(1)[:, :count].float()
    else:
        axes_DK = _iterated(rows, mean_D, count, progress, steps)
    progress(PROJECTING, steps - 1, steps)
    largest = axes_DK.gather(0, axes_DK.abs().argmax(0, keepdim=True))
    axes_DK = axes_DK * largest.sign()
    points = torch.zeros(len(rows), count)
    for start, block in rows.blocks():
        points[start : start + len(block), : axes_DK.shape[1]] = ((block - mean_D) @ axes_DK).cpu()
    progress(PROJECTING, steps, steps)
    along = points.double().square().sum(0) / max(variance, torch.finfo(torch.float64).tiny)
    return Components(points.numpy(), tuple(along.clamp(0.0, 1.0).tolist()), exact)


def _moments(rows: SurveyRows) -> tuple[Tensor, float]:
    """Return the mean [D] and the sum of squared deviations from it."""
    total = torch.zeros(rows.rows_MD.shape[1], dtype=torch.float64, device=rows.rows_MD.device)
    squares = 0.0
    for _, block in rows.blocks():
        total += block.sum(0, dtype=torch.float64)
        squares += float(torch.linalg.vector_norm(block, dtype=torch.float64)) ** 2
    mean = total / len(rows)
    return mean.float(), squares - len(rows) * float(mean.square().sum())


def _iterated(rows: SurveyRows, mean_D: Tensor, count: int, progress: Progress, steps: int) -> Tensor:
    """Return the axes [D, count] by subspace iteration from a random start, then Rayleigh and Ritz."""
    width = len(mean_D)
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(width, min(count + _SPARE, width), generator=generator).to(mean_D.device)
    basis = torch.linalg.qr(start).Q
    for step in range(_ITERATIONS):
        basis = torch.linalg.qr(_times_covariance(rows, mean_D, basis)).Q
        progress(PROJECTING, step + 2, steps)
    small = basis.T @ _times_covariance(rows, mean_D, basis)
    turn = torch.linalg.eigh((small + small.T).double()).eigenvectors.flip(1)[:, :count].float()
    axes: Tensor = basis @ turn
    return axes


def _times_covariance(rows: SurveyRows, mean_D: Tensor, basis: Tensor) -> Tensor:
    """Return the scatter matrix times a basis: with centred columns of X B the mean need not be taken off X as well."""
    result = torch.zeros_like(basis)
    along_mean = mean_D @ basis
    for _, block in rows.blocks():
        result += block.T @ (block @ basis - along_mean)
    return result
