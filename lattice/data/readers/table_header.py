"""Whether the first row of a table names its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lattice.data.column_names import KNOWN_NAMES
from lattice.data.values import is_number, text_numbers

_HEADING = re.compile(r"[^\W\d][\w .\-:/()#]{0,40}")
_MOST_HEADING_WORDS = 3
_TIMES_AS_LONG = 3


def is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names the columns."""
    lower = [name.lower().removeprefix("#").lstrip() for name in first]
    if any(name in KNOWN_NAMES for name in lower):
        return True
    if _counts_on(first) and any(not value.strip().isdecimal() for row in body for value in row):
        return True
    given = [name for name in first if name.strip()]
    if len(set(given)) < len(given) and not any(map(is_number, given)) and _all_numbers(body):
        return True  # which names a column twice
    if any(text_numbers(name) is not None for name in first) or len(set(given)) < len(given) or not body:
        return not body and not any(map(is_number, first))
    if all(len(row) == len(first) + 1 for row in body):  # names of rows stand before the columns, as R writes them
        body = [row[1:] for row in body]
    columns = list(zip(*(row for row in body if len(row) == len(first)), strict=False))
    if any(column and all(text_numbers(value) is not None for value in column) for column in columns):
        return True
    if not all(_HEADING.fullmatch(name) and len(name.split()) <= _MOST_HEADING_WORDS for name in first if name):
        return False
    if any(
        "_" in name and not any("_" in value for value in column) for name, column in zip(first, columns, strict=False)
    ):
        return True
    words = [sum(len(value.split()) for value in column) / len(column) for column in columns if column]
    longest = max(range(len(words)), key=words.__getitem__, default=None)
    if longest is not None and words[longest] >= 2 * max(1, len(first[longest].split())):
        return True
    # Scripts without blanks, such as Chinese, have no words to count.
    return any(
        column and not name.isascii() and sum(map(len, column)) / len(column) >= _TIMES_AS_LONG * len(name) > 0
        for name, column in zip(first, columns, strict=False)
    )


def _all_numbers(body: Sequence[Sequence[str]]) -> bool:
    """Say whether rows, of which there are some, hold numbers alone."""
    return bool(body) and all(is_number(field) for row in body for field in row if field.strip())


def _counts_on(first: Sequence[str]) -> bool:
    """Say whether all names but at most two are whole numbers that count on from 0 or 1, as dimensions do."""
    numbers = [int(name) for name in first if name.isdecimal()]
    if len(numbers) < max(2, len(first) - 2):
        return False
    return numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
