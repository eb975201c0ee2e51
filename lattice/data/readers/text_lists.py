"""Lists of texts in one row: each is a sample, but for words of one sentence and an instruction before a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lattice.data.text_columns import answers_of

Lists = Callable[[Any], list[str]]
"""Returns the texts of a value; empty for a value that is no list of texts."""


def lists_of(column: str, records: Sequence[Mapping[str, Any]]) -> tuple[Lists, str]:
    """Return how the lists of a column are read, by its first rows, and what is said of it."""
    lists = [texts for record in records if len(texts := _each(record.get(column))) > 1]
    if not lists:
        return _each, f"a list of texts in column {column!r}: each is a sample of its own"
    if sum(" " in text.strip() for texts in lists for text in texts) < 0.1 * sum(map(len, lists)):
        return _joined, f"a list of words in column {column!r}, read as one text"
    firsts = [texts[0] for texts in lists]
    if all(len(texts) == 2 for texts in lists) and len(lists) > 2 and len(set(firsts)) <= len(firsts) // 2:
        return _last, f"an instruction before the text in column {column!r}, left aside"
    return _each, f"a list of texts in column {column!r}: each is a sample of its own"


def _each(value: Any) -> list[str]:
    """Return the texts of a list, also of one that is written out as a text; empty for any other value."""
    return answers_of(value)


def _joined(value: Any) -> list[str]:
    texts = _each(value)
    return [" ".join(texts)] if texts else []


def _last(value: Any) -> list[str]:
    return _each(value)[-1:]
