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
from lattice.neighbourhood.columns import RunStep, lengths_of, line_of, program_of, run_steps
from lattice.neighbourhood.kernel import Kernel, kernel_for, kernel_problem
from lattice.tiers.shells import Shell, Tier

_NS_PER_COLUMN = 0.045
_NS_PER_PLANE = 0.05
_NS_PER_CELL = 0.5
"""Cost per cell and field of a column, of a plane of a run, and of the copies into the workspace and back, measured on
one core of an AMD EPYC."""
_NS_WORTH_A_THREAD = 1e5
_MOST_PROGRAMS = 12
"""Batches of so many sizes are prepared for at once, counting each tier."""


class CompiledEngine(TierEngine):
    """A list of steps per live tier, carried out by one kernel."""

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
        self._programs: dict[tuple[Tier, int], _Program] = {}

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory of the lists of steps for one value per cell; a larger batch has a list of its own."""
        steps = [run_steps(stencils.dimensions, shell) for shell in stencils.shells.values()]
        return sum(program_of(each, line_of(stencils.dimensions, each, 1, dtype)).nbytes for each in steps)

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
        program = self._programs.pop(key, None)
        if program is None:
            program = _Program(self._kernel, self._dimensions, self._shells[tier], key[1], self.dtype)
            for oldest in list(self._programs)[: 1 - _MOST_PROGRAMS]:
                del self._programs[oldest]
        self._programs[key] = program
        return program.sum_of(fields_FNB, before_N1, after_N1)


class _Program:
    """One shell's steps for fields with a given number of values per cell, and what carrying them out needs."""

    def __init__(self, kernel: Kernel, dimensions: Dimensions, shell: Shell, batch: int, dtype: torch.dtype) -> None:
        steps = run_steps(dimensions, shell)
        self._kernel = kernel
        self._dimensions = dimensions
        self._dtype = dtype
        self._line = line_of(dimensions, steps, batch, dtype)
        self._blocks = -(-batch // self._line.lanes)
        self._lengths = lengths_of(dimensions, self._line, batch, len(steps))
        self._steps = program_of(steps, self._line)
        self._nanoseconds = batch * _nanoseconds(dimensions, shell)
        self._work_values = (dimensions[0] + len(steps) + 1) * self._line.size
        self._most_planes = 2 * dimensions[0] + len(steps)
        self._idle: list[tuple[Tensor, Tensor]] = []
        self._shares: tuple[Tensor, Tensor] | None = None

    def sum_of(self, fields_FNB: Tensor, before_N1: Tensor | None, after_N1: Tensor | None) -> Tensor:
        """Return the neighbour sums of fields; fields or sums are multiplied by a number per cell."""
        sums_FNB = torch.empty_like(fields_FNB)
        channels = len(fields_FNB)
        worth = max(1, round(channels * self._nanoseconds / _NS_WORTH_A_THREAD))
        blocks = channels * self._blocks
        workspaces = [self._workspace() for _ in range(min(torch.get_num_threads(), blocks, worth))]
        tensors = (fields_FNB, sums_FNB, self._spread(before_N1), self._spread(after_N1), self._lengths, self._steps)
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
            work = torch.zeros(self._work_values, dtype=self._dtype)
            return work, torch.empty(self._most_planes, dtype=torch.int64)

    def _spread(self, shares_N1: Tensor | None) -> Tensor | None:
        """Return numbers per cell laid out as lines; they are the same at every call, so they are kept."""
        if shares_N1 is None:
            return None
        if self._shares is None or self._shares[0] is not shares_N1:
            self._shares = shares_N1, self._line.spread(shares_N1, self._dimensions)
        return self._shares[1]


def _nanoseconds(dimensions: Dimensions, shell: Shell) -> float:
    steps = run_steps(dimensions, shell)
    return math.prod(dimensions) * (_NS_PER_CELL + sum(map(_nanoseconds_per_cell, steps)))


def _nanoseconds_per_cell(step: RunStep) -> float:
    planes = len(step.made_of) + 2 * len(step.distances)
    return _NS_PER_PLANE * planes + _NS_PER_COLUMN * len(step.columns)
