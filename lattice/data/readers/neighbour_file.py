"""Vectors of the benchmarks of nearest-neighbour search: `.fvecs`, `.bvecs`, `.fbin`, `.u8bin`, `.i8bin`.

Formats: `.fvecs` and `.bvecs` give before each row its width as int32 (http://corpus-texmex.irisa.fr); the `bin` files
begin with count and width as int32 or uint32 (https://big-ann-benchmarks.com). All little-endian.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.row_layout import RowLayout, check_layout
from lattice.data.readers.rows import RowReader
from lattice.errors import DataError
from lattice.formats import ending_of
from lattice.limits import MAX_WIDTH

_TYPES = {".fvecs": "<f4", ".bvecs": "u1", ".fbin": "<f4", ".u8bin": "u1", ".i8bin": "i1"}
_WIDTH_BYTES = 4


class NumberRows(RowReader):
    """Rows of numbers of one type, with or without some bytes before each; they become float32."""

    any_order = True

    def __init__(self, layout: RowLayout, meter: ReadMeter, kind: str, offset: int, before: int) -> None:
        """Prepare to read rows of the numpy type `kind` from byte `offset` on, each with `before` bytes before it."""
        super().__init__(layout, meter)
        self._kind, self._offset, self._before = np.dtype(kind), offset, before

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout = self.layout
        stride = self._before + layout.width * self._kind.itemsize
        raw = bytearray(stride * len(out))
        with open_counted(layout.path, self.meter) as file:
            file.seek(self._offset + row * stride)
            read_exactly(file, memoryview(raw), layout.path, f"rows {row} to {row + len(out) - 1}")
        grid = np.frombuffer(raw, dtype=np.uint8).reshape(len(out), stride)
        if self._before:
            widths = grid[:, : self._before].copy().view("<i4")
            odd = np.flatnonzero(widths != layout.width)
            if len(odd):
                raise DataError(
                    f"{layout.path}: row {row + int(odd[0]) + 1} has width {int(widths[odd[0], 0])}, expected "
                    f"{layout.width} as in the first row; the file is damaged"
                )
        numbers = grid[:, self._before :].copy().view(self._kind)
        out.copy_(torch.from_numpy(numbers.astype(np.float32)))


def open_neighbours(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Open a file of vectors; raises `DataError` if its size does not fit its header."""
    meter, ending = request.meter, ending_of(path)
    kind = _TYPES[ending]
    per_row = ending.endswith("vecs")
    header = bytearray(_WIDTH_BYTES if per_row else 2 * _WIDTH_BYTES)
    with open_counted(path, meter) as file:
        read_exactly(file, memoryview(header), path, "the header")
        size = file.size
    numbers = np.frombuffer(header, dtype="<i4").tolist()
    width = int(numbers[-1])
    if not 0 < width <= MAX_WIDTH:
        raise DataError(f"{path} states rows of width {width}; it is damaged, or no {ending} file")
    before = _WIDTH_BYTES if per_row else 0
    stride = before + width * np.dtype(kind).itemsize
    start = 0 if per_row else len(header)
    count = (size - start) // stride if per_row else int(numbers[0])
    if count < 1 or start + count * stride != size:
        raise DataError(
            f"{path} has {size} bytes, which are no {count} rows of width {width}; it is truncated. "
            "Copy or make it again"
        )
    layout = check_layout(path, "", (count, width), torch.float32, "float32")
    note = f"{path.name}: bytes from 0 to 255 became floats" if kind == "u1" else ""
    note = f"{path.name}: bytes from -128 to 127 became floats" if kind == "i1" else note
    return EmbeddingFile(path, NumberRows(layout, meter, kind, start, before), None, note, {}, meter)
