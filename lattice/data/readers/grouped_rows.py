"""Vectors of a file whose row groups can be decoded each by itself, by as many threads.

Shapes: n rows of a batch, D embedding width.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple, Protocol

from lattice.data.readers.arrow_vectors import ArrowRows, Matrix
from lattice.data.readers.columnar import RowGroup
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Remarks
from lattice.data.readers.row_layout import RowLayout
from lattice.data.readers.rows import Part

LEAST_PART_BYTES = 16 << 20
"""Unpacked bytes that a thread decodes at least: opening the file costs about a millisecond."""


class Groups(NamedTuple):
    """Row groups that follow one another."""

    numbers: range
    first: int
    """Index of their first row in the file."""
    rows: int


class MatricesOf(Protocol):
    """Decodes row groups; `first` is the index of their first row, None stands for the whole file."""

    def __call__(self, groups: range | None, first: int, remarks: Remarks) -> Generator[Matrix]:
        """Yield matrices [n, D], and count in `remarks` what was put right."""


class GroupedRows(ArrowRows):
    """Rows of a whole file, which hands out its parts."""

    def __init__(self, layout: RowLayout, groups: Sequence[RowGroup], decode: MatricesOf, remarks: Remarks) -> None:
        """Prepare to read from row 0; `decode` opens the file again for each part."""
        # Every batch counts its rows already.
        super().__init__(layout, ReadMeter(), decode(None, 0, remarks))
        self._groups, self._decode, self._remarks = groups, decode, remarks
        self._opened: list[Remarks] = []

    def parts(self, count: int) -> list[Part]:
        """Return a part for each run of row groups of some size; none where there is one, or rows have been read.

        None either where a damaged file states another number of rows than its groups hold: read in turn, it says so.
        """
        runs = runs_of(self._groups, count)
        whole = all(group.rows >= 0 for group in self._groups) and sum(run.rows for run in runs) == count
        if self.position or len(runs) < 2 or not whole:
            return []
        self._opened = [Remarks() for _ in runs]
        return [
            Part(run.rows, ArrowRows(self.layout, ReadMeter(), self._decode(run.numbers, run.first, own), run.first))
            for run, own in zip(runs, self._opened, strict=True)
        ]

    def parts_read(self, count: int) -> None:
        """Take over the remarks of the parts in the order of their rows."""
        for remarks in self._opened:
            self._remarks.add_all(remarks)
        self.position += count
        self.close()


def runs_of(groups: Sequence[RowGroup], count: int) -> list[Groups]:
    """Return runs of row groups that hold the first `count` rows, each of `LEAST_PART_BYTES` or of one group."""
    runs: list[Groups] = []
    begin = first = rows = size = 0
    for number, group in enumerate(groups, 1):
        rows += group.rows
        size += group.bytes
        if size >= LEAST_PART_BYTES or first + rows >= count or number == len(groups):
            if first < count and rows:
                runs.append(Groups(range(begin, number), first, min(rows, count - first)))
            begin, first, rows, size = number, first + rows, 0, 0
    return runs
