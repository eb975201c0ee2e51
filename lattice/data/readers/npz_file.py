"""Archives of arrays, `.npz`: the table of embeddings, and the texts and categories beside it.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import functools
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.readers.archive_parts import (
    LABEL_KINDS,
    PARTNERS,
    aside_parts,
    choose_table,
    parts_beside,
)
from lattice.data.readers.bounds import check_unpacked
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.numpy_file import ArrayHeader, check_size, python_values, read_header
from lattice.data.readers.row_layout import check_layout, refuse_three_sides, two_sides
from lattice.data.readers.rows import ARCHIVE_ERRORS, PackedRows, RowReader
from lattice.data.readers.scaled_rows import likely_tables, scaled, scales_of
from lattice.data.readers.several_tables import refuse_tables_of_tokens
from lattice.errors import DataError
from lattice.limits import MAX_BESIDE_BYTES, MAX_MEMBERS

_SPARSE = {"format", "shape", "data"}
"""Members of each archive that scipy.sparse.save_npz writes."""


@dataclass(frozen=True)
class Archive:
    """The members of an archive by name, with their headers; those of objects are known by name alone."""

    path: Path
    meter: ReadMeter
    headers: dict[str, ArrayHeader]

    @property
    def closed(self) -> list[str]:
        """Names of the members that hold Python objects."""
        return [name for name, header in self.headers.items() if header.type.hasobject]

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """Return a member whole."""
        try:
            with (
                open_counted(self.path, self.meter) as file,
                zipfile.ZipFile(io.BufferedReader(file, 1 << 16)) as packed,
                packed.open(f"{name}.npy") as member,
            ):
                array: np.ndarray[Any, Any] = np.lib.format.read_array(member, allow_pickle=False)
                return array
        except (*ARCHIVE_ERRORS, MemoryError) as error:
            raise DataError(f"{self.path}: {name} is damaged ({error}); copy or make it again") from error

    def rows(self, name: str) -> RowReader:
        """Return a reader of a table's rows."""
        header = self.headers[name]
        what = f"{self.path}: {name}"
        if header.type.hasobject:
            raise DataError(f"{what} holds Python objects, which could run code; save a plain array of floats")
        layout = check_layout(self.path, name, header.shape, header.torch_type, str(header.type))
        if not header.column_major:
            return PackedRows(layout, self.meter, header.bytes, swapped=header.swapped)
        native = header.type.newbyteorder("=")
        return held_rows(self.path, np.ascontiguousarray(self.array(name), dtype=native), self.meter)


def open_npz(path: Path, meter: ReadMeter, table: str | None = None) -> EmbeddingFile:
    """Open an archive of arrays; objects in it are never unpickled.

    Args:
        path: the file.
        meter: counts the bytes.
        table: member that holds the embeddings, None to guess.

    Raises:
        DataError: it is damaged, or nothing tells which member holds the embeddings.
    """
    archive = Archive(path, meter, read_headers(path, meter))
    guesses: list[str] = []
    headers = archive.headers
    tables = [name for name, header in headers.items() if len(two_sides(header.shape)) == 2 and name != PARTNERS]
    floats = [name for name in tables if headers[name].torch_type is not None]
    name = table
    if not tables and set(headers) >= _SPARSE:
        raise DataError(
            f"{path} is a sparse matrix of scipy; save it as an array with `numpy.save('rows.npy', "
            f"scipy.sparse.load_npz({path.name!r}).toarray().astype('float32'))`"
        )
    if table is None or table not in headers:
        if not tables:
            refuse_three_sides(path, {part: (header.shape, header.torch_type) for part, header in headers.items()})
        vectors = [] if tables else _equal_vectors(headers)
        if vectors and table is None:
            return _by_name(archive, vectors)
        if table is None:
            refuse_tables_of_tokens(path, {part: two_sides(headers[part].shape) for part in floats})
        name = choose_table(path, likely_tables(tables, floats), table, guesses)
    assert name is not None
    rows = _quantised(archive, name) or archive.rows(name)
    partners = archive.rows(PARTNERS) if PARTNERS in headers else None
    count = rows.layout.count
    readable = {part: header for part, header in headers.items() if _is_list(header)}
    lengths = {part: header.shape[0] for part, header in readable.items()}
    beside = parts_beside(lengths, count, lambda part: python_values(f"{path}: {part}", archive.array(part)), name)
    used = [name, PARTNERS, *beside.read, *(scales_of(name, headers) if headers[name].torch_type is None else ())]
    return EmbeddingFile(
        path,
        rows,
        partners,
        "".join(guesses),
        {},
        meter,
        aside=aside_parts(path, list(headers), used, archive.closed),
        names=beside.names,
        held_texts=beside.held_texts,
        held_categories=beside.held_categories,
    )


def npz_tables(path: Path, meter: ReadMeter) -> list[str]:
    """Return the members of an archive that can hold embeddings."""
    headers = read_headers(path, meter)
    return [name for name, header in headers.items() if len(two_sides(header.shape)) == 2 and name != PARTNERS]


def read_headers(path: Path, meter: ReadMeter) -> dict[str, ArrayHeader]:
    """Return the header of each array of an archive by name; raises `DataError` if it is damaged or too large."""
    try:
        with open_counted(path, meter) as file, zipfile.ZipFile(io.BufferedReader(file, 4096)) as archive:
            headers = {}
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if len(members) > MAX_MEMBERS:
                raise DataError(f"{path} holds {len(members):,} arrays, expected at most {MAX_MEMBERS:,}")
            for info in members:
                with archive.open(info) as member:
                    name = info.filename.removesuffix(".npy")
                    headers[name] = read_header(member, f"{path}: {info.filename}")
                check_unpacked(path, name, info.compress_size, info.file_size)
                check_size(f"{path}: {name}", headers[name], info.file_size)
            return headers
    except ARCHIVE_ERRORS as error:
        raise DataError(f"{path} is no readable .npz archive ({error}); copy or make it again") from error


def _is_list(header: ArrayHeader) -> bool:
    small = header.type.itemsize * int(np.prod(header.shape, dtype=object)) <= MAX_BESIDE_BYTES
    return len(header.shape) == 1 and header.type.kind in LABEL_KINDS and small


def _equal_vectors(headers: dict[str, ArrayHeader]) -> list[str]:
    """Return the members if all of them are vectors of one width: an archive of rows by name."""
    plain = [name for name, header in headers.items() if not header.type.hasobject]
    widths = {headers[name].shape for name in plain if len(headers[name].shape) == 1}
    whole = all(headers[name].torch_type is not None and len(headers[name].shape) == 1 for name in plain)
    return plain if whole and len(plain) > 1 and len(widths) == 1 else []


def _by_name(archive: Archive, names: list[str]) -> EmbeddingFile:
    rows_SD = np.stack([archive.array(name).astype(np.float32) for name in names])
    guess = f"{archive.path.name}: took its {len(names)} arrays for the rows, and their names for the rows' names"
    aside = aside_parts(archive.path, names, names, archive.closed)
    rows = held_rows(archive.path, rows_SD, archive.meter)
    return EmbeddingFile(archive.path, rows, None, guess, {}, archive.meter, aside=aside, names=True, held_texts=names)


def _quantised(archive: Archive, name: str) -> RowReader | None:
    """Return rows of whole numbers multiplied by the scale that lies beside them; None without a scale."""
    header = archive.headers[name]
    sides = two_sides(header.shape)
    others = scales_of(name, archive.headers)
    if header.type.kind not in "iu" or len(sides) != 2 or not others:
        return None
    beside = {part: functools.partial(archive.array, part) for part in others}
    rows_SD = scaled(archive.path, name, archive.array(name).reshape(sides), beside)
    return None if rows_SD is None else held_rows(archive.path, rows_SD, archive.meter)
