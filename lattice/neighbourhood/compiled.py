"""Run sums and columns by a compiled kernel: what `sparse` does for large shells, on lines that stay in the cache.

The kernel takes fields as they lie, channels first or cells first, so nothing is turned around. Blocks of fields are
shared out among as many threads as torch uses; how many there are does not change the result.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import torch
from torch import Tensor

from lattice.errors import DeviceError
from lattice.geometry import Dimensions
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.columns import CHUNK_BYTES, line_of, plan_of, program_of
from lattice.neighbourhood.kernel import Kernel, kernel_for, kernel_problem
from lattice.tiers.shells import Shell, Tier

_NS_PER_PART = 0.035
_NS_PER_CELL = 0.4
"""Cost per cell and field of each addition, and of the copies into the workspace and back, measured on one core of an
AMD EPYC."""
_CHUNK_VALUES = CHUNK_BYTES // 4
_USUAL_BATCH = 8
_NS_WORTH_A_THREAD = 1e5
_MOST_SUMS = 6
"""So many sums stay prepared: those of three tiers for two sizes of batches, training's and one beside it."""


class CompiledEngine(TierEngine):
    """A plan per live tier, carried out by one kernel."""

    name = "compiled"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Get the kernel; raise DeviceError if there is none."""
        super().__init__(stencils, device, dtype)
        kernel = kernel_for(dtype)
        if kernel is None:
            raise DeviceError(f"tier engine 'compiled' can't be used: {kernel_problem()}.")
        self._kernel = kernel
        self._dimensions = stencils.dimensions
        self._cells = stencils.cells
        self._shells = stencils.shells
        self._sums: dict[tuple[Tier, int], _Sum] = {}
        self._lock = Lock()

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory of plans and workspaces on all threads, for one value per cell.

        More values take more, up to a plane of 64 kB in place of one value's.
        """
        threads = torch.get_num_threads()
        return sum(_held_bytes(stencils.dimensions, shell, dtype, threads) for shell in stencils.shells.values())

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        return sum(_nanoseconds(stencils.dimensions, shell) for shell in stencils.shells.values())

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        return self.channel_sum(fields_NF[None], tier)[0]

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the same for fields whose channels come first, [F, N, B] -> [F, N, B] contiguous."""
        return self._sum(tier, fields_FNB)

    def channel_mean(self, fields_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums times each cell's share."""
        return self._sum(tier, fields_FNB, after_N1=shares_N1)

    def channel_mean_adjoint(self, gradient_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums of what was multiplied by the shares before."""
        return self._sum(tier, gradient_FNB, before_N1=shares_N1)

    def _sum(
        self, tier: Tier, fields_FNB: Tensor, *, before_N1: Tensor | None = None, after_N1: Tensor | None = None
    ) -> Tensor:
        # The kernel gets bare addresses, so nothing else would notice.
        self._check(fields_FNB, (fields_FNB.shape[0], self._cells, fields_FNB.shape[2]))
        for shares_N1 in (before_N1, after_N1):
            if shares_N1 is not None:
                self._check(shares_N1, (self._cells, 1))
        if not fields_FNB.numel():
            return torch.empty_like(fields_FNB)
        return self._prepared(tier, fields_FNB.shape[2])(fields_FNB.contiguous(), before_N1, after_N1)

    def _check(self, tensor: Tensor, shape: tuple[int, ...]) -> None:
        if tensor.device.type != "cpu" or tensor.dtype != self.dtype or tensor.shape != shape:
            raise ValueError(
                f"expected {self.dtype} of shape {list(shape)} on the processor, "
                f"got {tensor.dtype} of shape {list(tensor.shape)} on '{tensor.device}'"
            )

    def _prepared(self, tier: Tier, batch: int) -> _Sum:
        """Return the sum for a batch size, and forget the one that was not used for longest."""
        with self._lock:
            known = self._sums.pop((tier, batch), None)
            if known is None:
                known = _Sum(self._kernel, self._dimensions, self._shells[tier], batch, self.dtype)
                for oldest in list(self._sums)[: 1 - _MOST_SUMS]:
                    del self._sums[oldest]
            self._sums[tier, batch] = known
            return known


class _Sum:
    """The sum over one shell for fields with a given number of values per cell, and what carrying it out needs."""

    def __init__(self, kernel: Kernel, dimensions: Dimensions, shell: Shell, batch: int, dtype: torch.dtype) -> None:
        plan = plan_of(dimensions, shell)
        self._kernel = kernel
        self._dimensions = dimensions
        self._dtype = dtype
        self._line = line_of(dimensions, plan, batch, dtype)
        self._program = program_of(dimensions, plan, self._line, batch)
        self._nanoseconds = batch * _nanoseconds(dimensions, shell)
        self._idle: list[tuple[Tensor, Tensor]] = []
        self._shares: tuple[Tensor, Tensor] | None = None

    def __call__(self, fields_FNB: Tensor, before_N1: Tensor | None, after_N1: Tensor | None) -> Tensor:
        """Return the neighbour sums of fields; fields or sums are multiplied by a number per cell."""
        sums_FNB = torch.empty_like(fields_FNB)
        channels = len(fields_FNB)
        worth = max(1, round(channels * self._nanoseconds / _NS_WORTH_A_THREAD))
        blocks = channels * self._program.blocks
        workspaces = [self._workspace() for _ in range(min(torch.get_num_threads(), blocks, worth))]
        factors = (self._spread(before_N1), self._spread(after_N1))
        self._kernel((fields_FNB, sums_FNB, *factors, self._program.lengths, self._program.steps), workspaces, blocks)
        self._idle += workspaces
        return sums_FNB

    def _workspace(self) -> tuple[Tensor, Tensor]:
        """Return lines and notes for one thread: those of an earlier call, or new ones."""
        try:
            return self._idle.pop()
        except IndexError:
            # The zeros between the rows stay, whatever was summed.
            work = torch.zeros(self._program.values, dtype=self._dtype)
            return work, torch.empty(self._program.most_notes, dtype=torch.int64)

    def _spread(self, shares_N1: Tensor | None) -> Tensor | None:
        """Return numbers per cell laid out as lines; they are the same at every call, so they are kept."""
        if shares_N1 is None:
            return None
        known = self._shares
        if known is None or known[0] is not shares_N1:
            known = self._shares = shares_N1, self._line.spread(shares_N1, self._dimensions)
        return known[1]


@lru_cache(maxsize=64)
def _held_bytes(dimensions: Dimensions, shell: Shell, dtype: torch.dtype, threads: int) -> int:
    plan = plan_of(dimensions, shell)
    line = line_of(dimensions, plan, 1, dtype)
    program = program_of(dimensions, plan, line, 1)
    factors = dimensions[0] * line.length * dtype.itemsize
    return program.bytes + factors + threads * (program.values * dtype.itemsize + program.notes_bytes)


@lru_cache(maxsize=256)
def _nanoseconds(dimensions: Dimensions, shell: Shell) -> float:
    """Estimate from the number of columns; a plan would take longer than a panel may wait for."""
    planes, rows, cells = dimensions
    _, reach_y, reach_z = shell.reaches(dimensions)
    squared = torch.arange(reach_y + 1).square()[:, None] + torch.arange(reach_z + 1).square()
    quarter = int((squared <= shell.outer).sum())
    # Columns at dz >= 0, then the planes of the runs and the moves along z, about ten per cell of radius.
    parts = 2 * quarter + 10 * shell.radius
    padded = -(-_USUAL_BATCH * rows * (cells + reach_z) // _CHUNK_VALUES) * _CHUNK_VALUES / _USUAL_BATCH
    return planes * padded * (_NS_PER_CELL + _NS_PER_PART * parts)
