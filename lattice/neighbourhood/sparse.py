"""Sparse matrix times dense fields: one CSR matrix of ones per tier, rows sorted by neighbour number."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from lattice.geometry import cell_coordinates
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.tiers.shells import Shell, Tier, shell_offsets

MOST_SPARSE_EDGES = 2**31 - 1
"""Most edges of one tier that 32-bit row starts can number."""

_INDEX_BYTES = 4
_MASKED_PAIRS = 1 << 23
"""Most (cell, offset) pairs tested at once while building."""


class SparseEngine(TierEngine):
    """Symmetric CSR matrices with int32 indices: MKL on the CPU and cuSPARSE take those without a conversion."""

    name = "sparse"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Build the matrices of all live tiers."""
        super().__init__(stencils, device, dtype)
        self._matrices: dict[Tier, Tensor] = {
            tier: _matrix(stencils, shell, stencils.counts[tier], device, dtype)
            for tier, shell in stencils.shells.items()
        }

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that indices and values take."""
        edges, tiers = sum(stencils.edges.values()), len(stencils.shells)
        return (_INDEX_BYTES + dtype.itemsize) * edges + _INDEX_BYTES * tiers * (stencils.cells + 1)

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        product: Tensor = self._matrices[tier] @ fields_NF
        return product


def _matrix(stencils: Stencils, shell: Shell, counts: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    rows = torch.zeros(stencils.cells + 1, dtype=torch.int32)
    rows[1:] = counts.cumsum(0)
    columns = neighbour_columns(stencils, shell, int(rows[-1]), device)
    values = torch.ones(columns.shape[0], dtype=dtype, device=device)
    with warnings.catch_warnings():  # torch calls its CSR layout a beta
        warnings.filterwarnings("ignore", message=".*CSR.*")
        return torch.sparse_csr_tensor(
            rows.to(device), columns, values, (stencils.cells, stencils.cells), check_invariants=False
        )


def neighbour_columns(stencils: Stencils, shell: Shell, edges: int, device: torch.device) -> Tensor:
    """Return the neighbours of cell 0, then of cell 1, ..., ascending within a cell, int32 [edges].

    Offsets in lexicographic order give neighbours in the order of their numbers as long as no offset leaves
    the lattice; those that do are masked out, per axis, before anything is numbered.
    """
    _, size_y, size_z = stencils.dimensions
    offsets = shell_offsets(shell, stencils.dimensions)
    shifts = ((offsets[:, 0] * size_y + offsets[:, 1]) * size_z + offsets[:, 2]).to(torch.int32).to(device)
    stays = [_stays(side, offsets[:, axis]).to(device) for axis, side in enumerate(stencils.dimensions)]
    cells = torch.arange(stencils.cells, dtype=torch.int32, device=device)
    coordinates = cell_coordinates(stencils.dimensions).to(device)
    chunk = max(1, _MASKED_PAIRS // max(1, offsets.shape[0]))
    columns = torch.empty(edges, dtype=torch.int32, device=device)
    filled = 0
    for cells_c, xyz_c3 in zip(cells.split(chunk), coordinates.split(chunk), strict=True):
        x, y, z = xyz_c3.unbind(1)
        inside = stays[0][x] & stays[1][y] & stays[2][z]
        found = (cells_c[:, None] + shifts)[inside]
        columns[filled : filled + found.shape[0]] = found
        filled += found.shape[0]
    return columns


def _stays(side: int, steps_K: Tensor) -> Tensor:
    """Return whether a step from a position along one axis stays in the lattice, bool [side, K]."""
    target = torch.arange(side)[:, None] + steps_K
    return (target >= 0) & (target < side)
