"""A class that stands as one more number at the end or the beginning of each vector, as `numpy.c_[X, y]` puts it.

Shapes: n rows that are looked at, D numbers of each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lattice.data.column_names import ANSWER_NAMES, ID_NAMES, LABEL_NAMES, NUMBERED, SENTENCE_NAMES
from lattice.data.text_columns import class_columns, is_class_column, repeats
from lattice.data.values import is_number, is_whole_text
from lattice.data.vector_columns import VectorColumns, present_values

LEAST_ROWS = 8
"""Rows by which a class is told."""
LEAST_WIDTH = 4
"""Numbers that are left beside the class."""
_PLAIN_NAME = re.compile(r"(?:column )?\d+")
_RANGE = (-1, 999)
"""Numbers of classes."""


@dataclass(frozen=True)
class EdgeClass:
    """The first or last number of each row, where these are few whole numbers beside fractions."""

    place: int
    certain: bool
    """Whether it can hardly be anything else: several values, each in several rows, and no other column is whole."""


def edge_class(rows_nD: Sequence[Sequence[float]]) -> EdgeClass | None:
    """Return which number of each row is a class, the last or else the first; None where neither looks like one.

    A column that is the same in all rows may be a class too, where the rows are sorted by it, but that is not certain.

    Args:
        rows_nD: the first rows of the vectors.
    """
    if len(rows_nD) < LEAST_ROWS or len(rows_nD[0]) <= LEAST_WIDTH:
        return None
    columns = list(zip(*rows_nD, strict=True))
    whole = [all(number.is_integer() for number in column) for column in columns]
    largest = max(map(max, columns))
    for place in (len(columns) - 1, 0):
        column, others = columns[place], [is_whole for at, is_whole in enumerate(whole) if at != place]
        few = len(set(column)) <= len(column) // 2 and _RANGE[0] <= min(column) and max(column) <= _RANGE[1]
        apart = sum(others) <= len(others) / 2 or (len(set(column)) > 1 and max(column) < largest / 2)
        if whole[place] and few and apart and set(column) != {0.0}:
            return EdgeClass(place, not any(others) and len(set(column)) > 1)
    return None


@dataclass(frozen=True)
class EdgeColumn:
    """What is told of a class among the columns of vectors."""

    vectors: VectorColumns
    """Without the class, where it is certain."""
    label: str | None
    """The column of the class, None where it isn't certain."""
    said: str
    """Behind what is said of the vectors."""


def edge_class_of(vectors: VectorColumns, sample: Sequence[Mapping[str, Any]]) -> EdgeColumn | None:
    """Return the class among the columns of vectors; None where none of them looks like one.

    Only columns without names, or called as what is predicted, are taken for a class: others may be dimensions.
    """
    names = vectors.names
    if len(names) <= LEAST_WIDTH:
        return None
    found = edge_class([numbers for row in sample if (numbers := _numbers(row, names))])
    if found is None:
        return None
    name = names[found.place]
    plain = found.certain and all(map(_PLAIN_NAME.fullmatch, names))
    if not (plain or name.lower() in ANSWER_NAMES):
        said = f"; {name!r} holds few whole numbers: if these are classes, request them with --label-column {name!r}"
        return EdgeColumn(vectors, None, said)
    rest = replace(vectors, names=tuple(other for other in names if other != name), width=vectors.width - 1)
    said = (
        f"; {name!r} holds few whole numbers and is taken for a class (--label-column none makes it one of the numbers)"
    )
    return EdgeColumn(rest, name, said)


def class_beside(vectors: VectorColumns, free: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the column of classes beside vectors that is not called so, such as `city`; None where it can't be told.

    It is called as what is predicted, such as `y`, or the only one of few words in several rows each.
    """
    answers = [name for name in free if name.lower() in ANSWER_NAMES and is_class_column(name, sample)]
    if len(vectors.names) > 1 and answers:
        return answers[0]
    words = class_columns(free, sample)
    if vectors.measured:
        return next(iter(words), None)
    several = [name for name in words if is_class_column(name, sample, constant=False)]
    return several[0] if len(several) == 1 else None


def names_no_row(name: str, sample: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a column beside vectors can name no row: it holds classes, or numbers with fractions."""
    if _may_be_label(name, sample) and repeats(name, sample):
        return True
    if name.lower() in (*SENTENCE_NAMES, *ID_NAMES):
        return False
    values = present_values(name, sample)
    numbers = all(is_number(value) if isinstance(value, str) else isinstance(value, int | float) for value in values)
    fraction = numbers and any(not is_whole_text(str(value)) for value in values)
    return is_class_column(name, sample, constant=False) or fraction


def _may_be_label(name: str, sample: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether a column is called as categories are, or holds single words under a name that says nothing."""
    if name.lower() in LABEL_NAMES:
        return True
    words = [row[name] for row in sample if isinstance(row.get(name), str)]
    return name.startswith(NUMBERED.format("")) and bool(words) and not any(" " in word.strip() for word in words)


def _numbers(row: Mapping[str, Any], names: Sequence[str]) -> list[float]:
    """Return the numbers of a row; none where one is missing, or is no number."""
    try:
        return [float(row[name]) for name in names]
    except (KeyError, TypeError, ValueError):
        return []
