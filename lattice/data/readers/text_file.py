"""Texts from `.txt`, `.jsonl`, `.csv`, `.tsv` and `.parquet` files, row by row, no further than requested."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lattice.data.columns import ColumnChoice, Columns, choose_columns
from lattice.data.readers.bounds import check_columns
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.errors import DataError
from lattice.formats import (
    JSON_ENDINGS,
    LINE_ENDINGS,
    PARQUET_ENDING,
    TABLE_ENDINGS,
    TABULAR_ENDINGS,
    TEXT_ENDINGS,
    TSV_ENDING,
)

MAX_ROW_BYTES = 8 << 20
_BUFFER_BYTES = 1 << 16
_PEEK_ROWS = 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


Record = tuple[int, Mapping[str, Any]]
"""A row of a table with its number, and its values by column."""


class TextRow(NamedTuple):
    """One row of a source; `text` is None where the row has none."""

    row: int
    """Line of a text file, counted from 1; record of a table, counted from 1 without its header."""
    text: str | None
    partner: str | None = None
    file: str = ""
    """Name of its file where a source has several."""
    category: str = ""
    """Its label, empty where the source has none."""


@dataclass
class TextSource:
    """Rows still to be read, and how their columns were chosen."""

    rows: Generator[TextRow]
    guess: str
    has_partners: bool


def open_text_file(path: Path, columns: Columns, meter: ReadMeter) -> TextSource:
    """Open a file of texts by its suffix. Rows are read while the result is iterated.

    Raises:
        DataError: now or while iterating: unreadable, not UTF-8, malformed, or a column is missing.
    """
    suffix = path.suffix.lower()
    if suffix in LINE_ENDINGS:
        if columns.text is not None or columns.pair is not None or columns.want_pairs:
            raise DataError(f"{path}: a text file has no columns; use one of {', '.join(TABULAR_ENDINGS)} for them")
        return TextSource(_plain_rows(path, meter), "", False)
    if suffix in JSON_ENDINGS:
        return _tabular(path.name, columns, _json_records(path, meter))
    if suffix in TABLE_ENDINGS:
        return _tabular(path.name, columns, _table_records(path, meter))
    if suffix == PARQUET_ENDING:
        from lattice.data.readers.parquet_file import parquet_records, text_columns

        names = text_columns(path, meter)
        records = parquet_records(path, meter, names)
        peeked = list(itertools.islice(records, _PEEK_ROWS))
        choice = _choose(path.name, columns, peeked)
        chosen = [choice.text] if choice.partner is None else [choice.text, choice.partner]
        if set(chosen) == set(names):
            return _source(path.name, choice, itertools.chain(peeked, records))
        records.close()  # read again, without the columns that are not needed
        return _source(path.name, choice, parquet_records(path, meter, chosen))
    raise DataError(f"{path}: {suffix or 'no suffix'} is no kind of text file; expected {', '.join(TEXT_ENDINGS)}")


def column_names(path: Path) -> list[str]:
    """Return the columns that can hold texts, by a file's first rows alone; none for a text file.

    Raises:
        DataError: it is no file of texts, or can't be read.
    """
    suffix, meter = path.suffix.lower(), ReadMeter()
    if suffix in LINE_ENDINGS:
        return []
    if suffix == PARQUET_ENDING:
        from lattice.data.readers.parquet_file import text_columns

        return text_columns(path, meter)
    if suffix not in TABULAR_ENDINGS:
        raise DataError(f"{path}: {suffix or 'no suffix'} is no kind of text file; expected {', '.join(TEXT_ENDINGS)}")
    records = _json_records(path, meter) if suffix in JSON_ENDINGS else _table_records(path, meter)
    return list(dict.fromkeys(name for _, record in itertools.islice(records, _PEEK_ROWS) for name in record))


def records_source(name: str, columns: Columns, records: Iterator[Mapping[str, Any]], meter: ReadMeter) -> TextSource:
    """Make a source of records that come from elsewhere, numbered from 1."""
    return _tabular(name, columns, _numbered(records, meter))


def _numbered(records: Iterator[Mapping[str, Any]], meter: ReadMeter) -> Iterator[Record]:
    for number, record in enumerate(records, 1):
        meter.rows += 1
        yield number, record


def _tabular(name: str, columns: Columns, records: Iterator[Record]) -> TextSource:
    peeked = list(itertools.islice(records, _PEEK_ROWS))
    return _source(name, _choose(name, columns, peeked), itertools.chain(peeked, records))


def _choose(name: str, columns: Columns, peeked: list[Record]) -> ColumnChoice:
    if not peeked:
        raise DataError(f"{name} holds no rows; expected at least one")
    return choose_columns(name, columns, [record for _, record in peeked])


def _source(name: str, choice: ColumnChoice, records: Iterator[Record]) -> TextSource:
    return TextSource(_pick(name, choice, records), choice.guess, choice.partner is not None)


def _pick(name: str, choice: ColumnChoice, records: Iterator[Record]) -> Generator[TextRow]:
    for row, record in records:
        text = _as_text(name, row, choice.text, record)
        yield TextRow(row, text, None if choice.partner is None else _as_text(name, row, choice.partner, record))


def _as_text(name: str, row: int, column: str, record: Mapping[str, Any]) -> str | None:
    value = record.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        raise DataError(f"{name} row {row}: column {column!r} holds {type(value).__name__}, expected a text")
    return value.strip() or None


def _plain_rows(path: Path, meter: ReadMeter) -> Generator[TextRow]:
    for number, line in _lines(path, meter):
        if line.strip():  # blank lines set paragraphs apart, they aren't samples
            meter.rows += 1
            yield TextRow(number, line.strip())


def _json_records(path: Path, meter: ReadMeter) -> Iterator[Record]:
    for number, line in _lines(path, meter):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path} line {number} is not JSON ({error}); expected one object per line") from None
        if isinstance(record, str):
            record = {"text": record}
        if not isinstance(record, dict):
            raise DataError(f"{path} line {number} is a JSON {type(record).__name__}; expected an object or a string")
        check_columns(f"{path} line {number}", record)
        meter.rows += 1
        yield number, record


def _table_records(path: Path, meter: ReadMeter) -> Iterator[Record]:
    lines = (line + "\n" for _, line in _lines(path, meter))  # a quoted field may go on in the next line
    first = next(lines, "")
    if path.suffix.lower() == TSV_ENDING:
        reader = csv.reader(itertools.chain([first], lines), delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        check_columns(path, header)
        if not any(header) or len(set(header)) < len(header):
            raise DataError(f"{path}: the first line must name the columns, each once; got {header[:12]}")
        for number, fields in enumerate(reader, 1):
            if not fields:
                continue
            if len(fields) != len(header):
                raise DataError(
                    f"{path} row {number} (line {reader.line_num}) has {len(fields)} fields, expected {len(header)} "
                    "as in the header; quote fields that hold the separator"
                )
            meter.rows += 1
            yield number, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(f"{path} line {reader.line_num} is malformed: {error}") from None


def _lines(path: Path, meter: ReadMeter) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line without its end); a byte order mark is skipped."""
    with open_counted(path, meter) as file:
        buffered = io.BufferedReader(file, _BUFFER_BYTES)
        for number in itertools.count(1):
            raw = buffered.readline(MAX_ROW_BYTES + 1)
            if not raw:
                return
            if len(raw) > MAX_ROW_BYTES:
                raise DataError(
                    f"{path} line {number} is longer than {MAX_ROW_BYTES >> 20} MiB; expected one text per line"
                )
            if number == 1 and raw.startswith(_UTF16_MARKS):
                raise DataError(f"{path} is UTF-16, expected UTF-8; save it as UTF-8")
            try:
                yield number, raw.removesuffix(b"\n").decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise DataError(f"{path} line {number}, byte {error.start + 1}: not UTF-8; save it as UTF-8") from None
