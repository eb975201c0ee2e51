"""Records of `.csv` and `.tsv` files as people have them: with or without header and quotes, and with long fields."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lattice.data.readers.backslashes import MISSING, copied_field, doubled_quotes
from lattice.data.readers.bounds import check_columns
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.footers import are_types, is_footer, is_frame, is_total, without_footer
from lattice.data.readers.records import Record, Remarks
from lattice.data.readers.streams import lines_of
from lattice.data.readers.table_layout import TableLayout, csv_reader, is_rule, layout_of
from lattice.errors import DataError
from lattice.formats import TSV_ENDING, ending_of
from lattice.limits import MAX_ROW_BYTES

_FEW_COLUMNS = 2
"""Columns of which a text of several lines may have as many by chance."""
_MANY_LINES = 10
"""Lines within a quoted field that hardly look like rows by chance, all of them."""
_SAMPLE_LINES, _SAMPLE_CHARACTERS, _LEAST_LINES = 100, 1 << 15, 5


@dataclass(frozen=True)
class DelimitedTable:
    """An open table: its layout, and its records from the first on."""

    layout: TableLayout
    records: Iterator[Record]
    framed: bool = False
    """Whether lines are drawn around its rows."""

    def notes(self, name: str) -> list[str]:
        """Say what was guessed of the layout beyond a header and commas."""
        layout, found = self.layout, []
        if self.framed:
            found.append(f"{name}: the lines that frame the rows are left out")
        if layout.skipped:
            found.append(f"{name}: the table begins in line {layout.skipped + 1}")
        found += [f"{name}: {note}" for note in layout.marks.notes()]
        if not layout.header:
            width = len(layout.names)
            numbered = f", and its {width} columns are numbered from 'column 1'" if width > 1 else ""
            found.append(f"{name}: the first line is taken for a row, not for a header{numbered}")
        return found


def open_delimited(path: Path, meter: ReadMeter, remarks: Remarks, named: Collection[str] = ()) -> DelimitedTable:
    """Open a table of separated values; rows are read while the records are iterated.

    Args:
        path: the file.
        meter: counts what is read.
        remarks: takes rows that are read otherwise than they stand there.
        named: columns that are requested: a first line with one of them is a header.

    Raises:
        DataError: now or while iterating: a row has another number of fields, or its quotes do not match.
    """
    csv.field_size_limit(MAX_ROW_BYTES)
    lines = (line for _, line in lines_of(path, meter))
    sample = _sample(lines)
    framed = is_frame(next(filter(str.strip, sample), ""))
    if framed:
        sample = [line for line in sample if not is_frame(line)]
        lines = (line for line in lines if not is_frame(line))
    if not sample:
        raise DataError(f"{path} holds no rows; expected at least one")
    layout = layout_of(
        str(path),
        without_footer([line.removesuffix("\r") for line in sample]),
        tabs=ending_of(path) == TSV_ENDING,
        named=named,
    )
    check_columns(path, layout.names)
    rows = itertools.chain(sample[layout.skipped :], lines)
    return DelimitedTable(layout, _records(path, layout, rows, meter, remarks), framed)


def _sample(lines: Iterator[str]) -> list[str]:
    sample: list[str] = []
    size = 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if len(sample) >= _SAMPLE_LINES or (size >= _SAMPLE_CHARACTERS and len(sample) >= _LEAST_LINES):
            break
    return sample


def _records(
    path: Path, layout: TableLayout, lines: Iterator[str], meter: ReadMeter, remarks: Remarks
) -> Iterator[Record]:
    taken: list[str] = []

    def watched() -> Iterator[str]:
        for line in lines:
            plain = doubled_quotes(line) if layout.escaped else line
            if plain != line:
                remarks.add("backslashes before quotes, which are taken off", f"{path.name} row {row + 1}")
            taken.append(plain)
            yield plain + "\n"  # a quoted field may go on in the next line

    def finished(fields: list[str], line: int) -> Record:
        if layout.copied and any("\\" in field and field != MISSING for field in fields):
            remarks.add("backslashes for line ends, tabs and backslashes, undone", f"{path.name} row {row}")
            fields = list(map(copied_field, fields))
        if len(fields) != len(names):
            if not tabs:
                expected = "in the header" if layout.header else "in the first rows"
                raise DataError(
                    f"{path} row {row} (line {line}) has {len(fields)} fields, expected {len(names)} as {expected}; "
                    "quote fields that hold the separator"
                )
            more = len(fields) > len(names)
            what = (
                "more fields than columns; the last ones are left aside" if more else "too few fields; they are empty"
            )
            remarks.add(what, f"{path.name} row {row}")
            fields += [""] * (len(names) - len(fields))
        meter.rows += 1
        layout.marks.undo(fields)
        return row, dict(zip(names, fields, strict=False))

    row, skips, headings = 0, layout.header, list[str]()
    below: list[tuple[list[str], int]] = []  # what is a footer, if no other row follows
    reader = csv_reader(watched(), layout.separator, layout.quoted, layout.spaced)
    names, tabs = layout.names, layout.separator == "\t"
    while True:
        try:
            fields = next(reader, None)
            valid = fields is not None and len(fields) == len(names)
        except csv.Error as error:
            valid = False
            unclosed = "unexpected end" in str(error)
            fields = None if unclosed else _loosely(taken, layout, len(names))
            if fields is None:
                line = layout.skipped + reader.line_num
                raise DataError(
                    f"{path} line {line} is malformed: {error}. Close the quote that line {line - len(taken) + 1} "
                    "opens, or double it where it belongs to the text"
                ) from None
            remarks.add("quotes within quoted fields, read as they stand", f"{path.name} row {row + 1}")
        if _are_rows(taken[1:-1], layout.separator, len(names)):
            if not valid or _swallow_rows(taken, layout.separator, len(names)):
                first = layout.skipped + reader.line_num - len(taken) + 1
                raise DataError(
                    f"{path} line {first} opens a quote that is closed {len(taken) - 1} lines below only, with whole "
                    "rows between. Close it, or double it where it belongs to the text"
                )
            remarks.add("quoted lines that look like rows, read as they stand", f"{path.name} row {row + 1}")
        written = "".join(taken)
        taken.clear()
        if fields is None:
            for left, _ in below:
                remarks.add("a footer, left aside", f"{path.name}: {layout.separator.join(left)[:60]!r}")
            return
        if skips and fields:
            headings = fields
        if skips or not fields:
            skips = skips and not fields
            continue
        if layout.header and fields == headings and len(fields) > 1:  # else it is a value as others are
            remarks.add("the header once more, left out", f"{path.name} row {row + 1}")
            continue
        if layout.header and not row and len(names) > 1 and is_rule(fields):
            remarks.add("a rule below the header, left out", f"{path.name} row 1")
            continue
        if layout.header and not row and are_types(fields):
            remarks.add("the types of the columns below the header, left out", f"{path.name} row 1")
            continue
        line = layout.skipped + reader.line_num
        if _may_be_footer(fields, len(names)) and (is_footer(written) or (len(names) > 1 and is_total(fields))):
            below.append((fields, line))
            continue
        for held, place in below:
            row += 1
            yield finished(held, place)
        below.clear()
        row += 1
        yield finished(fields, line)


def _may_be_footer(fields: Sequence[str], width: int) -> bool:
    """Say whether a row need be looked at: it has not a field for each column, or one of them is empty at an end."""
    if len(fields) != width or width == 1:
        return True
    return not (fields[0] and fields[1] and fields[-1]) or fields[-1].endswith("rows)")


def _are_rows(within: list[str], separator: str, width: int) -> bool:
    """Say whether the lines within a quoted field look like rows by themselves."""
    return width > _FEW_COLUMNS and len(within) > 1 and all(line.count(separator) == width - 1 for line in within)


def _swallow_rows(lines: list[str], separator: str, width: int) -> bool:
    """Say whether the lines of a row are so many whole ones, from the first on, that its quote was not meant to open.

    Lines of an address or a poem may hold as many separators by chance.
    """
    return len(lines) - 2 >= _MANY_LINES and lines[0].count(separator) == width - 1


def _loosely(lines: list[str], layout: TableLayout, width: int) -> list[str] | None:
    """Return the fields of one row with bare quotes in quoted fields, None if they can't be told apart.

    A quote ends a field only before a separator or the end of the line.
    """
    mark = re.escape(layout.separator)
    field = rf'"((?:[^"]|""|"(?!{mark}|$))*)"(?={mark}|$)|([^{mark}]*)'
    line, fields, at = "\n".join(lines).removesuffix("\r"), [], 0
    pattern = re.compile(field)
    while True:
        found = pattern.match(line, at)
        if found is None:
            return None
        fields.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        at = found.end()
        if at >= len(line):
            return fields if len(fields) == width else None
        if line[at] != layout.separator:
            return None
        at += 1
