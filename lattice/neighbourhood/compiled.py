"""Run sums and columns by a compiled kernel: what `sparse` does for large shells, on lines that stay in the cache.

The kernel takes fields as they lie, channels first or cells first, so nothing is turned around. Blocks of fields are
shared out among as many threads as torch uses; how many there are does not change the result.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lattice.errors import DeviceError
from lattice.geometry import Dimensions
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.columns import line_of, plan_of, program_of
from lattice.neighbourhood.kernel import Kernel, kernel_for, kernel_problem
from lattice.tiers.shells import Shell, Tier

_NS_PER_PART = 0.035
_NS_PER_CELL = 0.4
"""Cost per cell and field of each addition, and of the copies into the workspace and back, measured on one core of an
AMD EPYC."""
_NS_WORTH_A_THREAD = 1e5
_MOST_BATCHES = 12
"""For so many pairs of tier and batch, programs and workspaces are kept."""


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
        self._shells = stencils.shells
        self._sums: dict[tuple[Tier, int], _Sum] = {}

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory of the programs for one value per cell; each other batch has its own."""
        dimensions = stencils.dimensions
        plans = [plan_of(dimensions, shell) for shell in stencils.shells.values()]
        lines = [line_of(dimensions, plan, 1, dtype) for plan in plans]
        return sum(program_of(dimensions, plan, line, 1).steps.nbytes for plan, line in zip(plans, lines, strict=True))

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
        if not fields_FNB.numel():
            return torch.empty_like(fields_FNB)
        key = tier, fields_FNB.shape[2]
        known = self._sums.pop(key, None)
        if known is None:
            known = _Sum(self._kernel, self._dimensions, self._shells[tier], key[1], self.dtype)
            for oldest in list(self._sums)[: 1 - _MOST_BATCHES]:
                del self._sums[oldest]
        self._sums[key] = known
        return known(fields_FNB, before_N1, after_N1)


class _Sum:
    """The sum over one shell for fields with a given number of values per cell, and what carrying it out needs."""

    def __init__(self, kernel: Kernel, dimensions: Dimensions, shell: Shell, batch: int, dtype: torch.dtype) -> None:
        plan = plan_of(dimensions, shell)
        self._kernel = kernel
        self._dimensions = dimensions
        self._dtype = dtype
        self._line = line_of(dimensions, plan, batch, dtype)
        self._program = program_of(dimensions, plan, self._line, batch)
        self._blocks = -(-batch // self._line.lanes)
        self._nanoseconds = batch * _nanoseconds(dimensions, shell)
        self._idle: list[tuple[Tensor, Tensor]] = []
        self._shares: tuple[Tensor, Tensor] | None = None

    def __call__(self, fields_FNB: Tensor, before_N1: Tensor | None, after_N1: Tensor | None) -> Tensor:
        """Return the neighbour sums of fields; fields or sums are multiplied by a number per cell."""
        sums_FNB = torch.empty_like(fields_FNB)
        channels = len(fields_FNB)
        worth = max(1, round(channels * self._nanoseconds / _NS_WORTH_A_THREAD))
        blocks = channels * self._blocks
        workspaces = [self._workspace() for _ in range(min(torch.get_num_threads(), blocks, worth))]
        factors = (self._spread(before_N1), self._spread(after_N1))
        tensors = (fields_FNB, sums_FNB, *factors, self._program.lengths, self._program.steps)
        addresses = [0 if tensor is None else tensor.data_ptr() for tensor in tensors]
        self._kernel(addresses, [(work.data_ptr(), notes.data_ptr()) for work, notes in workspaces], blocks)
        self._idle += workspaces
        return sums_FNB

    def _workspace(self) -> tuple[Tensor, Tensor]:
        """Return lines and notes for one thread: those of an earlier call, or new ones."""
        try:
            return self._idle.pop()
        except IndexError:
            # The zeros between the rows stay, whatever was summed.
            work = torch.zeros(self._program.values, dtype=self._dtype)
            return work, torch.empty(self._program.most_planes, dtype=torch.int64)

    def _spread(self, shares_N1: Tensor | None) -> Tensor | None:
        """Return numbers per cell laid out as lines; they are the same at every call, so they are kept."""
        if shares_N1 is None:
            return None
        if self._shares is None or self._shares[0] is not shares_N1:
            self._shares = shares_N1, self._line.spread(shares_N1, self._dimensions)
        return self._shares[1]


def _nanoseconds(dimensions: Dimensions, shell: Shell) -> float:
    plan = plan_of(dimensions, shell)
    planes = sum(len(run.made_of) + 2 * len(run.distances) + 1 for run in plan.runs)
    columns = sum(map(len, plan.columns.values())) + 3 * len(plan.columns)
    return math.prod(dimensions) * (_NS_PER_CELL + _NS_PER_PART * (planes + columns))
