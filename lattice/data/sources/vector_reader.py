"""The vector of a file that holds one: an array, a tensor, a member of an archive, or numbers as text.

Shapes: D embedding width.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lattice.data.column_names import LABEL_NAMES, TEXT_NAMES, VECTOR_NAMES
from lattice.data.readers.archive_parts import LABEL_KINDS
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.npz_file import Archive, read_headers
from lattice.data.readers.numpy_file import ArrayHeader, python_values, read_header
from lattice.data.readers.records import label_text
from lattice.data.readers.row_layout import FLOATS
from lattice.data.readers.safetensors_file import TensorPlace, read_header_and_notes
from lattice.data.readers.torch_file import TorchParts, read_parts
from lattice.data.values import is_number, text_numbers
from lattice.data.vector_columns import LEAST_NAMED_WIDTH, LEAST_WIDTH, listed
from lattice.errors import DataError
from lattice.formats import (
    JSON_ENDING,
    LINE_ENDINGS,
    NPY_ENDING,
    NPZ_ENDING,
    TABLE_ENDINGS,
    TENSORS_ENDING,
    TORCH_ENDINGS,
    ending_of,
)
from lattice.limits import MAX_BESIDE_BYTES

TEXT_KINDS = (*LINE_ENDINGS, *TABLE_ENDINGS, JSON_ENDING)
"""Files that may hold the numbers of one vector, in a line or one a line."""
ENDINGS = (NPY_ENDING, NPZ_ENDING, *TORCH_ENDINGS, TENSORS_ENDING, *TEXT_KINDS)
_MOST_CHARACTERS = 1 << 20
"""Characters of a vector that is written as text."""
_HEADER_BYTES = 1 << 14
"""Bytes of an array that are read at first: its header, of 10,000 at most, and mostly the vector behind it."""
_VERSION_1 = np.lib.format.MAGIC_PREFIX + b"\x01\x00"
_KNOWN = (*VECTOR_NAMES, "mean_representations")

Vector = np.ndarray[Any, np.dtype[Any]]


class SeveralVectorsError(DataError):
    """A file holds more than one vector."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        """Name the file and its vectors."""
        self.names = tuple(names)
        super().__init__(f"{path} holds the vectors {listed(names)}; choose one with --table NAME (data.table)")


class VectorReader:
    """Reads files of one vector; headers that are alike are parsed once."""

    def __init__(self, meter: ReadMeter, table: str | None) -> None:
        """Prepare to read; `table` is the vector that is requested where a file holds several."""
        self._meter, self._table = meter, table
        self._headers: dict[bytes, ArrayHeader] = {}

    def read(self, path: Path) -> tuple[Vector | None, str, str]:
        """Return a file's vector [D], None if it has none; with the text and the label in it."""
        if ending_of(path) == NPY_ENDING:
            return self._array(path), "", ""
        if ending_of(path) in TEXT_KINDS:
            return self._numbers(path), "", ""
        if ending_of(path) == NPZ_ENDING:
            archive = Archive(path, self._meter, read_headers(path, self._meter))
            vector, lists = self._member(archive), _single_values(archive)
        elif ending_of(path) == TENSORS_ENDING:
            places, notes = read_header_and_notes(path, self._meter)
            lists = {name: [text] for name, text in notes.items()}
            vector = self._tensor(path, TorchParts(places, {}, lists))
        else:
            parts = read_parts(path, self._meter)
            vector, lists = self._tensor(path, parts), parts.lists
        label = _word(lists, LABEL_NAMES)
        return vector, _word(lists, TEXT_NAMES), "" if label == path.stem else label

    def table_width(self, path: Path) -> int | None:
        """Return the width of the rows in an `.npy` file, None if it holds none; raises `DataError`."""
        with open_counted(path, self._meter) as file:
            header = self._header(path, file.read(_HEADER_BYTES))
        return header.shape[-1] if _is_table_header(header) else None

    def _array(self, path: Path) -> Vector | None:
        with open_counted(path, self._meter) as file:
            begin = file.read(_HEADER_BYTES)
            header = self._header(path, begin)
            if not _is_vector_header(header):
                return None  # of a table, however large, no row is read
            size = max(header.shape) * header.type.itemsize
            if file.size < header.bytes + size:
                raise DataError(
                    f"{path} ends within its vector of {max(header.shape)} numbers; it is truncated. Copy or make it "
                    "again"
                )
            content = bytearray(begin[header.bytes : header.bytes + size])
            if len(content) < size:
                file.seek(header.bytes + len(content))
                rest = bytearray(size - len(content))
                read_exactly(file, memoryview(rest), path, "its vector")
                content += rest
        return np.frombuffer(content, header.type).astype(header.type.newbyteorder("="))

    def _member(self, archive: Archive) -> Vector | None:
        found = [name for name, header in archive.headers.items() if _is_vector_header(header)]
        tables = any(map(_is_table_header, archive.headers.values()))
        chosen = self._chosen(archive.path, found, tables=tables)
        if chosen is None:
            return None
        array = archive.array(chosen).reshape(-1)
        return array.astype(array.dtype.newbyteorder("="))

    def _numbers(self, path: Path) -> Vector | None:
        with open_counted(path, self._meter) as file:
            content = file.read(_MOST_CHARACTERS).decode("utf-8", "replace") if file.size <= _MOST_CHARACTERS else ""
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) > 1 and not all(map(is_number, lines)):
            return None
        numbers = text_numbers(content)
        return numbers if numbers is not None and len(numbers) >= LEAST_WIDTH else None

    def _header(self, path: Path, begin: bytes) -> ArrayHeader:
        """Return the header of an array by its first bytes; the same ones are parsed once."""
        known = begin[: 10 + int.from_bytes(begin[8:10], "little")] if begin.startswith(_VERSION_1) else b""
        if known not in self._headers:
            header = read_header(io.BytesIO(begin), str(path))
            if not known:
                return header
            self._headers[known] = header
        return self._headers[known]

    def _tensor(self, path: Path, parts: TorchParts) -> Vector | None:
        found = {name: place for name, place in parts.places.items() if _is_vector(place)}
        if not parts.places and len(parts.several) == 1 and "names" in parts.lists:
            found = dict(zip(parts.lists["names"], next(iter(parts.several.values())), strict=True))
        tables = any(len(place.shape) > 1 for name, place in parts.places.items() if name not in found)
        chosen = self._chosen(path, list(found), tables=tables)
        if chosen is None:
            return None
        place = found[chosen]
        values = torch.empty(max(place.shape), dtype=place.dtype)
        with open_counted(path, self._meter) as file:
            file.seek(place.offset)
            read_exactly(file, values.view(torch.uint8).numpy().data, path, "its vector")
        vector: Vector = (values.float() if place.dtype == torch.bfloat16 else values).numpy()
        return vector

    def _chosen(self, path: Path, found: Sequence[str], *, tables: bool) -> str | None:
        """Return the vector that is meant among those of a file, None if there is none, or beside tables."""
        named = [name for name in found if name.lower() in _KNOWN]
        chosen = [self._table] if self._table in found else named if len(named) == 1 else [] if tables else found
        if len(chosen) > 1:
            raise SeveralVectorsError(path, found)
        return next(iter(chosen), None)


def _is_table_header(header: ArrayHeader) -> bool:
    """Say whether an array can hold rows of embeddings, which may be whole numbers beside their scale."""
    return header.type.kind in "fiu" and bool(max(header.shape, default=0) < np.prod(header.shape, dtype=object))


def _is_vector_header(header: ArrayHeader) -> bool:
    width = max(header.shape, default=0)
    whole = width == np.prod(header.shape, dtype=object)
    return header.torch_type is not None and width >= LEAST_NAMED_WIDTH and bool(whole)


def _is_vector(place: TensorPlace) -> bool:
    width = max(place.shape, default=0)
    return place.dtype in FLOATS and width >= LEAST_NAMED_WIDTH and width == int(np.prod(place.shape, dtype=object))


def _single_values(archive: Archive) -> dict[str, list[Any]]:
    """Return what an archive holds one of under a name that is known for texts and labels."""
    known = (*TEXT_NAMES, *LABEL_NAMES)
    single = [name for name, header in archive.headers.items() if name.lower() in known and _is_single(header)]
    return {name: python_values(f"{archive.path}: {name}", archive.array(name).reshape(-1)) for name in single}


def _is_single(header: ArrayHeader) -> bool:
    whole = all(side == 1 for side in header.shape)
    return whole and header.type.kind in LABEL_KINDS and header.type.itemsize <= MAX_BESIDE_BYTES


def _word(lists: Mapping[str, Sequence[Any]], known: Sequence[str]) -> str:
    """Return the text or number that a file holds under a known name; empty if there is none."""
    held = {name.lower(): values[0] for name, values in lists.items() if len(values) == 1}
    found = next((held[name] for name in known if isinstance(held.get(name), str | int)), "")
    return label_text(found)
