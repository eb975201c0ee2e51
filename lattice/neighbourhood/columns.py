"""A neighbour sum as the steps of the compiled kernel, and where its values lie while it works.

The kernel does what `runs.py` describes: for each run of planes lo <= |dx| <= hi it adds up those planes, then adds the
columns (dy, dz) that hold the run. It does so for one plane of one field at a time, which stays in the fastest cache,
and there the plane is one long line: rows follow each other with enough zeros between them that a column is a single
step along the line, also across a border of the cube.

Shapes: X planes of Y rows of Z cells, B values per cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from lattice.geometry import Dimensions
from lattice.neighbourhood.runs import Run, RunTable
from lattice.tiers.shells import Shell

CHUNK_BYTES = 256
"""Values are added in pieces of this size, which fit into the registers of every processor with wide ones."""
LENGTHS = ("planes", "rows", "cells", "batch", "lanes", "blocks", "pitch", "halo", "length", "size", "steps")
"""What the kernel's table of lengths holds, in this order."""
_PLANE_BYTES = 1 << 16
"""About what a plane may take, so that the rows around a cell stay in the fastest cache of a core."""


class RunStep(NamedTuple):
    """One run of planes, and what is done with it."""

    made_of: tuple[int, ...]
    """Numbers of earlier steps whose runs are part of this one."""
    distances: tuple[int, ...]
    """The other distances |dx| of the run."""
    columns: tuple[tuple[int, int], ...]
    """Columns (dy, dz) that hold this run."""


@lru_cache(maxsize=64)
def run_steps(dimensions: Dimensions, shell: Shell) -> tuple[RunStep, ...]:
    """Return the steps for one shell; runs that others are made of come first."""
    table = RunTable(dimensions, shell)
    columns: dict[Run, list[tuple[int, int]]] = {}
    for slot, (_, dy, dz) in zip(table.blocks_M.tolist(), table.offsets_M3.tolist(), strict=True):
        columns.setdefault(table.runs[slot], []).append((dy, dz))
    steps: dict[Run, RunStep] = {}
    for lo, hi in sorted(columns, key=lambda run: (run[1] - run[0], run)):
        inside = [run for run in steps if lo <= run[0] and run[1] <= hi]
        longest = inside[-1:]
        covered = {distance for first, last in longest for distance in range(first, last + 1)}
        made_of = tuple(list(steps).index(run) for run in longest)
        rest = tuple(distance for distance in range(lo, hi + 1) if distance not in covered)
        steps[lo, hi] = RunStep(made_of, rest, tuple(columns[lo, hi]))
    return tuple(steps.values())


@dataclass(frozen=True)
class Line:
    """How a plane lies in the kernel's workspace; all lengths count values."""

    lanes: int
    """Values per cell that are summed together: at most B."""
    pitch: int
    """From one row to the next: the row, and zeros as far as a column reaches."""
    halo: int
    """Zeros before the first row, and after the last."""
    length: int
    """From the first row to the end of the last, rounded up to whole chunks."""

    @property
    def size(self) -> int:
        """The whole plane."""
        return 2 * self.halo + self.length

    def spread(self, values_N1: Tensor, dimensions: Dimensions) -> Tensor:
        """Return one number per cell for all lanes, as lines without halos, [X, length]; zeros between rows."""
        planes, rows, cells = dimensions
        lines = values_N1.new_zeros(planes, self.length)
        in_rows = lines[:, : rows * self.pitch].unflatten(1, (rows, self.pitch))[..., : cells * self.lanes]
        in_rows.unflatten(2, (cells, self.lanes)).copy_(values_N1.view(planes, rows, cells, 1))
        return lines


def line_of(dimensions: Dimensions, steps: tuple[RunStep, ...], batch: int, dtype: torch.dtype) -> Line:
    """Return how planes lie for fields of B = `batch` values per cell."""
    _, rows, cells = dimensions
    reach_y, reach_z = (max(abs(column[axis]) for step in steps for column in step.columns) for axis in (0, 1))
    pitch = cells + reach_z
    blocks = -(-batch * rows * pitch * dtype.itemsize // _PLANE_BYTES)
    lanes = -(-batch // min(batch, blocks))
    chunk = CHUNK_BYTES // dtype.itemsize
    halo = _whole_chunks((reach_y * pitch + reach_z) * lanes, chunk)
    return Line(lanes, pitch * lanes, halo, _whole_chunks(rows * pitch * lanes, chunk))


def lengths_of(dimensions: Dimensions, line: Line, batch: int, steps: int) -> Tensor:
    """Return the kernel's table of lengths, int64, in the order of `LENGTHS`."""
    planes, rows, cells = dimensions
    lengths = {
        "planes": planes,
        "rows": rows,
        "cells": cells,
        "batch": batch,
        "lanes": line.lanes,
        "blocks": -(-batch // line.lanes),
        "pitch": line.pitch,
        "halo": line.halo,
        "length": line.length,
        "size": line.size,
        "steps": steps,
    }
    return torch.tensor([lengths[name] for name in LENGTHS])


def program_of(steps: tuple[RunStep, ...], line: Line) -> Tensor:
    """Return the steps as the kernel reads them, int64.

    Per step: how many earlier steps and which, how many distances and which, how many columns and each one's way
    along the line.
    """
    numbers: list[int] = []
    for step in steps:
        ways = sorted(dy * line.pitch + dz * line.lanes for dy, dz in step.columns)
        for part in (step.made_of, step.distances, ways):
            numbers += [len(part), *part]
    return torch.tensor(numbers, dtype=torch.int64)


def _whole_chunks(values: int, chunk: int) -> int:
    return -(-values // chunk) * chunk
