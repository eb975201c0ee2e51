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
from lattice.neighbourhood.columns import LENGTHS, RunStep, line_of, program_of, run_steps
from lattice.neighbourhood.kernel import Kernel, kernel_for, kernel_problem
from lattice.tiers.shells import Shell, Tier

_NS_PER_COLUMN = 0.045
_NS_PER_PLANE = 0.05
_NS_PER_CELL = 0.5
"""Cost per cell and field of a column, of a plane of a run, and of the copies into the workspace and back, measured on
one core of an AMD EPYC."""
_NS_WORTH_A_THREAD = 1e5


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
        programs = (_Program(stencils.dimensions, shell, 1, dtype) for shell in stencils.shells.values())
        return sum(program.bytes for program in programs)

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every tier, on one processor core."""
        return sum(_nanoseconds(stencils.dimensions, shell) for shell in stencils.shells.values())

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours, [N, F] -> [N, F]."""
        return self.channel_sum(fields_NF[None], tier)[0]

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the same for fields whose channels come first, [F, N, B] -> [F, N, B] contiguous."""
        sums_FNB = torch.empty_like(fields_FNB)
        if not fields_FNB.numel():
            return sums_FNB
        batch = fields_FNB.shape[2]
        program = self._programs.get((tier, batch))
        if program is None:
            program = _Program(self._dimensions, self._shells[tier], batch, self.dtype)
            self._programs[tier, batch] = program
        work = len(fields_FNB) * batch * _nanoseconds(self._dimensions, self._shells[tier])
        program.run(self._kernel, fields_FNB, sums_FNB, max(1, round(work / _NS_WORTH_A_THREAD)))
        return sums_FNB


class _Program:
    """One shell's steps for fields with a given number of values per cell."""

    def __init__(self, dimensions: Dimensions, shell: Shell, batch: int, dtype: torch.dtype) -> None:
        steps = run_steps(dimensions, shell)
        line = line_of(dimensions, steps, batch, dtype)
        planes, rows, cells = dimensions
        self._blocks = -(-batch // line.lanes)
        lengths = {
            "planes": planes,
            "rows": rows,
            "cells": cells,
            "batch": batch,
            "lanes": line.lanes,
            "blocks": self._blocks,
            "pitch": line.pitch,
            "halo": line.halo,
            "length": line.length,
            "size": line.size,
            "steps": len(steps),
        }
        self._lengths = torch.tensor([lengths[name] for name in LENGTHS])
        self._steps = program_of(steps, line)
        self._work_values = (planes + len(steps) + 1) * line.size
        self._most_planes = 2 * planes + len(steps)
        self._dtype = dtype
        self._idle: list[tuple[Tensor, Tensor]] = []

    @property
    def bytes(self) -> int:
        """Memory of the steps."""
        return self._lengths.nbytes + self._steps.nbytes

    def run(self, kernel: Kernel, fields_FNB: Tensor, sums_FNB: Tensor, most_threads: int) -> None:
        """Write the neighbour sums of fields."""
        blocks = len(fields_FNB) * self._blocks
        threads = min(torch.get_num_threads(), blocks, most_threads)
        workspaces = [self._workspace() for _ in range(threads)]
        common = [tensor.data_ptr() for tensor in (fields_FNB, sums_FNB, self._lengths, self._steps)]
        kernel(common, [(work.data_ptr(), notes.data_ptr()) for work, notes in workspaces], blocks)
        self._idle += workspaces

    def _workspace(self) -> tuple[Tensor, Tensor]:
        """Return lines and notes for one thread: those of an earlier call, or new ones."""
        try:
            return self._idle.pop()
        except IndexError:
            # The zeros between the rows stay, whatever was summed.
            work = torch.zeros(self._work_values, dtype=self._dtype)
            return work, torch.empty(self._most_planes, dtype=torch.int64)


def _nanoseconds(dimensions: Dimensions, shell: Shell) -> float:
    steps = run_steps(dimensions, shell)
    return math.prod(dimensions) * (_NS_PER_CELL + sum(map(_nanoseconds_per_cell, steps)))


def _nanoseconds_per_cell(step: RunStep) -> float:
    planes = len(step.made_of) + 2 * len(step.distances)
    return _NS_PER_PLANE * planes + _NS_PER_COLUMN * len(step.columns)
