"""Arrays of records, numpy's structured type, in `.npy` files and `.npz` archives: each field is a column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.bounds import check_columns, check_unpacked
from lattice.data.readers.counted import open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.numpy_file import ArrayHeader, check_size, python_values, read_header
from lattice.data.readers.records import Record
from lattice.data.readers.rows import ARCHIVE_ERRORS
from lattice.data.readers.tabular import open_records
from lattice.data.readers.text_source import TextSource
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, NPZ_ENDING, ending_of

_PIECE_ROWS = 1024


def open_structured(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource | None:
    """Open a file whose array, or only array, is one of records; None for every other file.

    Raises:
        DataError: it is damaged, or none of its fields holds vectors or texts.
    """
    ending = ending_of(path)
    if ending == NPY_ENDING:
        with open_counted(path, request.meter) as file:
            header, size = read_header(io.BufferedReader(file, 1024), str(path)), file.size
        if header.type.names is not None:
            check_size(str(path), header, size)
        return _open(path, "", header, request)
    if ending != NPZ_ENDING:
        return None
    try:
        with open_counted(path, request.meter) as file, zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if len(members) != 1:
                return None
            (info,) = members
            check_unpacked(path, info.filename, info.compress_size, info.file_size)
            with archive.open(info) as member:
                header = read_header(member, f"{path}: {info.filename}")
            check_size(f"{path}: {info.filename}", header, info.file_size)
    except ARCHIVE_ERRORS as error:
        raise DataError(f"{path} is no readable .npz archive ({error}); copy or make it again") from error
    return _open(path, info.filename, header, request)


def _open(path: Path, member: str, header: ArrayHeader, request: ReadRequest) -> EmbeddingFile | TextSource | None:
    if header.type.names is None or len(header.shape) != 1 or header.type.hasobject:
        return None
    check_columns(path, header.type.names)
    array = read_array(path, member, request)
    columns = {name: array[name] for name in header.type.names}
    return open_records(path, path.name, request, column_records(path, columns, request))


def read_array(path: Path, member: str, request: ReadRequest) -> np.ndarray[Any, Any]:
    """Return the array of a file, or of a member of an archive, whole; raises `DataError` if it is damaged."""
    try:
        with open_counted(path, request.meter) as file:
            if not member:
                array: np.ndarray[Any, Any] = np.lib.format.read_array(file, allow_pickle=False)
                return array
            with zipfile.ZipFile(file) as archive, archive.open(member) as packed:
                array = np.lib.format.read_array(packed, allow_pickle=False)
                return array
    except (*ARCHIVE_ERRORS, MemoryError) as error:
        raise DataError(f"{path}: its values are damaged ({error}); copy or make it again") from error


def column_records(path: Path, columns: Mapping[str, np.ndarray[Any, Any]], request: ReadRequest) -> Iterator[Record]:
    """Yield the rows of columns of one length, from 1 on."""
    for first in range(0, len(next(iter(columns.values()))), _PIECE_ROWS):
        pieces = [_values(path, column[first : first + _PIECE_ROWS]) for column in columns.values()]
        for number, values in enumerate(zip(*pieces, strict=True), first + 1):
            request.meter.add(rows=1)
            yield number, dict(zip(columns, values, strict=True))


def _values(path: Path, column: np.ndarray[Any, Any]) -> list[Any]:
    """Return a field's values as Python's own; bytes are UTF-8."""
    values = python_values(str(path), column)
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values]
