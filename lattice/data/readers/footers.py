"""What programs write around the rows of a table: counts of rows, times, totals, and the lines of a frame."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
_FRAME = re.compile(r"\s*\+(?:[-=]+\+)+\s*")


def is_footer(line: str) -> bool:
    """Say whether a line counts rows or gives a time, as psql, MySQL, Oracle, Hive and others write below a table."""
    return len(line) <= _LONGEST and _FOOTER.fullmatch(line.strip()) is not None


def is_total(fields: Sequence[str]) -> bool:
    """Say whether a row is called a total and leaves fields empty, as spreadsheets write below their columns."""
    first = next((field.strip() for field in fields if field.strip()), "")
    return first.rstrip(":").lower() in _TOTALS and not all(map(str.strip, fields))


def is_frame(line: str) -> bool:
    """Say whether a line is one of the frame that MySQL and others draw around a table."""
    return _FRAME.fullmatch(line) is not None


def without_footer(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of a table up to the footer; all where nothing else is there."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_footer(lines[end - 1])):
        end -= 1
    return lines[:end] if end else lines
