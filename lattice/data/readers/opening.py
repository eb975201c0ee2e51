"""A file opened by its reader, and what a plugged-in reader returns checked before anything is believed.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.base import Reader, ReadRequest, Rows
from lattice.data.readers.choice import faults_named, refuse_as_other
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.plain_names import has_plain_name
from lattice.data.readers.row_layout import FLOATS
from lattice.data.readers.streams import unpacked_copy
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.errors import DataError
from lattice.formats import (
    JSON_ENDING,
    JSON_ENDINGS,
    LINE_ENDINGS,
    PROJECTOR_ENDING,
    TABLE_ENDINGS,
    TORCH_ENDINGS,
    WORD2VEC_ENDING,
    WORD_VECTOR_ENDINGS,
    compression_of,
    ending_of,
)
from lattice.plugin_faults import defined_at, kind_text
from lattice.plugins import BUILT_IN, Entry

STREAMED_ENDINGS = (*LINE_ENDINGS, *JSON_ENDINGS, JSON_ENDING, *TABLE_ENDINGS, *WORD_VECTOR_ENDINGS, WORD2VEC_ENDING)
"""Files that are read from first to last, and so can be unpacked on the way."""


def open_file(entry: Entry[Reader], path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    """Open a file with a reader.

    Raises:
        DataError: the file can't be used, or a plugged-in reader fails or returns something else than rows.
    """
    if entry.plugin == BUILT_IN and is_unpacked_first(path) and ending_of(path) != PROJECTOR_ENDING:
        return _open_unpacked(entry, path, request)
    meter = request.meter
    with contextlib.suppress(OSError):  # the reader says what is wrong with it
        meter.watch(path)
    with faults_named(entry, path):
        try:
            opened = entry.value.open(path, replace(request, meter=meter))
        except DataError:
            if entry.plugin == BUILT_IN:
                refuse_as_other(path)
            raise
    if isinstance(opened, EmbeddingFile):
        return opened
    if isinstance(opened, TextSource):
        return replace(opened, rows=_guarded(entry, path, opened.rows))
    return _Answer(entry, path, request).checked(opened, meter)


def is_unpacked_first(path: Path) -> bool:
    """Say whether a file is read from a copy on the disk, as it is compressed and not read from first to last."""
    ending = ending_of(path)
    streamed = ending in STREAMED_ENDINGS or (has_plain_name(path) and ending not in TORCH_ENDINGS)
    return bool(compression_of(path)) and not streamed


def _open_unpacked(entry: Entry[Reader], path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    """Open a compressed file whose format is not read from first to last by way of a copy on the disk."""
    with contextlib.ExitStack() as stack:
        copy = stack.enter_context(unpacked_copy(path, request.meter))
        try:
            opened = open_file(entry, copy, request)
        except DataError as error:
            raise DataError(str(error).replace(str(copy), str(path))) from error
        if isinstance(opened, EmbeddingFile):
            opened.temporary = stack.pop_all()
            return opened
        return replace(opened, rows=_closing(stack.pop_all(), opened.rows))


def _closing(stack: contextlib.ExitStack, rows: Generator[TextRow]) -> Generator[TextRow]:
    with stack:
        yield from rows


def _guarded(entry: Entry[Reader], path: Path, rows: Generator[TextRow]) -> Generator[TextRow]:
    with faults_named(entry, path):
        if entry.plugin == BUILT_IN:
            yield from rows
            return
        for row in rows:
            if not isinstance(row, TextRow):
                raise TypeError(f"the rows of a TextSource must be values of TextRow, got {kind_text(row)}")
            yield row


@dataclass(frozen=True)
class _Answer:
    """What a reader returned for one file."""

    entry: Entry[Reader]
    path: Path
    request: ReadRequest

    def checked(self, rows: Any, meter: ReadMeter) -> EmbeddingFile | TextSource:
        """Return rows in the form in which sources read them."""
        if not isinstance(rows, Rows):
            self._refuse(f"{kind_text(rows)}, expected lattice.Rows")
        embeddings = self._table("embeddings", rows.embeddings)
        partners = self._table("partners", rows.partners)
        columns = {"texts": rows.texts, "partner_texts": rows.partner_texts, "categories": rows.categories}
        counts = {name: len(column) for name, column in columns.items() if column is not None}
        for name, column in columns.items():
            self._check_texts(name, column)
        if embeddings is None:
            if rows.texts is None:
                self._refuse("neither embeddings nor texts, expected one of them")
            if partners is not None:
                self._refuse("partners without embeddings, expected both or texts alone")
            count = len(rows.texts)
        else:
            count = len(embeddings)
        if partners is not None and embeddings is not None and partners.shape != embeddings.shape:
            self._refuse(f"partners of shape {list(partners.shape)}, expected {list(embeddings.shape)}")
        wrong = next((name for name, length in counts.items() if length != count), None)
        if wrong is not None:
            self._refuse(f"{counts[wrong]} {wrong}, expected one for each of the {count} rows")
        if count == 0:
            raise DataError(f"{self.path} holds no rows; expected at least one")
        if self.request.limit is not None and count > self.request.limit:
            self._refuse(f"{count} rows, expected at most the {self.request.limit} that were requested")
        if embeddings is None:
            return TextSource(self._text_rows(rows, meter), rows.note, rows.partner_texts is not None)
        return EmbeddingFile(
            self.path, held_rows(self.path, embeddings, meter),
            None if partners is None else held_rows(self.path, partners, meter), rows.note, {}, meter,
            held_texts=rows.texts, held_partner_texts=rows.partner_texts, held_categories=rows.categories,
        )  # fmt: skip

    def _refuse(self, got: str) -> NoReturn:
        place = defined_at(self.entry.value.open)
        raise DataError(
            f"{self.path} can't be read: the reader '{self.entry.name}' ({place}) returned {got}; "
            "mend the plugin, or give another kind of file"
        )

    def _table(self, name: str, table: Any) -> Tensor | None:
        """Return a table as a contiguous CPU tensor."""
        if table is None:
            return None
        if isinstance(table, np.ndarray) and table.dtype.kind == "f" and table.dtype.itemsize in (2, 4, 8):
            native = table.astype(table.dtype.newbyteorder("="), order="C")
            tensor = torch.from_numpy(native)
        elif isinstance(table, Tensor) and table.dtype in FLOATS:
            tensor = table.detach().cpu().contiguous()
        else:
            kind = getattr(table, "dtype", type(table).__name__)
            self._refuse(f"{name} of {kind}, expected an array or tensor of floats with 16, 32 or 64 bits")
        if tensor.dim() != 2 or (len(tensor) and tensor.shape[1] == 0):
            self._refuse(f"{name} of shape {list(tensor.shape)}, expected two dimensions [rows, width]")
        return tensor

    def _check_texts(self, name: str, column: Any) -> None:
        if column is None:
            return
        allowed = str if name == "categories" else (str, type(None))
        if isinstance(column, str) or not isinstance(column, Sequence):
            self._refuse(f"{name} as a {type(column).__name__}, expected a list of texts")
        for row, text in enumerate(column, 1):
            if not isinstance(text, allowed):
                self._refuse(f"{name} whose row {row} is a {type(text).__name__}, expected a text")

    def _text_rows(self, rows: Rows, meter: ReadMeter) -> Generator[TextRow]:
        assert rows.texts is not None, "rows without embeddings have texts"
        for index, text in enumerate(rows.texts):
            meter.add(rows=1)
            partner = None if rows.partner_texts is None else _stripped(rows.partner_texts[index])
            category = "" if rows.categories is None else rows.categories[index]
            yield TextRow(index + 1, _stripped(text), partner, category=category)


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None
