"""How a file of separated values is written: its separator, its quotes, and whether its first line is a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

from lattice.data.column_names import KNOWN_NAMES, NUMBERED
from lattice.data.readers.backslashes import are_copied, doubled_quotes
from lattice.data.readers.footers import are_types
from lattice.data.readers.number_marks import NumberMarks, marks_of
from lattice.data.readers.table_header import is_header
from lattice.data.readers.table_lines import QUOTED, preamble, separator_of
from lattice.data.values import is_number
from lattice.errors import DataError

_NO_MARKS = NumberMarks()
_RULE = re.compile(r"[\s:+|-]*--[\s:+|-]*")


@dataclass(frozen=True)
class TableLayout:
    """How lines become rows."""

    separator: str
    quoted: bool
    """Whether quotes enclose fields; otherwise they are plain characters."""
    header: bool
    names: tuple[str, ...]
    skipped: int = 0
    """Lines before the table: comments, or one that states the separator."""
    marks: NumberMarks = _NO_MARKS
    """What is taken out of the numbers."""
    escaped: bool = False
    """Whether backslashes stand before quotes within quotes."""
    copied: bool = False
    """Whether backslashes stand for line ends and tabs, as in a copy of a database."""
    spaced: bool = False
    """Whether blanks stand between separators and quotes."""


def layout_of(path: str, lines: Sequence[str], *, tabs: bool, named: Collection[str] = ()) -> TableLayout:
    """Tell the layout of a table by its first lines.

    Args:
        path: the file, for messages.
        lines: at least one, without line ends.
        tabs: whether the file's ending says that tabs separate.
        named: names of columns that are requested: a first line with one of them is a header.

    Raises:
        DataError: the first line names columns twice.
    """
    skipped, stated = preamble(lines)
    lines = lines[skipped:]
    separator = stated or ("\t" if tabs and not _is_without_tabs(lines) else separator_of(lines))
    escaped = separator != "\t" and _has_escaped_quotes(lines, separator)
    lines = [doubled_quotes(line) for line in lines] if escaped else lines
    spaced = separator != "\t" and _has_spaced_quotes(lines, separator)
    quoted = spaced or _is_quoted(lines, separator)
    rows = [row for row in parsed(lines, separator, quoted, spaced)[0] if row]
    if not any(field.strip() for row in rows for field in row):
        raise DataError(f"{path} holds no rows; expected at least one")
    marks = marks_of(rows[1:] or rows, separator)
    first, body = [name.strip() for name in rows[0]], rows[1:]
    as_row = [*first]
    marks.undo(as_row)
    width = Counter(len(row) for row in body or rows).most_common(1)[0][0]
    header = (
        any(name in named for name in first)
        or (len(first) > 1 and bool(body) and (is_rule(body[0]) or are_types(body[0])))
        or is_header(as_row, body)
    )
    copied = separator == "\t" and not quoted and are_copied(field for row in body for field in row)
    if not header:
        width = max(width, 1) if separator != "\t" else min(width, *(len(row) for row in rows))
        numbered = tuple(NUMBERED.format(place + 1) for place in range(width))
        return TableLayout(separator, quoted, False, numbered, skipped, marks, escaped, copied, spaced)
    first[0] = first[0].removeprefix("#").lstrip()  # as numpy writes a header
    if body and all(len(row) == len(first) + 1 for row in body):
        # R writes the names of rows without a heading; elsewhere a separator ends each row.
        if not any(row[-1].strip() for row in body):
            first = [*first, ""]
        elif _have_names(rows[0], body):
            first = ["", *first]
    names = [name or NUMBERED.format(place) for place, name in enumerate(first, 1)]
    again = next((name for name, count in Counter(names).items() if count > 1), None)
    if not any(first) or again is not None:
        twice = "" if again is None else f", where {again!r} stands more than once; {_renamed(path, rows)}"
        raise DataError(f"{path}: the first line must name the columns, each once; got {first[:12]}{twice}")
    return TableLayout(separator, quoted, True, tuple(names), skipped, marks, escaped, copied, spaced)


def _renamed(path: str, rows: Sequence[Sequence[str]]) -> str:
    """Return how names that stand more than once become different; pandas writes them in two lines for one table."""
    if len(rows) < 2 or len(rows[1]) != len(rows[0]) or len(set(zip(rows[0], rows[1], strict=True))) < len(rows[0]):
        return "rename one of them"
    if any(is_number(field) and not field.strip().isdecimal() for field in rows[1]):  # a row of values
        return "rename one of them"
    index = "" if rows[0][0] else ", index_col=0"
    return (
        "where its first two lines are the names, join them with `import pandas; frame = "
        f"pandas.read_csv({Path(path).name!r}, header=[0, 1]{index}); frame.columns = ['_'.join(map(str, names)) for "
        f"names in frame.columns]; frame.to_csv({Path(path).stem + '-rows.csv'!r}, index=False)`"
    )


def _have_names(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Say whether the first fields of rows, one more than the header has, are names of rows, and all others in place.

    Otherwise the separator stands within a field: there a blank follows it, as in `Well, yes`, and what is cut off is
    hardly different in each row.
    """
    blank = sum(any(field[:1] == " " for field in row[1:]) for row in body)
    return len({row[0] for row in body}) == len(body) and (blank <= len(body) / 2 or any(n[:1] == " " for n in first))


def is_rule(row: Sequence[str]) -> bool:
    """Say whether a row is the line of dashes that Markdown, psql and sqlcmd write below the names of columns."""
    return _RULE.fullmatch("".join(row)) is not None


def parsed(lines: Sequence[str], separator: str, quoted: bool, spaced: bool = False) -> tuple[list[list[str]], bool]:
    """Return the rows of some lines, and whether all of them are well-formed."""
    reader = csv_reader((line + "\n" for line in lines), separator, quoted, spaced)
    rows = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error:
        return rows, False
    return rows, True


def csv_reader(lines: Iterable[str], separator: str, quoted: bool, spaced: bool = False) -> CsvReader:
    """Return a reader of rows; it raises `csv.Error` where quotes do not match."""
    if quoted:
        return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=spaced)
    return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)


def _is_without_tabs(lines: Sequence[str]) -> bool:
    """Say whether a table that is called one of tabs has none, but a first line that names columns otherwise."""
    if any("\t" in line for line in lines):
        return False
    rows, whole = parsed(lines, mark := separator_of(lines), True)
    names = [name.strip().lower() for name in rows[0]] if rows else []
    even = {len(row) for row in rows if row} == {len(names)}
    return whole and even and mark in ",;|" and len(names) > 1 and any(name in KNOWN_NAMES for name in names)


def _is_quoted(lines: Sequence[str], separator: str) -> bool:
    """Say whether quotes at the ends of fields enclose them, by which way the lines become rows of one width."""
    if not any('"' in line for line in lines):
        return separator != "\t"
    rows, whole = parsed(lines, separator, True)
    by_line = [line.split(separator) for line in lines if line.strip()]
    swallowed = not whole and len(rows) < len(by_line) // 2
    as_quoted = bool(rows) and not swallowed and _is_even(rows)
    as_plain = len({len(fields) for fields in by_line}) == 1
    if separator != "\t":
        return as_quoted or not (as_plain and len(by_line) > 1)
    if as_quoted and as_plain and whole:
        return _shows_quoting(by_line)
    return as_quoted and whole


def _has_escaped_quotes(lines: Sequence[str], separator: str) -> bool:
    """Say whether lines become rows of one width only where a backslash before a quote makes it a part of the text."""
    if not any('\\"' in line for line in lines):
        return False
    plain, whole = parsed(lines, separator, True)
    rows, _ = parsed([doubled_quotes(line) for line in lines], separator, True)
    return not (whole and _is_even(plain)) and _is_even(rows) and len(rows) >= max(2, len(plain))


def _has_spaced_quotes(lines: Sequence[str], separator: str) -> bool:
    """Say whether lines become rows of one width only where blanks before quotes are no part of the fields."""
    if not any(f'{separator} "' in line for line in lines):
        return False
    plain, whole = parsed(lines, separator, True)
    rows, fits = parsed(lines, separator, True, True)
    return fits and _is_even(rows) and not (whole and _is_even(plain))


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    return len({len(row) for row in rows if row}) == 1


def _shows_quoting(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether quotes around fields were put there by a program: it doubles inner ones, or encloses every text."""
    fields = [field for row in rows for field in row]
    opened = [field for field in fields if field.startswith('"')]
    if not opened or not all(QUOTED.fullmatch(field) for field in opened):
        return False
    return any('""' in field[1:-1] for field in opened) or all(
        field.startswith('"') or not field or is_number(field) for field in fields
    )
