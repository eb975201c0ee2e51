"""Arrays in `.npy` files, and the header of `.npy` data anywhere. Objects are refused, never unpickled."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from lattice.data.readers.content import refuse_other_content
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.data.readers.pickle_kind import converting, kind_of_items
from lattice.data.readers.refused import no_shape_text, said
from lattice.data.readers.row_layout import check_layout, two_sides
from lattice.data.readers.rows import ColumnMajorRows, PlainRows, RowReader
from lattice.errors import DataError, first_line
from lattice.formats import NPY_ENDING, ending_of

_TYPES = {("f", 2): torch.float16, ("f", 4): torch.float32, ("f", 8): torch.float64}
_HEADER_LIMIT = 10_000
_LOOKED_AT, _OBJECT_BYTES = 512, 1 << 16


@dataclass(frozen=True)
class ArrayHeader:
    """What an `.npy` header says."""

    shape: tuple[int, ...]
    column_major: bool
    type: np.dtype[np.generic]
    bytes: int
    """Length of the header itself."""

    @property
    def torch_type(self) -> torch.dtype | None:
        """Matching type of torch, None if there is none."""
        return _TYPES.get((self.type.kind, self.type.itemsize))

    @property
    def swapped(self) -> bool:
        """Whether each number's bytes are in the other order than this machine's."""
        return not self.type.isnative


def open_npy(path: Path, meter: ReadMeter) -> RowReader:
    """Return a reader of the rows of an `.npy` file."""
    with open_counted(path, meter) as file:
        buffer = io.BufferedReader(file, 1024)
        header, size = read_header(buffer, str(path)), file.size
        begin = buffer.read(_OBJECT_BYTES) if header.type.hasobject else b""
    if header.type.hasobject:
        raise DataError(_objects_text(path, header, begin))
    layout = check_layout(path, "", header.shape, header.torch_type, str(header.type))
    missing = header.bytes + layout.count * layout.row_bytes - size
    if missing > 0:
        raise DataError(
            f"{path} states {layout.count} rows of {layout.row_bytes} bytes, but ends {missing} bytes "
            "too early; it is truncated. Copy or make it again"
        )
    if _goes_on(path, size + missing):
        raise DataError(
            f"{path} holds another array behind its first one, as numpy.save writes into an open file; read them one "
            f"after the other with `numpy.load(file)` and save `numpy.concatenate(arrays)`"
        )
    kind = ColumnMajorRows if header.column_major else PlainRows
    return kind(layout, meter, header.bytes, swapped=header.swapped)


def refuse_plain_numbers(path: Path) -> None:
    """Raise `DataError` for an `.npy` file without numpy's header, such as `tofile` and `memmap` write them."""
    with open_counted(path, ReadMeter()) as file:  # a look that is no part of the reading
        head = file.read(_LOOKED_AT)
    if not head.startswith(np.lib.format.MAGIC_PREFIX):
        refuse_other_content(path, head)
        raise DataError(no_shape_text(path))


def _objects_text(path: Path, header: ArrayHeader, begin: bytes) -> str:
    """Return why an array of objects is not opened, and the line that converts what it holds."""
    load = f"import numpy; data = numpy.load({path.name!r}, allow_pickle=True)"
    if not header.shape:
        load, kind = f"{load}.item()", kind_of_items(begin, one=True)
    else:
        kind = kind_of_items(begin) if len(header.shape) == 1 else "vectors"
        load += ".tolist()"
    convert = said(converting(kind), path)
    return (
        f"{path} holds Python objects, which could run code, and is not opened. Where you trust it, convert it with "
        f"two lines of Python: `{load}` and {convert}"
    )


def _goes_on(path: Path, end: int) -> bool:
    """Say whether another array begins where the first one ends."""
    with open_counted(path, ReadMeter()) as file:  # a look that is no part of the reading
        file.seek(end)
        mark = file.read(len(np.lib.format.MAGIC_PREFIX))
    return mark == np.lib.format.MAGIC_PREFIX


def is_table(path: Path, meter: ReadMeter) -> bool:
    """Say whether an `.npy` file can hold embeddings: floats in two dimensions; a damaged one counts too."""
    try:
        with open_counted(path, meter) as file:
            header = read_header(io.BufferedReader(file, 1024), str(path))
    except DataError:
        return True
    return len(two_sides(header.shape)) == 2 and header.torch_type is not None


def is_curve(path: Path) -> bool:
    """Say whether a file is an `.npy` of numbers in one dimension, such as the losses of a run."""
    if ending_of(path) != NPY_ENDING:
        return False
    with open_counted(path, ReadMeter()) as file:
        header = read_header(io.BufferedReader(file, 1024), str(path))
    return header.type.kind in "fiu" and len(two_sides(header.shape)) < 2


def read_header(file: IO[bytes] | io.BufferedReader, what: str) -> ArrayHeader:
    """Return the header of `.npy` data from its first byte on; raises `DataError` if there is none."""
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_HEADER_LIMIT)
        elif version == (2, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_2_0(file, max_header_size=_HEADER_LIMIT)
        else:
            raise ValueError(f"version {version} of the format is not known")
    except Exception as error:  # numpy parses the header as Python source, which fails in many ways
        raise DataError(f"{what} has no valid .npy header ({first_line(error)}); it is damaged") from error
    if not all(type(side) is int and side >= 0 for side in shape):
        raise DataError(f"{what} states the impossible shape {list(shape)}; it is damaged")
    return ArrayHeader(shape, bool(column_major), dtype, file.tell())


def check_size(what: str, header: ArrayHeader, size: int) -> None:
    """Raise `DataError` for a header that states more than the `size` bytes it stands in; objects have no size."""
    stated = header.bytes + header.type.itemsize * int(np.prod(header.shape, dtype=object))
    if not header.type.hasobject and stated > size:
        raise DataError(
            f"{what} states {'x'.join(map(str, header.shape))} values of {header.type.itemsize} bytes, but "
            f"unpacks to {size} bytes; it is damaged. Copy or make it again"
        )


def python_values(what: str, array: np.ndarray[Any, Any]) -> list[Any]:
    """Return an array's values as Python's own; raise `DataError` for texts of what are no characters.

    Python's functions for texts fail, or do not end, with numbers above the last character.
    """
    if array.dtype.kind == "U" and array.dtype.itemsize:
        plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
        if (plain.reshape(-1).view(np.uint32) > sys.maxunicode).any():
            raise DataError(f"{what} holds numbers that stand for no character; it is damaged. Copy or make it again")
    values: list[Any] = array.tolist()
    return values
