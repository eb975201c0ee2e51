"""What programs write around the rows of a table: counts of rows, times, totals, and the lines of a frame."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from lattice.data.readers.records import Remarks

_COUNT = r"\d[\d,.' ]*\s*(?:rows?|row\(s\)|records?|results?|tuples?|entries)"
_FOOTER = re.compile(
    rf"(?:--|#|//)?\s*(?:"
    rf"\(?{_COUNT}\)?(?:\s+(?:affected|selected|returned|fetched|exported|produced|retrieved|in set)\b.*)?[.)]*|"
    r"(?:time|time taken|elapsed|run time|fetched|rows?|row count|record count|rows returned|total rows|total records|"
    r"query ok)\s*[:,].*\d.*|"
    r"select \d+|end of (?:file|report|data|table)\.?|empty set\b.*)",
    re.IGNORECASE,
)
_TOTALS = ("total", "totals", "grand total", "subtotal", "sum", "average", "mean", "count", "summe", "gesamt", "somme")
_LONGEST = 200
"""Characters of such a line."""
_TYPE = re.compile(
    r"(?:U?Int(?:8|16|32|64|128|256)?|B?Float(?:16|32|64)?|Double|Decimal|Bool(?:ean)?|String|FixedString|Text|Varchar|"
    r"Character varying|Bigint|Smallint|Integer|Real|UUID|Date(?:32|Time(?:64)?)?|Timestamp|JSON|Array|Nullable|"
    r"LowCardinality|Tuple|Map|Enum(?:8|16)|Vector)(?:\(.*\))?(?:\[\])?",
    re.IGNORECASE,
)
_TITLE = re.compile(r" +[A-Za-z_?][\w?]* *")
_FRAME = re.compile(r"\s*\+(?:[-=]+\+)+\s*")


def is_footer(line: str) -> bool:
    """Say whether a line counts rows or gives a time, as psql, MySQL, Oracle, Hive and others write below a table."""
    return len(line) <= _LONGEST and _FOOTER.fullmatch(line.strip()) is not None


def is_total(fields: Sequence[str]) -> bool:
    """Say whether a row is called a total and leaves fields empty, as spreadsheets write below their columns."""
    first = next((field.strip() for field in fields if field.strip()), "")
    return first.rstrip(":").lower() in _TOTALS and not all(map(str.strip, fields))


def are_types(fields: Sequence[str]) -> bool:
    """Say whether a row names the type of each column, as ClickHouse writes below the names of columns."""
    return len(fields) > 1 and all(_TYPE.fullmatch(field.strip()) is not None for field in fields)


def is_frame(line: str) -> bool:
    """Say whether a line is one of the frame that MySQL and others draw around a table."""
    return _FRAME.fullmatch(line) is not None


def is_titled(lines: Sequence[str]) -> bool:
    """Say whether lines begin with the name of a column and a rule below it, as psql prints a table of one column."""
    return len(lines) > 2 and _TITLE.fullmatch(lines[0]) is not None and re.fullmatch(r"-{3,}", lines[1]) is not None


def below_title(lines: Iterator[tuple[int, str]], name: str, remarks: Remarks) -> Iterator[tuple[int, str]]:
    """Yield the lines below such a title without the footer.

    Args:
        lines: with their numbers, from the title on.
        name: the file, for remarks.
        remarks: gets what was left aside.
    """
    held: list[tuple[int, str]] = []
    for number, line in itertools.islice(lines, 2, None):
        held.append((number, line))
        if line.strip() and not is_footer(line):
            yield from held
            held.clear()
    for number, line in held:
        if line.strip():
            remarks.add("a footer, left aside", f"{name} line {number}: {line.strip()[:60]!r}")


def without_footer(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a table up to the footer; all where nothing else is there."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_footer(lines[end - 1])):
        end -= 1
    return lines[:end] if end else lines
