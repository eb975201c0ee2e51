"""Records of a table as embeddings with texts, where it has a column of vectors, or else as texts.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.column_names import NONE, is_vector_name
from lattice.data.columns import ColumnChoice, aside_text, choose_columns
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.records import Record, Remarks, cleaned
from lattice.data.readers.row_values import LabelNames, holds_marks, label_at, name_at, row_vector, text_at
from lattice.data.readers.text_lists import lists_of
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.requested_columns import Columns
from lattice.data.text_columns import answers_of
from lattice.data.values import Vector, is_absent
from lattice.errors import DataError

PEEK_ROWS = 20
"""Rows by which the columns are chosen."""
MOST_PEEK_ROWS = 10_000
"""Rows that are looked at where a column that is called after vectors is empty in the first ones."""
_PROGRESS_EVERY = 1000
_PIECE_ROWS = 4096


def open_records(
    path: Path,
    name: str,
    request: ReadRequest,
    records: Iterator[Record],
    *,
    header: bool = True,
    labels: LabelNames | None = None,
    notes: Sequence[str] = (),
) -> EmbeddingFile | TextSource:
    """Open records that are read once, from first to last: embeddings are read at once, texts as they are requested.

    Args:
        path: the file, for embeddings.
        name: the table, for messages.
        request: columns and limit.
        records: rows with their numbers.
        header: whether the columns have names.
        labels: names of categories that are stored as numbers.
        notes: what was guessed already.

    Raises:
        DataError: there are no rows, no such columns, or a row does not fit.
    """
    peeked = list(itertools.islice(records, PEEK_ROWS))
    peeked += until_vectors(name, records, empty_vectors(peeked, request.columns), request)
    choice = choose(name, request.columns, peeked, header=header)
    rows = itertools.chain(peeked, records)
    guess = joined(*notes, choice.guess)
    if choice.vectors is None:
        return text_source(name, choice, rows, request.remarks, labels, guess)
    return _embeddings(path, name, choice, rows, request, labels, guess)


def empty_vectors(peeked: Sequence[Record], wanted: Columns) -> list[str]:
    """Return the columns that are called after vectors and hold nothing in the first rows; none if none is wanted."""
    if wanted.vector == NONE:
        return []
    names = dict.fromkeys(name for _, record in peeked for name in record)
    return [name for name in names if is_vector_name(name) and all(is_absent(record.get(name)) for _, record in peeked)]


def until_vectors(name: str, records: Iterator[Record], empty: Sequence[str], request: ReadRequest) -> list[Record]:
    """Return further records, until each of the columns that were empty in the first ones has held something.

    Args:
        name: the table, for progress.
        records: those after the first `PEEK_ROWS`; as many as are returned are taken from it.
        empty: the columns, see `empty_vectors`.
        request: its limit, or else `MOST_PEEK_ROWS`, bounds the number of rows that are looked at.
    """
    further: list[Record] = []
    most = MOST_PEEK_ROWS if request.limit is None else min(request.limit, MOST_PEEK_ROWS)
    for count in range(PEEK_ROWS, most):
        if not empty or (record := next(records, None)) is None:
            break
        if count % _PROGRESS_EVERY == 0:
            request.progress(f"looking for vectors in {name}", count, most)
        further.append(record)
        empty = [column for column in empty if is_absent(record[1].get(column))]
    return further


def choose(name: str, wanted: Columns, peeked: list[Record], *, header: bool = True) -> ColumnChoice:
    """Choose the columns by the first rows; raises `DataError` if there are none."""
    if not peeked:
        raise DataError(f"{name} holds no rows; expected at least one")
    return choose_columns(name, wanted, [record for _, record in peeked], header=header)


def chosen_again(wanted: Columns, choice: ColumnChoice) -> Columns:
    """Return the request that chooses the same columns in further files of the same kind."""
    pair = wanted.pair
    if choice.vectors is not None and choice.partner_vectors is not None:
        pair = (choice.vectors.names[0], choice.partner_vectors.names[0])
    elif choice.partner is not None and choice.text is not None:
        pair = (choice.text, choice.partner)
    vector = NONE if choice.vectors is None else choice.vectors.names[0]
    return Columns(
        choice.text,
        pair,
        wanted.want_pairs,
        wanted.vector if choice.partner_vectors is not None else vector,
        choice.label or NONE,
        wanted.table,
    )


def joined(*notes: str) -> str:
    """Return notes on one table as one; the name of the table stands once, at the head."""
    found = [note for note in notes if note]
    head = found[0].partition(": ")[0] + ": " if found else ""
    return "; ".join([*found[:1], *(note.removeprefix(head) for note in found[1:])])


def text_source(
    name: str,
    choice: ColumnChoice,
    records: Iterable[Record],
    remarks: Remarks,
    labels: LabelNames | None,
    guess: str,
) -> TextSource:
    """Return texts that are read while they are iterated."""
    rows = _text_rows(name, choice, records, remarks, labels or {})
    paired = choice.partner is not None
    return TextSource(rows, guess, paired, aside_text(name, choice.aside), chosen_again(Columns(), choice))


def _text_rows(
    name: str, choice: ColumnChoice, records: Iterable[Record], remarks: Remarks, labels: LabelNames
) -> Generator[TextRow]:
    assert choice.text is not None, "without vectors there are texts"
    rows = iter(records)
    first = list(itertools.islice(rows, PEEK_ROWS))
    held = [record for _, record in first]
    marked = [column for column in (choice.text, choice.partner) if column is not None and holds_marks(column, held)]
    lists = {column: lists_of(column, held) for column in (choice.text, choice.partner) if column is not None}

    def texts_at(where: str, column: str, record: Mapping[str, Any]) -> list[str | None]:
        read, said = lists[column]
        several = read(record.get(column))
        if not several:
            return [text_at(where, column, record, remarks, marked)]
        # Several partners are told by the pairs.
        if column == choice.text and len(answers_of(record.get(column))) > 1:
            remarks.add(said, where)
        return [cleaned(text, where, remarks) for text in several]

    for row, record in itertools.chain(first, rows):
        where = f"{name} row {row}"
        label = label_at(where, choice.label, record, labels, remarks)
        for text in texts_at(where, choice.text, record):
            if choice.partner is None:
                yield TextRow(row, text, category=label)
                continue
            for partner in texts_at(where, choice.partner, record):
                yield TextRow(row, text, partner, category=label)


def _embeddings(
    path: Path,
    name: str,
    choice: ColumnChoice,
    records: Iterable[Record],
    request: ReadRequest,
    labels: LabelNames | None,
    guess: str,
) -> EmbeddingFile:
    """Read all rows up to the limit into memory."""
    parts = [part for part in (choice.vectors, choice.partner_vectors) if part is not None]
    pieces: list[list[Any]] = [[] for _ in parts]
    waiting: list[list[Vector]] = [[] for _ in parts]
    texts: list[str | None] = []
    partner_texts: list[str | None] = []
    categories, numbers = [], []
    for row, record in itertools.islice(records, request.limit):
        where = f"{name} row {row}"
        for part, vectors in zip(parts, waiting, strict=True):
            vectors.append(row_vector(where, part, record, request.remarks))
        if len(waiting[0]) == _PIECE_ROWS:
            _pack(waiting, pieces)
        if choice.text is not None:
            texts.append(name_at(where, choice.text, record, request.remarks))
        if choice.partner is not None:
            partner_texts.append(name_at(where, choice.partner, record, request.remarks))
        categories.append(label_at(where, choice.label, record, labels or {}, request.remarks))
        numbers.append(row)
        if len(numbers) % _PROGRESS_EVERY == 0:
            request.progress(f"reading {path.name}", len(numbers), request.limit)
    _pack(waiting, pieces)
    meter = ReadMeter()  # the rows were counted when they were read
    rows, *partners = (held_rows(path, np.concatenate(piece), meter) for piece in pieces)
    return EmbeddingFile(
        path,
        rows,
        partners[0] if partners else None,
        guess,
        {},
        meter,
        aside=aside_text(name, choice.aside),
        names=choice.names,
        chosen=chosen_again(request.columns, choice),
        numbers=np.array(numbers, dtype=np.int64),
        held_texts=texts if choice.text is not None else None,
        held_partner_texts=partner_texts if choice.partner is not None else None,
        held_categories=categories if choice.label is not None else None,
    )


def _pack(waiting: list[list[Vector]], pieces: list[list[Any]]) -> None:
    for vectors, done in zip(waiting, pieces, strict=True):
        if vectors:
            done.append(np.stack(vectors))
            vectors.clear()
