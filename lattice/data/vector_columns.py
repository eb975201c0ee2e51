"""Which columns of a table can be its vectors: one of lists or of texts of numbers, or one column per dimension."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lattice.data.column_names import (
    ID_NAMES,
    LABEL_NAMES,
    PLACE_NAMES,
    SCORE_NAMES,
    VECTOR_NAMES,
    is_dimension_prefix,
    is_vector_name,
    sparse_columns,
)
from lattice.data.values import Vector, is_absent, is_number, is_whole, vector_of
from lattice.errors import DataError

_BLANKS = "_-. "
LEAST_WIDTH = 8
"""Numbers in a row that are taken for a vector when nothing in the column's name says so: fewer may be a box or a
place on a map."""
LEAST_NAMED_WIDTH = 2
LEAST_MEASURED, LEAST_WHOLE = 4, 16
"""Columns of numbers that make a table of measurements, and the same where all of them are whole."""
_ID_ENDINGS = ("_id", ".id", " id", "-id")
_NUMBERED_NAME = re.compile(r"(.*?)(\d{1,6})(\W{0,2}|[_\-. ]?[^\W\d_]+)", re.DOTALL)
"""A name that ends in a number, also in quotes and brackets, as pandas writes levels, or in a word, as in `0_emb`."""


@dataclass(frozen=True)
class VectorColumns:
    """The columns of one vector each row."""

    names: tuple[str, ...]
    """One column that holds all numbers, or one per dimension."""
    width: int
    named: bool
    """Whether its name says that it holds vectors."""
    measured: bool = False
    """Whether these are the measurements of a table, whose columns have names of any kind."""

    @property
    def title(self) -> str:
        """The column in words."""
        if len(self.names) == 1:
            return f"column {self.names[0]!r}"
        return f"the {len(self.names)} columns {self.names[0]!r} to {self.names[-1]!r}"


def vector_candidates(
    names: Sequence[str], sample: Sequence[Mapping[str, Any]], *, least: int = LEAST_WIDTH
) -> list[VectorColumns]:
    """Return what can be the vectors, the likeliest first.

    Args:
        names: the table's columns.
        sample: its first rows as column -> value.
        least: least width of vectors whose column's name says nothing. A few numbers that tell a place are vectors
            only where there is nothing else to learn from.
    """
    found: list[VectorColumns] = []
    places: list[VectorColumns] = []
    sparse = sparse_columns(names)
    for name in names:
        if name in sparse:
            continue
        named = is_vector_name(name)
        width = _width(present_values(name, sample), named)
        if width is not None and width >= (LEAST_NAMED_WIDTH if named else least):
            may_be_place = not named and width < LEAST_WIDTH and _is_place(name)
            (places if may_be_place else found).append(VectorColumns((name,), width, named))
    found += _numbered(names, sample, least)
    if not found and not _number_columns(names, sample):
        found = places
    return sorted(found, key=_rank)


def place_columns(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of a few numbers each that are taken for a place or a size, by their names."""
    return [name for name in names if _is_place(name) and _width(present_values(name, sample), True) is not None]


def _is_place(name: str) -> bool:
    return name.rpartition(".")[2].lower() in PLACE_NAMES


def requested_vectors(
    source: str, name: str, names: Sequence[str], sample: Sequence[Mapping[str, Any]], apart: Collection[str] = ()
) -> VectorColumns:
    """Return the requested vectors: a column, the first of several numbered ones or what these begin with.

    The first of a table's measurements stands for all of them, as the first of numbered columns does.

    Args:
        source: the table, for messages.
        name: the requested column.
        names: the table's columns.
        sample: its first rows as column -> value.
        apart: columns that are requested as something else.

    Raises:
        DataError: there is no such column, or it holds no vectors.
    """
    free = [each for each in names if each not in apart]
    for numbered in _numbered(free, sample, LEAST_NAMED_WIDTH):
        if name in (numbered.names[0], _prefix(numbered.names[0])) and (name not in names or name in numbered.names):
            return numbered
    if name not in names:
        raise DataError(f"{source} has no column {name!r}; it has {listed(names)}")
    values = present_values(name, sample)
    if not values:
        raise DataError(f"{source}: column {name!r} is empty in the first rows; expected a vector in each row")
    measured = measured_columns(free, sample, whole=True)
    if measured is not None and name == measured.names[0]:
        return measured
    width = _width(values, True)
    if width is None:
        raise DataError(
            f"{source}: column {name!r} holds {_shown(values[0])}, expected a list of numbers, or a text of "
            "them, of one width"
        )
    return VectorColumns((name,), width, True)


def listed(names: Sequence[str]) -> str:
    """Return column names for a message."""
    shown = ", ".join(repr(name[:40]) for name in names[:12])
    return (shown or "no columns") + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _rank(vectors: VectorColumns) -> tuple[int, int]:
    name = vectors.names[0].lower()
    known = VECTOR_NAMES.index(name) if name in VECTOR_NAMES else len(VECTOR_NAMES)
    return (known if vectors.named else 2 * len(VECTOR_NAMES)), -vectors.width


def present_values(name: str, sample: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return a column's values but for those that stand for a missing one, see `is_absent`."""
    return [value for value in (row.get(name) for row in sample) if not is_absent(value)]


def _width(present: Sequence[Any], named: bool) -> int | None:
    """Return the width of a column's vectors, None if it holds anything else.

    Where the name says that it holds vectors, most of its values decide: one of another kind is an error in its row,
    and no reason to leave the others aside.
    """
    vectors = [vector_of(value) for value in present]
    widths = Counter(len(vector) for vector in vectors if vector is not None)
    if not widths or (not named and any(map(is_whole_vector, present, vectors))):
        return None
    width, count = widths.most_common(1)[0]
    return width if count > len(present) / 2 and (named or count == len(present)) else None


def is_whole_vector(value: Any, vector: Vector | None) -> bool:
    """Say whether a value is a vector of whole numbers alone."""
    return vector is not None and is_whole(value)


def _numbered(names: Sequence[str], sample: Sequence[Mapping[str, Any]], least: int) -> list[VectorColumns]:
    """Return columns of one number each whose names count on: `emb_0`, `emb_1` and so on.

    Where the names say that they are dimensions, single ones may have been left out, and most values decide.
    """
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for name in names:
        found = _NUMBERED_NAME.fullmatch(name)
        if found is not None and (not found[3].strip(_BLANKS).isalpha() or is_vector_name(found[3].strip(_BLANKS))):
            groups.setdefault((found[1], found[3]), []).append((int(found[2]), name))
    result = []
    for (prefix, behind), members in groups.items():
        named = is_dimension_prefix(prefix) or (not prefix and is_vector_name(behind.strip(_BLANKS)))
        scalar = sorted(member for member in members if _is_number_column(member[1], sample, strict=not named))
        while scalar and all(is_absent(row.get(scalar[-1][1])) for row in sample):
            scalar.pop()  # a separator that ends each row makes an empty column
        if len(scalar) < (LEAST_NAMED_WIDTH if named and prefix else least):
            continue
        numbers = [number for number, _ in scalar]
        whole = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        if not whole and not (named and prefix and len(scalar) >= LEAST_WIDTH):
            continue
        columns = tuple(name for _, name in scalar)
        if named or any(_is_fraction(row.get(name)) for row in sample for name in columns):
            result.append(VectorColumns(columns, len(columns), named))
    return result


def measured_columns(
    names: Sequence[str], sample: Sequence[Mapping[str, Any]], *, whole: bool = False
) -> VectorColumns | None:
    """Return all columns of numbers of a table of measurements, whatever they are called; None for fewer than four.

    Ids, categories and scores are none of them, and one of the numbers at least has a fraction, unless `whole` admits
    whole numbers alone.
    """
    columns = _number_columns(names, sample)
    fraction = whole or any(_is_fraction(row.get(name)) for row in sample for name in columns)
    return (
        VectorColumns(columns, len(columns), False, measured=True)
        if fraction and len(columns) >= LEAST_MEASURED
        else None
    )


def _number_columns(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns of numbers but for ids, categories and scores."""
    others = {*ID_NAMES, *LABEL_NAMES, *SCORE_NAMES, "unnamed: 0"}
    return tuple(
        name
        for name in names
        if name.lower() not in others
        and not name.lower().endswith(_ID_ENDINGS)
        and present_values(name, sample)
        and _is_number_column(name, sample, strict=True)
    )


def _is_number_column(name: str, sample: Sequence[Mapping[str, Any]], *, strict: bool) -> bool:
    """Say whether a column holds a number in each row, or, unless strict, in most of them."""
    present = present_values(name, sample)
    count = sum(map(_is_scalar, present))
    return count == len(present) if strict else count > len(present) / 2 or not present


def _prefix(name: str) -> str:
    return name.rstrip("0123456789")


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return is_number(value)
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_fraction(value: Any) -> bool:
    if isinstance(value, str):
        return is_number(value) and not value.strip().lstrip("+-").isdecimal()
    return isinstance(value, float) and not value.is_integer()


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"
