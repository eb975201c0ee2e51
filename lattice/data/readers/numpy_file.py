"""The header of `.npy` data, alone in a file or inside an `.npz` archive. Objects are refused, never unpickled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import torch

from lattice.data.readers.bounds import check_unpacked
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.data.readers.rows import ARCHIVE_ERRORS, ColumnMajorRows, PackedRows, PlainRows, RowReader, check_layout
from lattice.errors import DataError
from lattice.limits import MAX_MEMBERS

_TYPES = {("f", 2): torch.float16, ("f", 4): torch.float32, ("f", 8): torch.float64}
_HEADER_LIMIT = 10_000


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
        header, size = _read_header(io.BufferedReader(file, 1024), str(path)), file.size
    layout = check_layout(path, "", header.shape, header.torch_type, str(header.type))
    missing = header.bytes + layout.count * layout.row_bytes - size
    if missing > 0:
        raise DataError(
            f"{path} states {layout.count} rows of {layout.row_bytes} bytes, but ends {missing} bytes "
            "too early; it is truncated. Copy or make it again"
        )
    kind = ColumnMajorRows if header.column_major else PlainRows
    return kind(layout, meter, header.bytes, swapped=header.swapped)


def open_npz(path: Path, meter: ReadMeter, choose: Callable[[list[str]], str]) -> tuple[RowReader, RowReader | None]:
    """Return readers of the embeddings and, if there is a member `partners`, of those.

    `choose(names)` picks the member that holds the embeddings from those that could.
    """
    try:
        with open_counted(path, meter) as file, zipfile.ZipFile(io.BufferedReader(file, 4096)) as archive:
            headers, sizes = {}, {}
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if len(members) > MAX_MEMBERS:
                raise DataError(f"{path} holds {len(members):,} arrays, expected at most {MAX_MEMBERS:,}")
            for info in members:
                with archive.open(info) as member:
                    name = info.filename.removesuffix(".npy")
                    headers[name] = _read_header(member, f"{path}: {info.filename}")
                    sizes[name] = info.compress_size, info.file_size
    except ARCHIVE_ERRORS as error:
        raise DataError(f"{path} is no readable .npz archive ({error}); copy or make it again") from error
    name = choose([name for name, header in headers.items() if len(header.shape) == 2 and name != "partners"])
    partners = (
        _packed(path, meter, "partners", headers["partners"], *sizes["partners"]) if "partners" in headers else None
    )
    return _packed(path, meter, name, headers[name], *sizes[name]), partners


def _packed(path: Path, meter: ReadMeter, name: str, header: ArrayHeader, packed: int, unpacked: int) -> RowReader:
    layout = check_layout(path, name, header.shape, header.torch_type, str(header.type))
    if header.column_major:
        raise DataError(f"{path}: {name} is in Fortran order inside an archive; save it in C order")
    if header.bytes + layout.count * layout.row_bytes > unpacked:
        raise DataError(
            f"{path}: {name} states {layout.count} rows of {layout.row_bytes} bytes, but unpacks to {unpacked} bytes; "
            "it is damaged. Copy or make it again"
        )
    check_unpacked(path, name, packed, unpacked)
    return PackedRows(layout, meter, header.bytes, swapped=header.swapped)


def _read_header(file: IO[bytes] | io.BufferedReader, what: str) -> ArrayHeader:
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_HEADER_LIMIT)
        elif version == (2, 0):
            shape, column_major, dtype = np.lib.format.read_array_header_2_0(file, max_header_size=_HEADER_LIMIT)
        else:
            raise ValueError(f"version {version} of the format is not known")
    except Exception as error:  # numpy parses the header as Python source, which fails in many ways
        raise DataError(f"{what} has no valid .npy header ({_first_line(error)}); it is damaged") from error
    if dtype.hasobject:
        raise DataError(f"{what} holds Python objects, which could run code; save a plain array of floats")
    if not all(type(side) is int and side >= 0 for side in shape):
        raise DataError(f"{what} states the impossible shape {list(shape)}; it is damaged")
    return ArrayHeader(shape, bool(column_major), dtype, file.tell())


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
