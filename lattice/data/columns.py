"""Which column holds the texts: the requested one, or one guessed from names and values, with the guess in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lattice.errors import DataError

TEXT_NAMES = (
    "text", "sentence", "content", "definition", "question", "document", "body", "passage", "premise", "query",
    "abstract", "review", "description", "title",
)  # fmt: skip
PAIR_NAMES = (
    ("question", "answer"), ("question", "answers"), ("definition", "term"), ("term", "definition"),
    ("query", "document"), ("query", "passage"), ("query", "answer"), ("anchor", "positive"),
    ("sentence1", "sentence2"), ("sentence_1", "sentence_2"), ("premise", "hypothesis"), ("text_a", "text_b"),
    ("title", "abstract"), ("title", "text"), ("input", "output"), ("source", "target"),
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The requested columns; None: guessed."""

    text: str | None = None
    pair: tuple[str, str] | None = None
    want_pairs: bool = False
    """Whether a second column is needed."""


@dataclass(frozen=True)
class ColumnChoice:
    """The columns that are read."""

    text: str
    partner: str | None
    guess: str
    """The guess in words, empty when nothing was guessed."""


def choose_columns(source: str, wanted: Columns, sample: Sequence[Mapping[str, Any]]) -> ColumnChoice:
    """Choose the columns of a table.

    Args:
        source: the table, for messages.
        wanted: the requested columns.
        sample: its first rows as column -> value; at least one.

    Raises:
        DataError: a requested column is missing, or no column holds texts.
    """
    names = list(dict.fromkeys(name for row in sample for name in row))
    if wanted.pair is not None:
        for name in wanted.pair:
            _require(source, name, names)
        return ColumnChoice(*wanted.pair, guess="")
    if wanted.want_pairs:
        first, second = _guess_pair(source, names, wanted.text, sample)
        return ColumnChoice(first, second, f"{source}: pairs from columns {first!r} and {second!r}, guessed")
    if wanted.text is not None:
        _require(source, wanted.text, names)
        return ColumnChoice(wanted.text, None, guess="")
    by_lower = {name.lower(): name for name in reversed(names)}
    known = next((by_lower[name] for name in TEXT_NAMES if name in by_lower), None)
    texts = _text_columns(names, sample)
    if known is not None and known in texts:
        return ColumnChoice(known, None, f"{source}: texts from column {known!r}, guessed by its name")
    if not texts:
        raise DataError(f"{source}: none of its columns holds texts ({_listed(names)}); expected at least one")
    longest = max(texts, key=lambda name: texts[name])
    guess = "" if len(names) == 1 else f"{source}: texts from column {longest!r}, guessed as the one with the longest"
    return ColumnChoice(longest, None, guess)


def _guess_pair(
    source: str, names: list[str], text: str | None, sample: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    by_lower = {name.lower(): name for name in reversed(names)}
    texts = _text_columns(names, sample)
    for first, second in PAIR_NAMES:
        if first in by_lower and second in by_lower and text in (None, by_lower[first]):
            return by_lower[first], by_lower[second]
    if len(texts) == 2:
        first, second = texts
        return (second, first) if text == second else (first, second)
    raise DataError(
        f"{source}: can't tell which two columns are the pairs ({_listed(names)}); name them with data.pair_columns"
    )


def _text_columns(names: list[str], sample: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return column -> mean length of those that mostly hold texts, not all of them plain numbers."""
    lengths: dict[str, float] = {}
    for name in names:
        values = [row.get(name) for row in sample]
        texts = [value for value in values if isinstance(value, str) and value.strip()]
        others = [value for value in values if value is not None and not isinstance(value, str)]
        if len(texts) > len(others) and not all(map(_is_number, texts)):
            lengths[name] = sum(map(len, texts)) / len(texts)
    return lengths


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _require(source: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise DataError(f"{source} has no column {name!r}; it has {_listed(names)}")


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:12])
    return (shown or "no columns") + (f" and {len(names) - 12} more" if len(names) > 12 else "")
