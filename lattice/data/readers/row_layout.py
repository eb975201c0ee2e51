"""Shape and type of the rows of a file, checked before any of them is read.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from lattice.errors import DataError
from lattice.limits import MAX_WIDTH

QUANTISED = (
    ", as its scale is not in the file: load the array of {!r} as `rows`, then for int8 `numpy.save('rows.npy', "
    "rows.astype('float32') / 127)`, for packed bits `numpy.save('rows.npy', numpy.unpackbits(rows.view('uint8'), "
    "axis=1).astype('float32') * 2 - 1)`"
)
"""How to convert quantised vectors."""
_THREE_SIDES = (
    ". Where the second one counts tokens, save `rows.mean(1)`; where the first one counts batches, "
    "`rows.reshape(-1, rows.shape[-1])`"
)
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


@dataclass(frozen=True)
class RowLayout:
    """Shape and type of the rows of a file."""

    path: Path
    name: str
    """Name of the tensor in the file, empty where there is only one."""
    count: int
    width: int
    dtype: torch.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and width."""
        return self.count, self.width

    @property
    def row_bytes(self) -> int:
        """Bytes of one row in the file."""
        return self.width * self.dtype.itemsize


def two_sides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a tensor's shape without sides of 1, the first ones first, until two sides are left."""
    while len(shape) > 2 and 1 in shape:
        shape = shape[: shape.index(1)] + shape[shape.index(1) + 1 :]
    return shape


def refuse_three_sides(path: Path, tensors: Mapping[str, tuple[tuple[int, ...], torch.dtype | None]]) -> None:
    """Raise `DataError` for a file without tables that has a tensor with three sides, given by shape and type."""
    for name, (shape, dtype) in tensors.items():
        if len(two_sides(shape)) == 3 and dtype in FLOATS:
            check_layout(path, name, shape, dtype, str(dtype))


def check_layout(path: Path, name: str, shape: tuple[int, ...], dtype: torch.dtype | None, kind: str) -> RowLayout:
    """Return the layout of a tensor, or say why it can't be embeddings.

    Args:
        path: the file.
        name: the tensor's name in it, empty where there is only one.
        shape: its shape as the file states it.
        dtype: its type, None where torch has no such type.
        kind: the type as the file names it, for the message.
    """
    what = f"{path}: {name}" if name else str(path)
    if dtype not in FLOATS:
        bytes_each = dtype in (torch.int8, torch.uint8) or kind in ("int8", "uint8")
        raise DataError(
            f"{what} holds {kind}, expected floats of 16, 32 or 64 bits; convert it first"
            + (QUANTISED.format(path.name) if bytes_each else "")
        )
    shape = two_sides(shape)
    if len(shape) != 2:
        more = _THREE_SIDES if len(shape) == 3 else ""
        raise DataError(f"{what} has shape {list(shape)}, expected two dimensions [samples, width]{more}")
    count, width = shape
    if count < 1 or width < 1:
        raise DataError(f"{what} has shape {list(shape)}: it is empty; expected at least one row and one column")
    if width > MAX_WIDTH:
        raise DataError(
            f"{what} has shape {list(shape)}, expected at most {MAX_WIDTH:,} numbers a sample; is it transposed?"
        )
    return RowLayout(path, name, count, width, dtype)
