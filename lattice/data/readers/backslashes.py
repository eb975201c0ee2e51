"""Backslashes that programs write into tables: before quotes in `.csv` files, for line ends in copies of a database."""

from __future__ import annotations

import re
from collections.abc import Iterable

MISSING = "\\N"
"""How PostgreSQL, MySQL and ClickHouse write a missing value."""
_QUOTES = re.compile(r'\\(["\\])')
_COPIED = re.compile(r"\\([bfnrtv\\])")
_ONLY_COPIED = re.compile(r"(?:[^\\]|\\[bfnrtv\\])*")
_MEANING = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def doubled_quotes(line: str) -> str:
    """Return a line with quotes that stand behind backslashes doubled instead, as other programs write them."""
    return _QUOTES.sub(lambda found: '""' if found[1] == '"' else "\\", line)


def are_copied(fields: Iterable[str]) -> bool:
    """Say whether fields are those of a database's own text format: one is missing, and no backslash stands alone."""
    found = list(fields)
    return MISSING in found and all(field == MISSING or _ONLY_COPIED.fullmatch(field) for field in found)


def copied_field(field: str) -> str:
    """Return a field of that format with the characters that its backslashes stand for."""
    return field if field == MISSING else _COPIED.sub(lambda found: _MEANING[found[1]], field)
