"""A neighbour sum as the steps of the compiled kernel, and where its values lie while it works.

As in `runs.py`, a shell consists of columns (dy, dz) of offsets, each of which holds a run lo <= |dx| <= hi. For one
plane of one field at a time the kernel adds up

1. the planes of every run that occurs,
2. for every |dz| the runs of its columns, each moved by its dy,
3. those sums, moved by dz and by -dz.

The plane is one long line meanwhile: rows follow each other with enough zeros between them that every move is a single
step along the line, also across a border of the cube. Nothing is ever subtracted, so nothing is lost to rounding.

Shapes: X planes of Y rows of Z cells, B values per cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from lattice.geometry import Dimensions
from lattice.neighbourhood.x_runs import Run, RunTable
from lattice.tiers.shells import Shell

CHUNK_BYTES = 256
"""Values are added in pieces of this size, which fit into the registers of every processor with wide ones."""
LENGTHS = (
    "planes", "rows", "cells", "batch", "lanes", "blocks", "pitch", "halo", "length", "size", "runs", "moved"
)  # fmt: skip
"""What the kernel's table of lengths holds, in this order."""
ADDRESSES = ("fields", "sums", "before", "after", "lengths", "steps", "work", "notes")
"""The kernel's pointers, in this order. Then follow the first block and the one after the last.

`before` and `after` hold one line per plane that fields or sums are multiplied by, without halos, or are null; `notes`
has room for the places of a run's planes and of the earlier runs in it.
"""
_PLANE_BYTES = 1 << 16
"""About what a plane may take, so that the rows around a cell stay in the fastest cache of a core."""
_ALIGNMENT_BYTES = 16
"""Rows start at multiples of this, so that fewer registers are read across a line of the cache."""


class RunSum(NamedTuple):
    """The sum of a run's planes."""

    made_of: tuple[int, ...]
    """Numbers of earlier runs that are part of this one."""
    distances: tuple[int, ...]
    """The other distances |dx| of the run."""


class Plan(NamedTuple):
    """What is added up for one shell."""

    runs: tuple[RunSum, ...]
    """Those that others are made of come first."""
    columns: dict[int, tuple[tuple[int, int], ...]]
    """Per |dz|, the number of the run and dy of every column."""


@lru_cache(maxsize=64)
def plan_of(dimensions: Dimensions, shell: Shell) -> Plan:
    """Return the plan for one shell of a lattice."""
    table = RunTable(dimensions, shell)
    held = [
        (table.runs[slot], dy, dz)
        for slot, (_, dy, dz) in zip(table.blocks_M.tolist(), table.offsets_M3.tolist(), strict=True)
        if dz >= 0
    ]
    sums: dict[Run, RunSum] = {}
    for lo, hi in sorted({run for run, _, _ in held}, key=lambda run: (run[1] - run[0], run)):
        longest = [run for run in sums if lo <= run[0] and run[1] <= hi][-1:]
        covered = {distance for first, last in longest for distance in range(first, last + 1)}
        made_of = tuple(list(sums).index(run) for run in longest)
        sums[lo, hi] = RunSum(made_of, tuple(distance for distance in range(lo, hi + 1) if distance not in covered))
    numbers = {run: number for number, run in enumerate(sums)}
    columns: dict[int, list[tuple[int, int]]] = {}
    for run, dy, dz in held:
        columns.setdefault(dz, []).append((numbers[run], dy))
    return Plan(tuple(sums.values()), {dz: tuple(sorted(columns[dz])) for dz in sorted(columns)})


@dataclass(frozen=True)
class Line:
    """How a plane lies in the kernel's workspace; all lengths count values."""

    lanes: int
    """Values per cell that are summed together: at most B."""
    pitch: int
    """From one row to the next: the row, and zeros at least as far as a column reaches."""
    halo: int
    """Zeros before the first row, and after the last."""
    length: int
    """From the first row to the end of the last, rounded up to whole chunks."""

    @property
    def size(self) -> int:
        """The whole plane."""
        return 2 * self.halo + self.length

    def start(self, number: int) -> int:
        """Return where in the workspace the first row of a line is."""
        return number * self.size + self.halo

    def spread(self, values_N1: Tensor, dimensions: Dimensions) -> Tensor:
        """Return one number per cell for all lanes, as lines without halos, [X, length]; zeros between rows."""
        planes, rows, cells = dimensions
        lines = values_N1.new_zeros(planes, self.length)
        in_rows = lines[:, : rows * self.pitch].unflatten(1, (rows, self.pitch))[..., : cells * self.lanes]
        in_rows.unflatten(2, (cells, self.lanes)).copy_(values_N1.view(planes, rows, cells, 1))
        return lines


def line_of(dimensions: Dimensions, plan: Plan, batch: int, dtype: torch.dtype) -> Line:
    """Return how planes lie for fields of B = `batch` values per cell."""
    _, rows, cells = dimensions
    reach_y = max(abs(dy) for columns in plan.columns.values() for _, dy in columns)
    reach_z = max(plan.columns)
    room = cells + reach_z
    blocks = -(-batch * rows * room * dtype.itemsize // _PLANE_BYTES)
    lanes = -(-batch // min(batch, blocks))
    pitch = _rounded_up(room * lanes, _ALIGNMENT_BYTES // dtype.itemsize)
    chunk = CHUNK_BYTES // dtype.itemsize
    halo = _rounded_up(reach_y * pitch + reach_z * lanes, chunk)
    return Line(lanes, pitch, halo, _rounded_up(rows * pitch, chunk))


@dataclass(frozen=True)
class Program:
    """A plan as the kernel reads it."""

    lengths: Tensor
    """In the order of `LENGTHS`, int64."""
    steps: Tensor
    """Per run: how many earlier runs and where they are, how many distances and which. Then per further line, the last
    of which is the result: how many parts, and where they are. int64."""
    values: int
    """Size of the workspace."""
    most_notes: int
    """Most planes and earlier runs that a run is made of."""
    blocks: int
    """How many times the lanes go into the batch, rounded up."""

    @property
    def bytes(self) -> int:
        """Memory of the tables."""
        return self.lengths.nbytes + self.steps.nbytes

    @property
    def notes_bytes(self) -> int:
        """Memory of one thread's notes."""
        return self.steps.itemsize * self.most_notes


def program_of(dimensions: Dimensions, plan: Plan, line: Line, batch: int) -> Program:
    """Return the program for fields of B = `batch` values per cell; places count values of the workspace.

    Its lines are the planes, the runs, and the sums that are to be moved along z, of which the result is the last.
    """
    planes, rows, cells = dimensions
    lists = [
        part for run in plan.runs for part in ([line.start(planes + number) for number in run.made_of], run.distances)
    ]
    result: list[int] = []
    moved = 0
    for dz, columns in plan.columns.items():
        parts = [line.start(planes + number) + dy * line.pitch for number, dy in columns]
        if len(parts) > 1:
            lists.append(parts)
            parts = [line.start(planes + len(plan.runs) + moved)]
            moved += 1
        result += [part + step * line.lanes for part in parts for step in {dz, -dz}]
    lists.append(result)
    blocks = -(-batch // line.lanes)
    lengths = {
        "planes": planes,
        "rows": rows,
        "cells": cells,
        "batch": batch,
        "lanes": line.lanes,
        "blocks": blocks,
        "pitch": line.pitch,
        "halo": line.halo,
        "length": line.length,
        "size": line.size,
        "runs": len(plan.runs),
        "moved": moved + 1,
    }
    return Program(
        torch.tensor([lengths[name] for name in LENGTHS]),
        torch.tensor([number for part in lists for number in (len(part), *part)]),
        (planes + len(plan.runs) + moved + 1) * line.size,
        max(len(run.made_of) + min(2 * len(run.distances), planes) for run in plan.runs),
        blocks,
    )


def _rounded_up(values: int, unit: int) -> int:
    return -(-values // unit) * unit
