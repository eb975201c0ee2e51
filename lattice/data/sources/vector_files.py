"""Folders with one vector a file, `0001.npy`, `0002.npy` and so on, and the texts and names that lie beside them.

Shapes: S files, D embedding width.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lattice.data.column_names import LABEL_NAMES, TEXT_NAMES, VECTOR_NAMES
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.npz_file import Archive, read_headers
from lattice.data.readers.numpy_file import ArrayHeader, read_header
from lattice.data.readers.records import label_text
from lattice.data.readers.row_layout import FLOATS
from lattice.data.readers.safetensors_file import TensorPlace, read_header_and_notes
from lattice.data.readers.torch_file import TorchParts, read_parts
from lattice.data.sources.named_texts import give_named_texts
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
from lattice.units import count_text

TEXT_KINDS = (*LINE_ENDINGS, *TABLE_ENDINGS, JSON_ENDING)
"""Files that may hold the numbers of one vector, in a line or one a line."""
ENDINGS = (NPY_ENDING, NPZ_ENDING, *TORCH_ENDINGS, TENSORS_ENDING, *TEXT_KINDS)
_LOOKED_AT = 8
"""Files by which a folder is told."""
_PROGRESS_EVERY = 256
_MOST_CHARACTERS = 1 << 20
"""Characters of a vector that is written as text."""
_VERSION_1 = np.lib.format.MAGIC_PREFIX + b"\x01\x00"
_KNOWN = (*VECTOR_NAMES, "mean_representations")

Vector = np.ndarray[Any, np.dtype[Any]]


def hold_one_each(paths: Sequence[Path]) -> bool:
    """Say whether each of several files, by the first ones and the last, holds one vector."""
    if len(paths) < 2 or any(ending_of(path) not in ENDINGS for path in paths):
        return False
    reader = _Reader(ReadMeter(), None)
    several = []
    for path in {*paths[:_LOOKED_AT], paths[-1]}:
        try:
            if reader.read(path)[0] is None:
                return False
        except _SeveralError as error:
            several.append(error.names)
        except DataError:
            return False
    return all(names == several[0] for names in several)  # else they are the names of rows


def open_vector_files(
    folder: Path, paths: Sequence[Path], beside: Sequence[Path], request: ReadRequest
) -> EmbeddingFile:
    """Read the vectors of a folder, up to the limit, named by their files.

    Args:
        folder: the folder.
        paths: its files of one vector each, in order.
        beside: files of texts in it.
        request: limit and progress.

    Raises:
        DataError: a file is damaged or holds no vector, or two files have vectors of different width.
    """
    chosen = list(itertools.islice(paths, request.limit))
    reader = _Reader(request.meter, request.columns.table)
    rows: list[Vector] = []
    texts: list[str] = []
    labels: list[str] = []
    for count, path in enumerate(chosen):
        if count % _PROGRESS_EVERY == 0:
            request.progress(f"reading the files of {folder.name}", count, len(chosen))
        vector, text, label = reader.read(path)
        if vector is None:
            raise DataError(
                f"{path} holds no single vector, as {chosen[0].name} and the others of its folder do; take it out"
            )
        if rows and len(vector) != len(rows[0]):
            raise DataError(
                f"{path} holds a vector of width {len(vector)}, but {chosen[0]} one of {len(rows[0])}; all files of a "
                "folder must have the same width"
            )
        rows.append(vector)
        texts.append(text)
        labels.append(label)
    request.meter.add(rows=len(rows))
    file = EmbeddingFile(
        folder,
        held_rows(folder, np.stack(rows), ReadMeter()),
        None,
        f"{folder.name}: one vector a file, from {count_text(len(rows))} files in the order of their names",
        {},
        ReadMeter(),
        names=True,
        held_texts=_names(folder, chosen),
        held_categories=labels if all(labels) and len(set(labels)) <= len(labels) / 2 else None,
    )
    if any(texts):
        file.held_texts, file.names = texts, False
        return file
    aside = give_named_texts(file, chosen, beside, request)
    file.aside = f"{folder.name}: {aside}" if aside else ""
    return file


def _names(folder: Path, paths: Sequence[Path]) -> list[str]:
    """Return the files' names without endings, with those of their folders where they would not differ."""
    stems = [path.name[: -len("".join(path.suffixes[-1:])) or None] for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [path.relative_to(folder).with_suffix("").as_posix() for path in paths]


class _SeveralError(DataError):
    """A file holds more than one vector."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"{path} holds the vectors {listed(names)}; choose one with --table NAME (data.table)")


class _Reader:
    """Reads files of one vector; headers that are alike are parsed once."""

    def __init__(self, meter: ReadMeter, table: str | None) -> None:
        self._meter, self._table = meter, table
        self._headers: dict[bytes, ArrayHeader] = {}

    def read(self, path: Path) -> tuple[Vector | None, str, str]:
        """Return a file's vector [D], None if it has none; with the text and the label in it."""
        if ending_of(path) == NPY_ENDING:
            return self._array(path), "", ""
        if ending_of(path) == NPZ_ENDING:
            return self._member(path), "", ""
        if ending_of(path) in TEXT_KINDS:
            return self._numbers(path), "", ""
        if ending_of(path) == TENSORS_ENDING:
            places, notes = read_header_and_notes(path, self._meter)
            parts = TorchParts(places, {}, {name: [text] for name, text in notes.items()})
        else:
            parts = read_parts(path, self._meter)
        label = _word(parts, LABEL_NAMES)
        return self._tensor(path, parts), _word(parts, TEXT_NAMES), "" if label == path.stem else label

    def _array(self, path: Path) -> Vector | None:
        with open_counted(path, self._meter) as file:
            content = file.read()
        header = self._header(path, content)
        if not _is_vector_header(header):
            return None
        width = max(header.shape)
        size = width * header.type.itemsize
        if len(content) < header.bytes + size:
            raise DataError(f"{path} ends within its vector of {width} numbers; it is truncated. Copy or make it again")
        numbers = np.frombuffer(content, header.type, width, header.bytes)
        return numbers.astype(header.type.newbyteorder("="))

    def _member(self, path: Path) -> Vector | None:
        headers = read_headers(path, self._meter)
        found = [name for name, header in headers.items() if _is_vector_header(header)]
        tables = any(header.torch_type is not None for name, header in headers.items() if name not in found)
        chosen = self._chosen(path, found, tables=tables)
        if chosen is None:
            return None
        array = Archive(path, self._meter, headers).array(chosen).reshape(-1)
        return array.astype(array.dtype.newbyteorder("="))

    def _numbers(self, path: Path) -> Vector | None:
        with open_counted(path, self._meter) as file:
            content = file.read(_MOST_CHARACTERS).decode("utf-8", "replace") if file.size <= _MOST_CHARACTERS else ""
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) > 1 and not all(map(is_number, lines)):
            return None
        numbers = text_numbers(content)
        return numbers if numbers is not None and len(numbers) >= LEAST_WIDTH else None

    def _header(self, path: Path, content: bytes) -> ArrayHeader:
        known = content[: 10 + int.from_bytes(content[8:10], "little")] if content.startswith(_VERSION_1) else b""
        if known not in self._headers:
            header = read_header(io.BytesIO(content), str(path))
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
            raise _SeveralError(path, found)
        return next(iter(chosen), None)


def _is_vector_header(header: ArrayHeader) -> bool:
    width = max(header.shape, default=0)
    whole = width == np.prod(header.shape, dtype=object)
    return header.torch_type is not None and width >= LEAST_NAMED_WIDTH and bool(whole)


def _is_vector(place: TensorPlace) -> bool:
    width = max(place.shape, default=0)
    return place.dtype in FLOATS and width >= LEAST_NAMED_WIDTH and width == int(np.prod(place.shape, dtype=object))


def _word(parts: TorchParts, known: Sequence[str]) -> str:
    """Return the text or number that a file holds under a known name; empty if there is none."""
    held = {name.lower(): values[0] for name, values in parts.lists.items() if len(values) == 1}
    found = next((held[name] for name in known if isinstance(held.get(name), str | int)), "")
    return label_text(found)
