"""How a file of separated values is written: its separator, its quotes, and whether its first line is a header."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

from lattice.data.column_names import KNOWN_NAMES, NUMBERED
from lattice.data.readers.backslashes import are_copied, doubled_quotes
from lattice.data.readers.table_header import is_header
from lattice.data.values import is_number
from lattice.errors import DataError

SEPARATORS = ",;\t|"
NO_SEPARATOR = "\x1f"
"""Stands for none: no text holds it."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_COMMA_NUMBER = r"[-+]?\d+(?:,\d+)?(?:[eE][-+]?\d+)?"
_COMMA_NUMBERS = re.compile(rf"[\[(]?\s*{_COMMA_NUMBER}(?:[\s;|]+{_COMMA_NUMBER})*\s*[\])]?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")
_RULE = re.compile(r"[\s:+|-]*--[\s:+|-]*")
_STATED_SEPARATOR = re.compile(r"sep=(.)\s*")


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
    decimals: tuple[int, ...] = ()
    """Places of the columns whose numbers have decimal commas."""
    escaped: bool = False
    """Whether backslashes stand before quotes within quotes."""
    copied: bool = False
    """Whether backslashes stand for line ends and tabs, as in a copy of a database."""


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
    skipped, stated = _preamble(lines)
    lines = lines[skipped:]
    separator = stated or ("\t" if tabs and not _is_without_tabs(lines) else _separator(lines))
    escaped = separator != "\t" and _has_escaped_quotes(lines, separator)
    lines = [doubled_quotes(line) for line in lines] if escaped else lines
    quoted = _is_quoted(lines, separator)
    rows = [row for row in parsed(lines, separator, quoted)[0] if row]
    if not any(field.strip() for row in rows for field in row):
        raise DataError(f"{path} holds no rows; expected at least one")
    decimals = _decimal_commas(rows[1:] or rows) if separator != "," else ()
    for row in rows:
        with_points(row, decimals)
    first, body = [name.strip() for name in rows[0]], rows[1:]
    width = Counter(len(row) for row in body or rows).most_common(1)[0][0]
    header = (
        any(name in named for name in first)
        or (len(first) > 1 and bool(body) and is_rule(body[0]))
        or is_header(first, body)
    )
    copied = separator == "\t" and not quoted and are_copied(field for row in body for field in row)
    if not header:
        width = max(width, 1) if separator != "\t" else min(width, *(len(row) for row in rows))
        numbered = tuple(NUMBERED.format(place + 1) for place in range(width))
        return TableLayout(separator, quoted, False, numbered, skipped, decimals, escaped, copied)
    first[0] = first[0].removeprefix("#").lstrip()  # as numpy writes a header
    if body and all(len(row) == len(first) + 1 for row in body):
        # R writes the names of rows without a heading; elsewhere a separator ends each row.
        first = ["", *first] if any(row[-1].strip() for row in body) else [*first, ""]
    names = [name or NUMBERED.format(place) for place, name in enumerate(first, 1)]
    if not any(first) or len(set(names)) < len(names):
        raise DataError(f"{path}: the first line must name the columns, each once; got {first[:12]}")
    return TableLayout(separator, quoted, True, tuple(names), skipped, decimals, escaped, copied)


def is_rule(row: Sequence[str]) -> bool:
    """Say whether a row is the line of dashes that Markdown, psql and sqlcmd write below the names of columns."""
    return _RULE.fullmatch("".join(row)) is not None


def with_points(row: list[str], decimals: Sequence[int]) -> None:
    """Put points in the place of decimal commas, in a row's columns that have such."""
    for place in decimals:
        if place < len(row):
            row[place] = row[place].replace(",", ".")


def parsed(lines: Sequence[str], separator: str, quoted: bool) -> tuple[list[list[str]], bool]:
    """Return the rows of some lines, and whether all of them are well-formed."""
    reader = csv_reader((line + "\n" for line in lines), separator, quoted)
    rows = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error:
        return rows, False
    return rows, True


def csv_reader(lines: Iterable[str], separator: str, quoted: bool) -> CsvReader:
    """Return a reader of rows; it raises `csv.Error` where quotes do not match."""
    if quoted:
        return csv.reader(lines, delimiter=separator, strict=True)
    return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)


def _preamble(lines: Sequence[str]) -> tuple[int, str | None]:
    """Return how many lines stand before the table, and the separator where the first one states it, as Excel's do."""
    stated = _STATED_SEPARATOR.fullmatch(lines[0].lstrip("\ufeff"))
    if stated is not None and len(lines) > 1:
        return 1, stated[1]
    comments = sum(1 for _ in itertools.takewhile(lambda line: line.startswith("#"), lines))
    rest = lines[comments:]
    if not comments:
        return _titles(lines), None
    if not rest:
        return 0, None
    mark = _separator(rest)
    counts = [_bare(line).count(mark) for line in rest if line.strip()]
    if not counts or not min(counts):
        return 0, None
    if _bare(lines[comments - 1]).count(mark) < min(counts):
        return comments, None
    comments -= 1  # it names the columns, or is a row, as those before it are that have as many fields as rows have
    if any(name.strip("# \"'").lower() in KNOWN_NAMES for name in lines[comments].split(mark)):
        return comments, None
    while comments and min(counts) <= _bare(lines[comments - 1]).count(mark) <= max(counts):
        comments -= 1
    return comments, None


def _titles(lines: Sequence[str]) -> int:
    """Return how many lines with a title or nothing in them stand before a line that names columns, as in exports."""
    counts = {mark: [_bare(line).count(mark) for line in lines] for mark in SEPARATORS}
    common = {mark: Counter(filter(None, found)).most_common(1) for mark, found in counts.items()}
    mark = max(SEPARATORS, key=lambda mark: common[mark][0][::-1] if common[mark] else (0, 0))
    if not common[mark]:
        return 0
    width, _ = common[mark][0]
    first = next((place for place, line in enumerate(lines) if len(_given(line, mark)) > 1), 0)
    names = [name.strip(" \"'").lower() for name in lines[first].split(mark)]
    filled = [count for line, count in zip(lines[first:], counts[mark][first:], strict=True) if line.strip()]
    even = set(filled[:-1] or filled) == {width}  # the last line may be a footer
    return first if even and any(name in KNOWN_NAMES for name in names) else 0


def _bare(line: str) -> str:
    """Return a line without what its quotes enclose."""
    return _QUOTED.sub("", line)


def _given(line: str, mark: str) -> list[str]:
    """Return a line's fields that hold something."""
    return [field for field in _QUOTED.sub("x", line).split(mark) if field.strip()]


def _decimal_commas(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the places of the columns of numbers with decimal commas.

    Groups of three digits may be thousands, unless a number of the table can only have a decimal comma: one table has
    one mark.
    """
    found, certain = [], False
    for place in range(max(map(len, rows))):
        fields = [row[place] for row in rows if place < len(row) and row[place].strip()]
        commas = [field for field in fields if "," in field]
        if commas and all(map(_COMMA_NUMBERS.fullmatch, fields)):
            found.append(place)
            certain = certain or not all(map(_THOUSANDS.fullmatch, commas))
    return tuple(found) if certain else ()


def _is_without_tabs(lines: Sequence[str]) -> bool:
    """Say whether a table that is called one of tabs has none, but a first line that names columns otherwise."""
    if any("\t" in line for line in lines):
        return False
    rows, whole = parsed(lines, mark := _separator(lines), True)
    names = [name.strip().lower() for name in rows[0]] if rows else []
    even = {len(row) for row in rows if row} == {len(names)}
    return whole and even and mark in ",;|" and len(names) > 1 and any(name in KNOWN_NAMES for name in names)


def _separator(lines: Sequence[str]) -> str:
    bare = [_bare(line) for line in lines if line.strip()]
    first = bare[0] if bare else ""

    def agreement(mark: str) -> tuple[float, int]:
        count = first.count(mark)
        return (sum(line.count(mark) == count for line in bare) / len(bare) if count else 0.0), count

    if not any(first.count(mark) for mark in SEPARATORS):
        return NO_SEPARATOR
    if all("\t" in line for line in bare):
        return "\t"  # which no text holds by chance; its number may vary where fields are left out
    best = max(SEPARATORS, key=agreement)
    return best if agreement(best)[0] >= 0.5 else max(",;\t", key=first.count)


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


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    return len({len(row) for row in rows if row}) == 1


def _shows_quoting(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether quotes around fields were put there by a program: it doubles inner ones, or encloses every text."""
    fields = [field for row in rows for field in row]
    opened = [field for field in fields if field.startswith('"')]
    if not opened or not all(_QUOTED.fullmatch(field) for field in opened):
        return False
    return any('""' in field[1:-1] for field in opened) or all(
        field.startswith('"') or not field or is_number(field) for field in fields
    )
