"""Explicit neighbours: gather every neighbour, add. Slow and simple; other engines are compared with it."""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.geometry import cell_coordinates, flat_index
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.tiers.shells import Shell, Tier, shell_offsets

_BYTES_PER_EDGE = 16
_NS_PER_EDGE = 3.0
"""Measured on one core of an AMD EPYC."""
_GATHERED_VALUES = 1 << 22
"""Most values gathered at once, so that temporaries stay small whatever the number of fields."""


class ReferenceEngine(TierEngine):
    """Two int64 cell numbers per edge."""

    name = "reference"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """List all edges of all live tiers."""
        super().__init__(stencils, device, dtype)
        self._edges: dict[Tier, Tensor] = {
            tier: _edges(stencils, shell, stencils.edges[tier]).to(device) for tier, shell in stencils.shells.items()
        }

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that the edge lists take."""
        del dtype
        return _BYTES_PER_EDGE * sum(stencils.edges.values())

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        return _NS_PER_EDGE * sum(stencils.edges.values())

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        total = torch.zeros_like(fields_NF)
        chunk = max(1, _GATHERED_VALUES // max(1, fields_NF.shape[1]))
        for cells, neighbours in zip(*(part.split(chunk) for part in self._edges[tier]), strict=True):
            total.index_add_(0, cells, fields_NF.index_select(0, neighbours))
        return total


def _edges(stencils: Stencils, shell: Shell, edges: int) -> Tensor:
    """Return all (cell, neighbour) pairs of a shell, int64 [2, edges]."""
    coordinates = cell_coordinates(stencils.dimensions)
    sides = torch.tensor(stencils.dimensions)
    cells = torch.arange(stencils.cells)
    pairs = torch.empty(2, edges, dtype=torch.int64)
    filled = 0
    for offset in shell_offsets(shell, stencils.dimensions):
        moved = coordinates + offset
        inside = ((moved >= 0) & (moved < sides)).all(dim=1)
        found = int(inside.sum())
        pairs[0, filled : filled + found] = cells[inside]
        pairs[1, filled : filled + found] = flat_index(moved[inside], stencils.dimensions)
        filled += found
    return pairs
