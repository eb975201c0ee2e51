"""Rows of numbers from one tensor in a file, read straight into place: in order, or piece by piece in any order.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import bisect
import contextlib
import io
import itertools
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import IO, ClassVar, NamedTuple
from zipfile import ZipFile

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.row_layout import RowLayout
from lattice.errors import DataError

ARCHIVE_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, KeyError,
)  # fmt: skip
"""What `zipfile` raises on damaged, encrypted or exotic archives."""


class RowReader(ABC):
    """Reads the rows of one tensor from first to last."""

    any_order: ClassVar[bool] = False
    """Whether `read_at` may be used, by several threads at once."""

    def __init__(self, layout: RowLayout, meter: ReadMeter) -> None:
        """Prepare to read from row 0."""
        self.layout, self.meter, self.position = layout, meter, 0

    def read_into(self, out: Tensor) -> None:
        """Fill a contiguous CPU tensor [n, D] of the file's type with the next n rows.

        Raises:
            DataError: the file is truncated, damaged, or can't be read.
        """
        self._read(self.position, out)
        self.position += out.shape[0]

    def read_at(self, row: int, out: Tensor) -> None:
        """Do the same with the rows from `row` on, wherever the reader stands; any thread may, if `any_order`."""
        if not self.any_order:
            raise ValueError(f"{self.layout.path} can only be read from first to last")
        self._read(row, out)

    def _read(self, row: int, out: Tensor) -> None:
        if row + out.shape[0] > self.layout.count:
            raise ValueError(f"rows past the end of {self.layout.path} were requested")
        self._fill(row, out.view(torch.uint8).reshape(-1).numpy().data, out)
        self.meter.add(rows=out.shape[0])

    def parts(self, count: int) -> list[Part]:
        """Return the next `count` rows as parts, each for a thread of its own; none where this reader must read them.

        Whoever has read them all calls `parts_read` then.
        """
        return []

    def parts_read(self, count: int) -> None:
        """Stand behind the `count` rows that the readers of the parts have read."""
        raise ValueError(f"{self.layout.path} has no parts")

    def close(self) -> None:  # noqa: B027 - most readers hold nothing open
        """Close what is open."""

    @abstractmethod
    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        """Fill `buffer`, the bytes of `out`, with the rows from `row` on, which is `position` unless `any_order`."""


class Part(NamedTuple):
    """Rows that a reader of their own reads, from first to last, while others read theirs."""

    rows: int
    reader: RowReader


class PlainRows(RowReader):
    """Rows that lie one after the other, uncompressed, from a byte offset on."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, offset: int, *, swapped: bool = False) -> None:
        """Prepare to read; `swapped` says that the bytes of each number are in the other order."""
        super().__init__(layout, meter)
        self._offset, self._swapped = offset, swapped

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout = self.layout
        with open_counted(layout.path, self.meter) as file:
            file.seek(self._offset + row * layout.row_bytes)
            read_exactly(file, buffer, layout.path, f"rows {row} to {row + len(out) - 1}")
        if self._swapped:
            np.frombuffer(buffer, dtype=f"u{layout.dtype.itemsize}").byteswap(inplace=True)


class ScatteredRows(RowReader):
    """Rows each of which lies at an offset of its own."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, offsets: Sequence[int]) -> None:
        """Prepare to read row i from byte `offsets[i]` on."""
        super().__init__(layout, meter)
        self._offsets = offsets

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout = self.layout
        with open_counted(layout.path, self.meter) as file:
            for index in range(len(out)):
                file.seek(self._offsets[row + index])
                part = buffer[index * layout.row_bytes : (index + 1) * layout.row_bytes]
                read_exactly(file, part, layout.path, f"row {row + index}")


class PiecedRows(RowReader):
    """Rows that lie in several pieces, each uncompressed from an offset of its own on."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, pieces: Sequence[tuple[int, int]]) -> None:
        """Prepare to read pieces, each given by the offset of its first byte and its number of rows."""
        super().__init__(layout, meter)
        self._offsets = [offset for offset, _ in pieces]
        self._ends = list(itertools.accumulate(rows for _, rows in pieces))

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout, done = self.layout, 0
        with open_counted(layout.path, self.meter) as file:
            while done < len(out):
                piece = bisect.bisect_right(self._ends, row + done)
                first = self._ends[piece - 1] if piece else 0
                rows = min(self._ends[piece] - row, len(out)) - done
                file.seek(self._offsets[piece] + (row + done - first) * layout.row_bytes)
                part = buffer[done * layout.row_bytes : (done + rows) * layout.row_bytes]
                read_exactly(file, part, layout.path, f"rows {row + done} to {row + done + rows - 1}")
                done += rows


class MemoryRows(RowReader):
    """Rows that are in memory already."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, rows_SD: Tensor) -> None:
        """Hand out the rows of a CPU tensor [S, D] of the layout's shape and type."""
        super().__init__(layout, meter)
        self._rows_SD = rows_SD

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        out.copy_(self._rows_SD[row : row + len(out)])


class ColumnMajorRows(RowReader):
    """Rows of an array in Fortran order: each column lies in one piece."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, offset: int, *, swapped: bool = False) -> None:
        """Prepare to read."""
        super().__init__(layout, meter)
        self._offset, self._swapped = offset, swapped

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout, size = self.layout, self.layout.dtype.itemsize
        column = np.empty(len(out), dtype=f"u{size}")
        grid = np.frombuffer(buffer, dtype=column.dtype).reshape(out.shape)
        with open_counted(layout.path, self.meter) as file:
            for index in range(layout.width):
                file.seek(self._offset + (index * layout.count + row) * size)
                read_exactly(file, column.data.cast("B"), layout.path, f"column {index}")
                grid[:, index] = column.byteswap() if self._swapped else column


class PackedRows(RowReader):
    """Rows in a compressed member of an archive, unpacked piece by piece."""

    def __init__(self, layout: RowLayout, meter: ReadMeter, header_bytes: int, *, swapped: bool) -> None:
        """Prepare to read member `layout.name` of a zip archive, whose rows start after `header_bytes`."""
        super().__init__(layout, meter)
        self._header_bytes, self._swapped = header_bytes, swapped
        self._open = contextlib.ExitStack()
        self._stream: IO[bytes] | None = None

    def _start(self) -> IO[bytes]:
        file = self._open.enter_context(open_counted(self.layout.path, self.meter))
        archive = self._open.enter_context(ZipFile(io.BufferedReader(file, 1 << 16)))
        stream = self._open.enter_context(archive.open(f"{self.layout.name}.npy"))
        stream.read(self._header_bytes)
        return stream

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        path, done = self.layout.path, 0
        try:
            self._stream = self._stream or self._start()
            while done < len(buffer):
                piece = self._stream.read(min(len(buffer) - done, 1 << 20))
                if not piece:
                    raise EOFError("it ends too early")
                buffer[done : done + len(piece)] = piece
                done += len(piece)
        except ARCHIVE_ERRORS as error:
            raise DataError(f"{path}: {self.layout.name} is damaged ({error}); copy or make it again") from error
        if self._swapped:
            np.frombuffer(buffer, dtype=f"u{self.layout.dtype.itemsize}").byteswap(inplace=True)

    def close(self) -> None:
        """Close the archive."""
        self._open.close()
