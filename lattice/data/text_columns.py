"""Which columns hold texts, pairs of them, and categories: guessed by their names, then by their values."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lattice.data.column_names import (
    ARRAY_LABEL_NAMES,
    LABEL_NAMES,
    NEGATIVE_NAMES,
    NUMBERED,
    PAIR_NAMES,
    SCORE_NAMES,
    SENTENCE_NAMES,
    TEXT_NAMES,
)
from lattice.data.no_language import spoken
from lattice.data.text_parts import joined_parts
from lattice.data.values import is_address_or_hash, is_gap, is_mark, is_number, is_whole_text, mostly
from lattice.data.vector_columns import listed
from lattice.errors import DataError

Sample = Sequence[Mapping[str, Any]]
"""The first rows of a table as column -> value."""

_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_PART = re.compile(_QUOTED)
_SHOWN_BY_NUMPY = re.compile(rf"\[\s*(?:{_QUOTED})(?:\s+(?:{_QUOTED}))+\s*\]")
"""Texts side by side without commas, which Python itself would join."""

LONGEST_LABEL = 64
"""Characters of a category at most."""


def guess_pair(source: str, names: list[str], text: str | None, sample: Sample) -> tuple[str, str]:
    """Return the two columns of pairs; raise `DataError` if they can't be told."""
    by_lower = {name.lower(): name for name in reversed(names)}
    texts = text_columns(names, sample, lists=True)
    for first, second in PAIR_NAMES:
        if first in by_lower and second in by_lower and text in (None, by_lower[first]):
            pair = by_lower[first], by_lower[second]
            if all(_texts_of(name, sample) for name in pair):  # an `input` may be there and blank
                return pair
    texts = {name: length for name, length in texts.items() if name.lower() not in NEGATIVE_NAMES}
    numbered = [NUMBERED.format(place) for place in (1, 2, 3)]
    if names == numbered and list(texts) == numbered:  # triplets: query, positive, negative
        return names[0], names[1]
    if len(texts) > 2:  # single words beside sentences are marks of some kind
        several = {name: length for name, length in texts.items() if holds_several_words(name, sample)}
        texts = spoken(several if len(several) >= 2 else texts, sample)
    if len(texts) == 2:
        first, second = texts
        return (second, first) if text == second else (first, second)
    raise DataError(
        f"{source}: can't tell which two columns are the pairs ({listed(names)}); name them with --pair-columns A B "
        "(data.pair_columns)"
    )


def guess_label(free: list[str], sample: Sample, *, header: bool) -> str | None:
    """Return which of the columns that are free holds categories, None if none does.

    Without a header, it is one of short values that repeat.
    """
    by_lower = {name.lower(): name for name in reversed(free)}
    for known in ARRAY_LABEL_NAMES:
        name = by_lower.get(known)
        if name is not None and _can_be_label(name, sample):
            return name
    if header:
        return None
    repeated = [name for name in free if _can_be_label(name, sample) and repeats(name, sample)]
    return repeated[0] if repeated else None


def is_category(name: str, sample: Sample) -> bool:
    """Say whether a column holds categories: by its name, or as short values that repeat.

    They may all be the same, as the first rows of a table that is sorted by its class are, unless the column is called
    as texts are.
    """
    same = is_constant(name, sample) and name.lower() not in SENTENCE_NAMES
    known = name.lower() in LABEL_NAMES or repeats(name, sample) or same
    return known and _can_be_label(name, sample)


def class_columns(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return which columns hold categories in words, those that differ in the first rows before those that don't."""
    words = [name for name in names if any(isinstance(row.get(name), str) for row in sample)]
    found = [name for name in words if is_category(name, sample) and not all(map(is_number, _texts_of(name, sample)))]
    return sorted(found, key=lambda name: (name.lower() in SCORE_NAMES, is_constant(name, sample)))


def is_constant(name: str, sample: Sample) -> bool:
    """Say whether a column holds the same text in all rows, such as the kind of record."""
    values = [row.get(name) for row in sample]
    return len(values) > 1 and isinstance(values[0], str) and all(value == values[0] for value in values)


def is_class_column(name: str, sample: Sample, *, constant: bool = True) -> bool:
    """Say whether a column holds few short values or whole numbers, each in several rows, whatever it is called.

    `constant` admits the same one in all rows, as the first rows of a table that is sorted by its class have.
    """
    same = constant and len({str(row.get(name)) for row in sample}) == 1
    return (same or repeats(name, sample)) and _can_be_label(name, sample)


def _can_be_label(name: str, sample: Sample) -> bool:
    values = [", ".join(strings_of(value)) or value for value in (row.get(name) for row in sample)]
    values = [value for value in values if not is_gap(value) and value != []]
    whole = all(isinstance(value, str | int) or (isinstance(value, float) and value.is_integer()) for value in values)
    fraction = any(isinstance(value, str) and is_number(value) and not is_whole_text(value) for value in values)
    return bool(values) and whole and not fraction and all(len(str(value)) <= LONGEST_LABEL for value in values)


def repeats(name: str, sample: Sample) -> bool:
    """Say whether a column holds few values, each several times, in a sample of eight rows or more."""
    values = [str(row.get(name)) for row in sample]
    return len(values) >= 8 and 1 < len(set(values)) <= len(values) // 2


def text_columns(names: list[str], sample: Sample, *, lists: bool = False) -> dict[str, float]:
    """Return column -> mean length of those that mostly hold texts: no numbers, vectors, addresses, hashes or ids.

    `lists` admits lists of texts, such as several right answers.
    """
    lengths: dict[str, float] = {}
    for name in names:
        values = [row.get(name) for row in sample]
        if not lists and any(len(strings_of(value)) > 1 for value in values):
            continue
        texts = _texts_of(name, sample)
        others = [value for value in values if not isinstance(value, str | None) and not strings_of(value)]
        opaque = is_address_or_hash if name.lower() in TEXT_NAMES else is_mark
        if len(texts) > len(others) and not mostly(opaque, texts):
            lengths[name] = sum(map(len, texts)) / len(texts)
    return lengths


def _texts_of(name: str, sample: Sample) -> list[str]:
    found: list[str] = []
    for row in sample:
        value = row.get(name)
        found += [text for text in ([value] if isinstance(value, str) else strings_of(value)) if text.strip()]
    return found


def strings_of(value: Any) -> list[str]:
    """Return the texts of a list of texts, such as several right answers, or one in parts; empty for anything else."""
    whole = joined_parts(value)
    if whole is not None:
        return [whole]
    is_list = isinstance(value, list | tuple) and len(value) > 0 and all(isinstance(text, str) for text in value)
    return list(value) if is_list else []


def answers_of(value: Any) -> list[str]:
    """Return the texts of a list of texts, also of one that is written out as a text; empty for anything else."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        for read in (json.loads, _shown_by_numpy, ast.literal_eval):
            try:
                return strings_of(read(value))
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
    return strings_of(value)


def _shown_by_numpy(value: str) -> list[Any]:
    if _SHOWN_BY_NUMPY.fullmatch(value) is None:
        raise ValueError("no such list")
    return [ast.literal_eval(part) for part in _PART.findall(value)]


def holds_words(name: str, sample: Sample) -> bool:
    """Say whether a column of a well-known name holds texts that aren't all numbers or addresses."""
    return any(not is_address_or_hash(text) and not is_number(text) for text in _texts_of(name, sample))


def holds_several_words(name: str, sample: Sample) -> bool:
    """Say whether the texts of a column have two words or more, on the mean."""
    return _words(name, sample) >= 2


def _words(name: str, sample: Sample) -> float:
    texts = _texts_of(name, sample)
    return sum(len(text.split()) for text in texts) / max(len(texts), 1)
