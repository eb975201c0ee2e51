"""Sparse matrices times dense fields.

Every tier takes the cheaper of two exact forms: one matrix with a row of all neighbours per cell, for small shells,
or run sums and the matrix of one plane, for larger ones (`runs.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from lattice.geometry import Dimensions
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.rows import NeighbourRows, neighbour_rows, rows_bytes
from lattice.neighbourhood.x_runs import RunMatrix, RunTable
from lattice.tiers.counts import edge_count
from lattice.tiers.shells import Shell, Tier, shell_offsets

_NS_PER_ENTRY = 0.05
_NS_PER_ADDITION = 0.3
_NS_PER_CELL = 2.0
"""Cost per field of one matrix entry, of adding one value to a run sum, and of turning fields so that cells come first
and back, measured on one core of an AMD EPYC."""
_MOST_WHOLE_ENTRIES = 1 << 25
"""Most entries of a matrix with a row for every cell: 134 MB, where run sums are not cheaper before."""


@dataclass(frozen=True)
class TierForm:
    """The form of one tier's matrix, and what it costs."""

    box: Dimensions
    """Cells that have a row: the whole lattice, or one plane."""
    table: RunTable | None
    """Runs, None for the form without."""
    entries: int
    nanoseconds: float
    """Estimated time per field on one processor core."""

    @property
    def bytes(self) -> int:
        """Memory of the matrix."""
        return rows_bytes(self.box, self.entries)


@lru_cache(maxsize=64)
def cheapest_form(dimensions: Dimensions, shell: Shell, threads: int) -> TierForm:
    """Return the form with the smaller estimated time on so many threads.

    Threads share the rows of the whole matrix; the run sums are many small additions, which gain nothing from them.
    """
    edges = edge_count(dimensions, shell)
    table = RunTable(dimensions, shell)
    additions = len(table.runs) * dimensions[0] * dimensions[1] * dimensions[2]
    turning = _NS_PER_CELL * math.prod(dimensions)
    whole = TierForm(dimensions, None, edges, turning + _NS_PER_ENTRY * edges / threads)
    in_runs = turning + _NS_PER_ENTRY * table.entries * dimensions[0] + _NS_PER_ADDITION * additions
    forms = [TierForm(table.plane, table, table.entries, in_runs)]
    if edges <= _MOST_WHOLE_ENTRIES:
        forms.append(whole)
    return min(forms, key=lambda form: form.nanoseconds)


class SparseEngine(TierEngine):
    """One sparse matrix of ones per live tier."""

    name = "sparse"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Build the matrices of all live tiers."""
        super().__init__(stencils, device, dtype)
        self._matrices: dict[Tier, NeighbourRows | RunMatrix] = {}
        for tier, shell in stencils.shells.items():
            form = cheapest_form(stencils.dimensions, shell, _threads())
            if form.table is not None:
                self._matrices[tier] = RunMatrix(form.table, device)
                continue
            offsets = shell_offsets(shell, stencils.dimensions)
            blocks = torch.zeros(len(offsets), dtype=torch.int64)
            self._matrices[tier] = neighbour_rows(stencils.dimensions, offsets, blocks, device)

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that indices and values take."""
        del dtype
        return sum(form.bytes for form in _forms(stencils))

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        return sum(form.nanoseconds for form in _forms(stencils))

    @staticmethod
    def most_entries(stencils: Stencils) -> int:
        """Return the entries of the largest matrix."""
        return max((form.entries for form in _forms(stencils)), default=0)

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        return self._matrices[tier] @ fields_NF


def _forms(stencils: Stencils) -> list[TierForm]:
    return [cheapest_form(stencils.dimensions, shell, _threads()) for shell in stencils.shells.values()]


def _threads() -> int:
    return max(1, torch.get_num_threads())
