"""Shape and type of the rows of a file, checked before any of them is read.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from lattice.errors import DataError
from lattice.formats import HDF5_ENDINGS, NPY_ENDING, NPZ_ENDING, TENSORS_ENDING, TORCH_ENDINGS, ending_of
from lattice.limits import MAX_WIDTH

_BY_KIND = {
    "bytes": ", as no scale lies beside them in the file: `{load}`, then for int8 `numpy.save('rows.npy', "
    "rows.astype('float32') / 127)`, for packed bits `numpy.save('rows.npy', numpy.unpackbits(rows.view('uint8'), "
    "axis=1).astype('float32') * 2 - 1)`",
    "complex": ", its two parts side by side: `{load}`, then `numpy.save('rows.npy', "
    "numpy.hstack([rows.real, rows.imag]).astype('float32'))`",
    "numbers": ": `{load}`, then `numpy.save('rows.npy', rows.astype('float32'))`",
}
"""How to convert arrays of other types, by what they hold."""
_LOADS = {
    NPY_ENDING: "import numpy; rows = numpy.load({path!r})",
    NPZ_ENDING: "import numpy; rows = numpy.load({path!r})[{name!r}]",
    TENSORS_ENDING: "import numpy, safetensors.numpy; rows = safetensors.numpy.load_file({path!r})[{name!r}]",
}
_LOADS |= dict.fromkeys(HDF5_ENDINGS, "import h5py, numpy; rows = h5py.File({path!r})[{name!r}][()]")
_LOADS |= dict.fromkeys(
    TORCH_ENDINGS,
    "import numpy, torch; rows = torch.load({path!r}); "
    "rows = (rows[{name!r}] if isinstance(rows, dict) else rows).numpy()",
)
EMBEDDINGS = "embeddings"
"""Name of the table of a file that is one tensor."""
_BY_SIDES = {
    0: "",
    1: ". Where it is one sample, save several; where it holds all samples one after the other, "
    "`rows.reshape(-1, WIDTH)`",
    3: ". Where the second one counts tokens, save `rows.mean(1)`; where the first one counts batches, "
    "`rows.reshape(-1, rows.shape[-1])`",
}
_MORE_SIDES = ". Where the first one counts samples, such as pictures, save `rows.reshape(len(rows), -1)`"
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


def _converted(path: Path, name: str, dtype: torch.dtype | None, kind: str) -> str:
    """Return the lines that convert an array; empty where its file is none that a line opens."""
    load = _LOADS.get(ending_of(path))
    if load is None:
        return ""
    is_bytes = dtype in (torch.int8, torch.uint8) or kind in ("int8", "uint8")
    what = "bytes" if is_bytes else "complex" if "complex" in kind else "numbers"
    return _BY_KIND[what].format(load=load.format(path=path.name, name=name))


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
        raise DataError(
            f"{what} holds {kind}, expected floats of 16, 32 or 64 bits; convert it first"
            + _converted(path, name, dtype, kind)
        )
    shape = two_sides(shape)
    if len(shape) != 2:
        more = _BY_SIDES.get(len(shape), _MORE_SIDES)
        raise DataError(f"{what} has shape {list(shape)}, expected two dimensions [samples, width]{more}")
    count, width = shape
    if count < 1 or width < 1:
        raise DataError(f"{what} has shape {list(shape)}: it is empty; expected at least one row and one column")
    if width > MAX_WIDTH:
        raise DataError(
            f"{what} has shape {list(shape)}, expected at most {MAX_WIDTH:,} numbers a sample; is it transposed?"
        )
    return RowLayout(path, name, count, width, dtype)
