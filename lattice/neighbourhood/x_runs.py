"""A shell as runs along x, so that a neighbour sum takes about pi*R^2 additions per cell and not 4/3*pi*R^3.

In the column of offsets (dy, dz) a cell's neighbours are those at lo <= |dx| <= hi, and few different runs (lo, hi)
occur. So the sum is done in two stages, one plane of cells after the other: sums over the runs, which are
additions of whole planes, then one sparse matrix, the same for every plane, that adds up the columns. Nothing is ever
subtracted, so nothing is lost to rounding.

Shapes: N cells, F fields, X planes of P = Y*Z cells, M columns, K runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from lattice.geometry import Dimensions
from lattice.neighbourhood.rows import entry_count, neighbour_rows
from lattice.tiers.shells import Shell

Run: TypeAlias = tuple[int, int]
"""Cells at lo <= |dx| <= hi."""

_WORKSPACE_BYTES = 1 << 23
_LEAST_FIELDS = 32
"""Run sums of one plane take at most about this much memory, unless so many fields need more."""


class RunTable:
    """Which run every column of a shell holds."""

    def __init__(self, dimensions: Dimensions, shell: Shell) -> None:
        """Collect the columns that fit the lattice."""
        planes, size_y, size_z = dimensions
        _, reach_y, reach_z = shell.reaches(dimensions)
        span_y, span_z = torch.arange(-reach_y, reach_y + 1), torch.arange(-reach_z, reach_z + 1)
        columns_M2 = torch.cartesian_prod(span_y, span_z)
        squared = columns_M2.square().sum(dim=1)
        columns_M2, squared = columns_M2[squared <= shell.outer], squared[squared <= shell.outer]
        highest = _floor_root(shell.outer - squared).clamp(max=planes - 1)
        lowest = torch.where(squared > shell.inner, 0, _floor_root((shell.inner - squared).clamp(min=0)) + 1)
        held = lowest <= highest
        ends_M2 = torch.stack((lowest, highest), dim=1)[held]
        self.plane: Dimensions = (1, size_y, size_z)
        self.runs = with_shorter((lo, hi) for lo, hi in torch.unique(ends_M2, dim=0).tolist())
        slots = torch.full((planes, planes), -1)
        for slot, run in enumerate(self.runs):
            slots[run] = slot
        blocks_M = slots[ends_M2[:, 0], ends_M2[:, 1]]
        order = blocks_M.argsort(stable=True)
        self.blocks_M = blocks_M[order]
        self.offsets_M3 = torch.nn.functional.pad(columns_M2[held], (1, 0))[order]

    @property
    def entries(self) -> int:
        """Entries of the plane's matrix."""
        return entry_count(self.plane, self.offsets_M3)


class RunMatrix:
    """Multiplies by the neighbour matrix of a shell, in two stages."""

    def __init__(self, table: RunTable, device: torch.device) -> None:
        """Build the plane's matrix and note how each run sum is made."""
        self._cells = math.prod(table.plane)
        self._rows = neighbour_rows(table.plane, table.offsets_M3, table.blocks_M, device)
        slots = {run: slot for slot, run in enumerate(table.runs)}
        self._pairs = [(slot, lo) for (lo, hi), slot in slots.items() if lo == hi]
        self._longer = [(slot, slots[lo, hi - 1], slots[hi, hi]) for (lo, hi), slot in slots.items() if lo < hi]
        self._slots = len(slots)

    def __matmul__(self, fields_NF: Tensor) -> Tensor:
        """Return the neighbour sums, [N, F] -> [N, F]."""
        total_NF = torch.empty_like(fields_NF)
        fields_XPF = fields_NF.unflatten(0, (-1, self._cells))
        total_XPF = total_NF.unflatten(0, (-1, self._cells))
        chunk = max(_LEAST_FIELDS, _WORKSPACE_BYTES // (fields_NF.element_size() * self._slots * self._cells))
        for start in range(0, fields_NF.shape[1], chunk):
            part = slice(start, start + chunk)
            self._multiply_planes(fields_XPF[..., part], total_XPF[..., part])
        return total_NF

    def _multiply_planes(self, fields_XPF: Tensor, total_XPF: Tensor) -> None:
        sums_KPF = fields_XPF.new_empty(self._slots, *fields_XPF.shape[1:])
        # Views are made once: for small planes making them takes longer than adding them.
        planes, sums, stacked = fields_XPF.unbind(), sums_KPF.unbind(), sums_KPF.flatten(0, 1)
        for x, total_PF in enumerate(total_XPF.unbind()):
            self._sum_runs(planes, x, sums)
            total_PF.copy_(self._rows @ stacked)

    def _sum_runs(self, planes: Sequence[Tensor], x: int, sums: Sequence[Tensor]) -> None:
        """Write the run sums around plane `x`."""
        last = len(planes) - 1
        for slot, distance in self._pairs:
            below, above = x - distance, x + distance
            if distance and below >= 0 and above <= last:
                torch.add(planes[below], planes[above], out=sums[slot])
            elif above <= last:
                sums[slot].copy_(planes[above])
            elif below >= 0:
                sums[slot].copy_(planes[below])
            else:
                sums[slot].zero_()
        for slot, shorter, pair in self._longer:
            torch.add(sums[shorter], sums[pair], out=sums[slot])


def with_shorter(runs: Iterable[Run]) -> list[Run]:
    """Return runs and all that they are made of, shortest first.

    A run of one distance is a pair of planes; a longer one is the same without its last distance, plus that.
    """
    needed: set[Run] = set()
    for lo, hi in runs:
        needed |= {(lo, end) for end in range(lo, hi + 1)} | {(end, end) for end in range(lo, hi + 1)}
    return sorted(needed, key=lambda run: (run[1] - run[0], run))


def _floor_root(squares: Tensor) -> Tensor:
    return squares.to(torch.float64).sqrt().floor().to(torch.int64)
