"""The whole neighbour matrix of a tier, for small cubes on cards that multiply matrices faster than they gather."""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.rows import neighbour_rows
from lattice.tiers.shells import Shell, Tier, shell_offsets

_NS_PER_ENTRY = 0.03
"""Cost per field of one matrix entry, measured on one core of an AMD EPYC."""


class DenseEngine(TierEngine):
    """One matrix of zeros and ones, [N, N], per live tier."""

    name = "dense"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Write the matrices of all live tiers."""
        super().__init__(stencils, device, dtype)
        self._matrices = {tier: _matrix(stencils, shell, device).to(dtype) for tier, shell in stencils.shells.items()}

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that the matrices take."""
        return dtype.itemsize * len(stencils.shells) * stencils.cells**2

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        return _NS_PER_ENTRY * len(stencils.shells) * stencils.cells**2

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        return self._matrices[tier] @ fields_NF


def _matrix(stencils: Stencils, shell: Shell, device: torch.device) -> Tensor:
    offsets_K3 = shell_offsets(shell, stencils.dimensions)
    blocks_K = torch.zeros(len(offsets_K3), dtype=torch.int64)
    rows = neighbour_rows(stencils.dimensions, offsets_K3, blocks_K, device)
    cells = torch.repeat_interleave(torch.arange(stencils.cells, device=device), rows.starts.diff())
    matrix = torch.zeros(stencils.cells, stencils.cells, dtype=torch.bool, device=device)
    matrix[cells, rows.columns.long()] = True
    return matrix
