"""Files of texts, with their vectors where they have some, by ending: lines, JSON, separated values, columns."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from lattice.data.column_names import NONE
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.delimited import open_delimited
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.footers import below_title, is_titled
from lattice.data.readers.json_file import json_records
from lattice.data.readers.label_marks import LABEL, LABELS, unmarked
from lattice.data.readers.line_kind import have_labels, is_json_over_lines, is_json_value, line_kind, unread_lines
from lattice.data.readers.named_lists import with_names
from lattice.data.readers.plain_names import has_plain_name
from lattice.data.readers.records import Record, Remarks, cleaned, json_line_records
from lattice.data.readers.streams import lines_of
from lattice.data.readers.tabular import PEEK_ROWS, open_records
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.readers.wiki_extract import extract_records, is_extract
from lattice.data.readers.word_vectors import SAMPLE_LINES, Line, open_word_vectors, word_layout
from lattice.data.values import is_mark, mostly, vector_of
from lattice.errors import DataError
from lattice.formats import (
    COLUMNAR_ENDINGS,
    JSON_ENDING,
    JSON_ENDINGS,
    LINE_ENDINGS,
    TABLE_ENDINGS,
    TABULAR_ENDINGS,
    TEXT_ENDINGS,
    ending_of,
)

_COUNTED = re.compile(r"\d+ \d+")
"""The first line of word2vec's text: count and width."""


def open_text_file(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    """Open a file of texts by its suffix. Texts are read while the result is iterated, vectors when it is filled.

    Raises:
        DataError: now or while iterating: unreadable, not UTF-8, malformed, or a column is missing.
    """
    ending = table_ending(path)
    if ending in LINE_ENDINGS:
        return _open_lines(path, request)
    if ending in COLUMNAR_ENDINGS:
        from lattice.data.readers.columnar_source import open_columns

        return open_columns(path, request)
    records, header, notes = _records(path, request)
    head = list(itertools.islice(records, 1))  # by then it is known how the records were found
    return open_records(path, path.name, request, itertools.chain(head, records), header=header, notes=notes)


def table_ending(path: Path) -> str:
    """Return the ending under which a file is read: its own, or that of what lies in a file of lines, or in a table.

    Raises:
        DataError: it can't be read.
    """
    ending = ending_of(path)
    if ending not in (*LINE_ENDINGS, *TABLE_ENDINGS) and not has_plain_name(path):
        return ending
    with contextlib.closing(lines_of(path, ReadMeter(), errors="surrogateescape", cut=True)) as lines:
        sample = [line for _, line in itertools.islice(lines, SAMPLE_LINES)]
    if ending in TABLE_ENDINGS:
        filled = [line.strip() for line in sample if line.strip()][:2]
        objects = bool(filled) and all(line.startswith("{") and is_json_value(line) for line in filled)
        if _COUNTED.fullmatch(sample[0].strip() if sample else "") and word_layout(sample) is not None:
            return LINE_ENDINGS[0]  # word2vec's text
        return JSON_ENDINGS[0] if objects else ending
    words = word_layout(sample) if len(sample) > 1 else None
    kind = "texts" if words is not None and words.whole else line_kind(sample)  # a table may have gaps among numbers
    return {"json": JSON_ENDINGS[0], "table": TABLE_ENDINGS[0], "texts": LINE_ENDINGS[0]}[kind]


def column_names(path: Path) -> list[str]:
    """Return the columns that can hold texts, by a file's first rows alone; none for a text file.

    Raises:
        DataError: it is no file of texts, or can't be read.
    """
    ending = table_ending(path)
    if ending in LINE_ENDINGS:
        return []
    if ending in COLUMNAR_ENDINGS:
        from lattice.data.readers.columnar_source import text_column_names

        return text_column_names(path)
    if ending not in TABULAR_ENDINGS:
        raise DataError(f"{path}: {ending or 'no suffix'} is no kind of text file; expected {', '.join(TEXT_ENDINGS)}")
    return list(dict.fromkeys(name for _, record in first_records(path, ReadRequest(), PEEK_ROWS) for name in record))


def all_records(path: Path, request: ReadRequest) -> tuple[Iterator[Record], bool]:
    """Return all records of a file of texts, and whether its columns have names.

    A line is a record of the column `text`, a blank one too: line i belongs to row i of what lies beside it.
    """
    ending = ending_of(path)
    if ending in LINE_ENDINGS or has_plain_name(path):
        return ((number, {"text": line}) for number, line in lines_of(path, request.meter)), True
    if ending in COLUMNAR_ENDINGS:
        from lattice.data.readers.columnar_source import all_columns

        return all_columns(path, request), True
    records, header, _ = _records(path, request)
    head = list(itertools.islice(records, 1))
    return itertools.chain(head, records), header


def first_records(path: Path, request: ReadRequest, rows: int) -> list[Record]:
    """Return the first rows of a table as they are, with all columns that can be shown; raises `DataError`."""
    if ending_of(path) in COLUMNAR_ENDINGS:
        from lattice.data.readers.columnar_source import peek_columns

        return peek_columns(path, request, rows)
    records, _, _ = _records(path, request)
    return list(itertools.islice(records, rows))


def _records(path: Path, request: ReadRequest) -> tuple[Iterator[Record], bool, list[str]]:
    """Return the records of a table, whether its columns have names, and what was guessed."""
    meter, ending = request.meter, table_ending(path)
    notes: list[str] = []
    if ending != ending_of(path):
        notes.append(f"{path.name}: its lines are those of a {ending} file, and are read so")
    if ending in JSON_ENDINGS:
        return _json_lines(path, request, notes), True, notes
    if ending == JSON_ENDING:
        return json_records(path, meter, request.columns.table, notes), True, notes
    if ending in TABLE_ENDINGS:
        table = open_delimited(path, meter, request.remarks, request.columns.named)
        return table.records, table.layout.header, [*notes, *table.notes(path.name)]
    raise DataError(f"{path}: {ending or 'no suffix'} is no kind of text file; expected {', '.join(TEXT_ENDINGS)}")


def _json_lines(path: Path, request: ReadRequest, notes: list[str]) -> Iterator[Record]:
    """Return the records of a file of JSON lines, also of one that holds a list, or objects over several lines."""
    with contextlib.closing(lines_of(path, ReadMeter(), errors="surrogateescape", cut=True)) as lines:
        first = list(itertools.islice((line.strip() for _, line in lines if line.strip()), 2))
    if not first or not is_json_over_lines(first, named=True):
        records = json_line_records(path, request.meter)
        if not _are_by_id(first):
            return with_names(records, notes, path.name)
        notes.append(f"{path.name}: took the only name on each line for the row's id")
        return ((row, {"id": name, "embedding": held}) for row, record in records for name, held in record.items())
    notes.append(f"{path.name}: read as JSON whose values are not one a line")
    return json_records(path, request.meter, request.columns.table, notes)


def _are_by_id(lines: Sequence[str]) -> bool:
    """Say whether two lines are objects of one vector each, under another name."""
    if len(lines) < 2 or not all(line.startswith("{") and is_json_value(line) for line in lines):
        return False
    found = [json.loads(line) for line in lines]
    vectors = [vector_of(held) if isinstance(held, list) else None for value in found for held in value.values()]
    one_each = len(set.union(*map(set, found))) == len(vectors) == len(found)
    return one_each and all(vector is not None for vector in vectors)


class NoSentencesError(DataError):
    """The lines of a file are ids, addresses, hashes or numbers."""

    def __init__(self, path: Path, line: str) -> None:
        """Name the file and one of its lines."""
        self.why = f"its lines are ids, addresses, hashes or numbers, such as {line!r}, and no texts"
        super().__init__(
            f"{path}: {self.why}. Give a file of sentences; to encode these all the same, put them into a .csv with a "
            "header and name its column with --text-column"
        )


def _open_lines(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    """Open a file of lines: texts, or words with vectors."""
    meter = request.meter
    lines = lines_of(path, meter, errors="surrogateescape")
    sample = list(itertools.islice(lines, SAMPLE_LINES))
    if is_extract([line for _, line in sample]):
        articles = extract_records(path, itertools.chain(sample, lines), meter)
        notes = (f"{path.name}: one text for each article, as WikiExtractor writes them",)
        return open_records(path, path.name, request, articles, notes=notes)
    layout = None if request.columns.vector == NONE else word_layout([line for _, line in sample])
    if layout is not None and len(sample) > 1:
        return open_word_vectors(path, layout, itertools.chain(sample, lines), request)
    if request.columns.any_requested or request.columns.want_pairs:
        raise DataError(f"{path}: a text file has no columns; use one of {', '.join(TABULAR_ENDINGS)} for them")
    _refuse_marks(path, [line for _, line in sample if line.strip()])
    labelled = have_labels([line for _, line in sample if line.strip()])
    wanted: Iterator[Line] = itertools.chain(sample, lines)
    guess = f"{path.name}: categories from the marks {LABEL} before the texts" if labelled else ""
    if is_titled([line for _, line in sample]):
        wanted = below_title(wanted, path.name, request.remarks)
        guess = f"{path.name}: its first two lines are the title of a column, and left out"
    return TextSource(_line_rows(path, meter, wanted, request.remarks, labelled=labelled), guess, False)


def _refuse_marks(path: Path, lines: list[str]) -> None:
    """Refuse lines that are ids, addresses, hashes or numbers: no teacher can make sense of them."""
    unread = unread_lines(path, lines)
    if unread:
        raise DataError(f"{path}: its lines {unread}")
    if len(lines) > 1 and mostly(is_mark, lines):
        raise NoSentencesError(path, lines[0].strip()[:40])


def _line_rows(
    path: Path, meter: ReadMeter, lines: Iterator[Line], remarks: Remarks, *, labelled: bool = False
) -> Generator[TextRow]:
    for number, line in lines:
        if line.strip():  # blank lines set paragraphs apart, they aren't samples
            _check_utf8(path, number, line)
            meter.rows += 1
            marks = LABELS.match(line) if labelled else None
            text = line if marks is None else line[marks.end() :]
            category = "" if marks is None else unmarked(marks[0])
            yield TextRow(number, cleaned(text, f"{path.name} line {number}", remarks), category=category)


def _check_utf8(path: Path, number: int, line: str) -> None:
    if line.isascii():
        return
    try:
        line.encode("utf-8")
    except UnicodeEncodeError as error:
        byte = len(line[: error.start].encode("utf-8")) + 1
        raise DataError(f"{path} line {number}, byte {byte}: not UTF-8; save it as UTF-8") from None
