"""Arrow columns as embeddings with texts, or else as texts.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lattice.data.column_names import is_vector_name
from lattice.data.columns import ColumnChoice, aside_text
from lattice.data.readers.arrow_file import open_columnar
from lattice.data.readers.arrow_texts import holds_bytes, holds_texts, packed_texts
from lattice.data.readers.arrow_vectors import Matrix, inner_type, matrix_of, number_type
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.columnar import ColumnarFile
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import PARTNER_TEXTS, EmbeddingFile
from lattice.data.readers.grouped_rows import GroupedRows
from lattice.data.readers.records import Record, Remarks, as_record
from lattice.data.readers.row_layout import RowLayout, check_layout
from lattice.data.readers.row_values import label_at, name_at
from lattice.data.readers.tabular import (
    PEEK_ROWS,
    choose,
    chosen_again,
    empty_vectors,
    text_source,
    until_vectors,
)
from lattice.data.readers.text_source import TextSource
from lattice.data.requested_columns import Columns
from lattice.data.vector_columns import VectorColumns
from lattice.errors import DataError

BATCH_BYTES = 1 << 20
"""Bytes of vectors that are decoded at a time: with what pyarrow needs beside them they stay in a core's cache."""
_TEXT_BATCH_ROWS = 256


@dataclass
class ColumnarEmbeddings(EmbeddingFile):
    """Vectors of a file of columns, read as they are requested; texts and categories are read when they are needed."""

    file: ColumnarFile | None = None
    choice: ColumnChoice | None = None
    labels: dict[str, list[str]] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)

    def texts(self, name: str, limit: int) -> Sequence[str] | None:
        """Return the first `limit` texts, or names of rows; None if the file has none. What is held comes first."""
        column = self._text_column(name)
        if column is None:
            return super().texts(name, limit)
        if self.file is not None and _is_plain_text(self.file, column):
            return packed_texts(self.file, column, limit)
        return [name_at(where, column, record, self.remarks) or "" for where, record in self._records(column, limit)]

    def has_texts_apart(self, name: str) -> bool:
        """Say whether the texts are a column of their own: it is read through a file of its own."""
        column = self._text_column(name)
        return self.file is not None and column is not None and _is_plain_text(self.file, column)

    def _text_column(self, name: str) -> str | None:
        """Return the column that is read for texts; None where there is none, or texts from elsewhere are held."""
        assert self.choice is not None
        if name == PARTNER_TEXTS:
            return self.choice.partner if self.held_partner_texts is None and self.partner is None else None
        return self.choice.text if self.held_texts is None else None

    def has_categories(self) -> bool:
        """Say whether there are labels, held or in a column."""
        return super().has_categories() or (self.choice is not None and self.choice.label is not None)

    def categories(self, limit: int) -> Sequence[str] | None:
        """Return the labels of the first `limit` rows, None if the file has none. What is held comes first."""
        label = None if self.choice is None else self.choice.label
        if label is None or self.held_categories is not None:
            return super().categories(limit)
        return [
            label_at(where, label, record, self.labels, self.remarks) for where, record in self._records(label, limit)
        ]

    def _records(self, column: str, limit: int) -> Iterator[tuple[str, Any]]:
        assert self.file is not None
        with contextlib.closing(_records(self.file, [column])) as records:
            for row, record in itertools.islice(records, limit):
                yield f"{self.path.name} row {row}", record


def open_columns(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    """Open a file of columns; only its first rows are read before it is iterated or filled.

    Raises:
        DataError: it is damaged, has no rows, or none of its columns holds vectors or texts.
    """
    file = open_columnar(path, request.meter, request.remarks)
    peeked = _peek(file, PEEK_ROWS)
    _refuse_raw_bytes(file, request.columns)
    peeked += _late_vectors(file, peeked, request)
    choice = choose(path.name, request.columns, peeked)
    unread = (entry.name for entry in file.schema if holds_bytes(entry.type))
    choice = replace(choice, aside=(*choice.aside, *unread))
    labels = label_names(file)
    if choice.vectors is None:
        records = _records(file, choice.used)
        return text_source(path.name, choice, records, request.remarks, labels, choice.guess)
    count = file.count(request.limit)
    parts = [part for part in (choice.vectors, choice.partner_vectors) if part is not None]
    rows, *partners = (_rows(file, part, count, request) for part in parts)
    return ColumnarEmbeddings(
        path,
        rows,
        partners[0] if partners else None,
        choice.guess,
        {},
        file.meter,
        aside=aside_text(path.name, choice.aside),
        names=choice.names,
        chosen=chosen_again(request.columns, choice),
        file=file,
        choice=choice,
        labels=labels,
        remarks=request.remarks,
    )


def peek_columns(path: Path, request: ReadRequest, rows: int) -> list[Record]:
    """Return the first rows of a file of columns; raises `DataError` if it is damaged."""
    return _peek(open_columnar(path, request.meter, request.remarks), rows)


def text_column_names(path: Path) -> list[str]:
    """Return the columns of texts, or of lists of texts, by a file's schema alone; raises `DataError`."""
    file = open_columnar(path, ReadMeter(), Remarks())
    return [entry.name for entry in file.schema if holds_texts(entry.type)]


def all_columns(path: Path, request: ReadRequest) -> Generator[Record]:
    """Yield all rows of a file of columns; raises `DataError` if it is damaged."""
    file = open_columnar(path, request.meter, request.remarks)
    return _records(file, readable_columns(file))


def _peek(file: ColumnarFile, rows: int) -> list[Record]:
    names = readable_columns(file)
    if not names:
        listed = ", ".join(file.schema.names[:12]) or "no columns"
        raise DataError(f"{file.path} has no column of texts or vectors; it has {listed}")
    with contextlib.closing(_records(file, names, rows)) as records:
        return list(itertools.islice(records, rows))


def _late_vectors(file: ColumnarFile, peeked: list[Record], request: ReadRequest) -> list[Record]:
    """Return the first row that holds something for each column of vectors that is empty in the rows before."""
    empty = empty_vectors(peeked, request.columns)
    if not empty:
        return []
    with contextlib.closing(_records(file, empty)) as records:
        later = until_vectors(file.path.name, itertools.islice(records, len(peeked), None), empty, request)
    first = (next(((row, {name: held}) for row, record in later if (held := record.get(name))), None) for name in empty)
    return [record for record in first if record is not None]


def _refuse_raw_bytes(file: ColumnarFile, wanted: Columns) -> None:
    """Refuse vectors that are stored as bytes, of whatever type of number: nothing in the file says which."""
    raw = [entry.name for entry in file.schema if holds_bytes(entry.type) and is_vector_name(entry.name)]
    plain = [name for name in readable_columns(file) if is_vector_name(name)]
    name = wanted.vector if wanted.vector in file.schema.names else (raw[0] if raw and not plain else None)
    if name is not None and wanted.vector in (None, name) and holds_bytes(file.schema.field(name).type):
        raise DataError(
            f"{file.path}: column {name!r} holds raw bytes, and nothing says of which numbers. Convert them first, "
            f"with `rows = numpy.stack([numpy.frombuffer(row, 'float32') for row in table[{name!r}]])`, or encode the "
            "texts with --vector-column none"
        )


def readable_columns(file: ColumnarFile) -> list[str]:
    """Return the columns that can hold texts, vectors, ids or labels; raw bytes, such as pictures, are none."""
    return [entry.name for entry in file.schema if not holds_bytes(entry.type)]


def label_names(file: ColumnarFile) -> dict[str, list[str]]:
    """Return the names of categories that the library `datasets` noted in the schema, by column."""
    noted = (file.schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(noted or b"{}")["info"]["features"]
        found = {name: entry["names"] for name, entry in features.items() if entry.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: list(map(str, names)) for name, names in found.items() if isinstance(names, list)}


def _is_plain_text(file: ColumnarFile, column: str) -> bool:
    import pyarrow as pa

    kind = file.schema.field(column).type if column in file.schema.names else pa.null()
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _rows(file: ColumnarFile, vectors: VectorColumns, count: int, request: ReadRequest) -> GroupedRows:
    roots = file.roots(vectors.names)
    dtype = number_type(_type_of(file, vectors.names[0]))
    layout: RowLayout = check_layout(file.path, "", (count, vectors.width), dtype, str(dtype))
    per_batch = max(1, BATCH_BYTES // layout.row_bytes)
    if request.limit is not None:
        per_batch = min(per_batch, request.limit)

    def matrices(groups: range | None, first: int, remarks: Remarks) -> Generator[Matrix]:
        for batch in file.batches(roots, per_batch, groups):
            yield matrix_of(batch, vectors, file.path.name, first + 1, remarks)
            first += batch.num_rows

    return GroupedRows(layout, file.row_groups(), matrices, request.remarks)


def _type_of(file: ColumnarFile, name: str) -> Any:
    outer, _, inner = name.partition(".")
    schema = file.schema
    if name in schema.names:
        return schema.field(name).type
    return inner_type(schema.field(outer).type, inner)


def _records(file: ColumnarFile, columns: Sequence[str], rows: int = _TEXT_BATCH_ROWS) -> Generator[Record]:
    records = (record for batch in file.batches(file.roots(columns), rows) for record in batch.to_pylist())
    for number, record in enumerate(records, 1):
        yield number, as_record(record) or {}
