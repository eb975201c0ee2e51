"""Vectors in forms that can't be read: each is refused with the line of code that converts it, never passed over.

Shapes: none; values are as the file holds them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lattice.data.column_names import LABEL_NAMES, is_vector_name
from lattice.data.record_parts import lists_vectors
from lattice.data.text_columns import repeats
from lattice.data.values import Vector, is_number, mostly, text_numbers, vector_of
from lattice.data.vector_columns import LEAST_NAMED_WIDTH, LEAST_WIDTH, measured_columns, place_columns, present_values
from lattice.errors import DataError

_MOST_CLASSES = 100
_BRACKETS = ("[", "(", "{")
_FRACTION = re.compile(r"[-+]?\d+[.,]\d+(?:[eE][-+]?\d+)?")
_ELLIPSIS = re.compile(r",?\s*(?:\.\.\.|\u2026)\s*,?")
_OUTER = re.compile(r"^\s*(?:tensor|array)?\(?\[|\]\)?\s*$|,\s*dtype=\w+\)?\s*$")
"""Around the two halves of a shortened vector."""
_SPARSE = re.compile(r"\{\d+:[^{}]*\}/\d+")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def refuse_unread(source: str, names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> None:
    """Raise `DataError` if a column that is called after vectors holds several of them in a row, or base64.

    Args:
        source: the table, for the message.
        names: the columns that are looked at.
        sample: first rows of the table.
    """
    for name in names:
        values = present_values(name, sample)
        if any(map(lists_vectors, values)):
            raise DataError(
                f"{source}: column {name!r} holds several records with vectors in a row; write one row for each, such "
                f"as with `frame.explode({name!r})`, or encode the texts with --vector-column none"
            )
    for name in filter(is_vector_name, names):
        values = present_values(name, sample)
        several = [vectors for vectors in map(_several, values) if vectors]
        if several and len(several) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds {len(several[0])} vectors of {len(several[0][0])} numbers in a row, "
                "such as one for each token; expected one. Make one of them first, such as their mean "
                "`numpy.mean(row, axis=0)`, or encode the texts with --vector-column none"
            )
        bits = [value for value in values if _is_bits(value)]
        if bits and len(bits) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds {len(bits[0])} truth values in a row, such as binary embeddings; "
                "expected numbers. Convert them first, with `numpy.asarray(row, 'float32') * 2 - 1`, or encode the "
                "texts with --vector-column none"
            )
        sparse = [value for value in values if isinstance(value, str) and _SPARSE.fullmatch(value.strip())]
        if sparse and len(sparse) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds sparse vectors of pgvector, such as {sparse[0][:30]!r}; expected all "
                f"numbers. Export them with `{name}::vector` in the query, or encode the texts with "
                "--vector-column none"
            )
        cut = [value for value in values if isinstance(value, str) and _is_shortened(value)]
        if cut and len(cut) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds {cut[0][:60]!r}: the numbers between were left out when the table "
                "was written. Write it again with whole vectors, such as `[row.tolist() for row in rows]`, or encode "
                "the texts with --vector-column none"
            )
        broken = [value for value in values if isinstance(value, str) and _breaks_off(value)]
        if broken and len(broken) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds vectors that break off, such as {broken[0][:30]!r} to "
                f"{broken[0][-30:]!r}: the cells of Excel hold 32,767 characters. "
                "Write them again from where they come from, in pandas with "
                f"`frame[{name!r}] = frame[{name!r}].map(list)` and `frame.to_parquet('rows.parquet')`, or encode "
                "the texts with --vector-column none"
            )
        numeric = [value for value in values if _is_numeric(value)]
        if numeric and len(numeric) > len(values) / 2:
            raise DataError(
                f"{source}: column {name!r} holds {str(numeric[0])[:60]!r}, which can't be read as a vector; expected "
                "a list of numbers, or a text of them. Write it so, or encode the texts with --vector-column none"
            )
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) > len(values) / 2 and mostly(_is_base64, texts):
            raise DataError(
                f"{source}: column {name!r} holds vectors as base64, and nothing says of which numbers. Convert them "
                "first, such as with `numpy.frombuffer(base64.b64decode(row), 'float32').tolist()`, or encode the "
                "texts with --vector-column none"
            )


def whole_numbers_hint(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str:
    """Return how columns of whole numbers, such as pixels or counts, or ids, are taken for vectors; empty without."""
    measured = measured_columns(names, sample, whole=True)
    if measured is None:
        return ""
    columns, named = measured.names, any(name.lower() in LABEL_NAMES for name in names)
    largest = {name: max(map(float, present_values(name, sample))) for name in columns}
    edges = [
        name
        for name in (columns[0], columns[-1])
        if not named and repeats(name, sample) and largest[name] < min(max(largest.values()) / 2, _MOST_CLASSES)
    ]
    first = next(name for name in columns if name not in edges[:1])
    with_classes = f", and their classes with --label-column {edges[0]!r}" if edges else ""
    return (
        f". Where the numbers of the {len(columns)} columns are vectors, such as pixels or counts, name the first of "
        f"them with --vector-column {first!r}{with_classes}"
    )


def places_hint(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> str:
    """Return how a column of boxes or places is taken for vectors; empty without one."""
    places = place_columns(names, sample)
    if not places:
        return ""
    return f". Where column {places[0]!r} holds vectors, and no places or sizes, name it with --vector-column"


def _is_base64(text: str) -> bool:
    return _BASE64.fullmatch(text) is not None and not is_number(text)


def _is_bits(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(bit, bool) for bit in value)


def _is_numeric(value: Any) -> bool:
    """Say whether a value that is no vector consists of numbers all the same, within whatever stands around them."""
    shown = value if isinstance(value, str) else str(value) if isinstance(value, list | tuple | Mapping) else ""
    numbers = _FRACTION.findall(shown)
    least = LEAST_NAMED_WIDTH if shown[:1] in _BRACKETS else LEAST_WIDTH
    return len(numbers) >= least and vector_of(value) is None and sum(map(len, numbers)) > len(shown) / 3


def _breaks_off(text: str) -> bool:
    """Say whether a text is numbers in brackets of which the last ones are missing."""
    text = text.strip()
    if text[:1] not in _BRACKETS or len(_FRACTION.findall(text)) < LEAST_NAMED_WIDTH:
        return False
    return text[-1] in "0123456789.,-+eE"


def _is_shortened(value: str) -> bool:
    """Say whether a text is numbers with an ellipsis among them, as numpy prints arrays of more than a thousand."""
    parts = _ELLIPSIS.split(value)
    return len(parts) == 2 and all(text_numbers(_OUTER.sub("", part)) is not None for part in parts)


def _several(value: Any) -> list[Vector]:
    """Return the vectors of a list of two or more of them; empty for anything else."""
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__") or len(value) < 2:
        return []
    found = [vector_of(part) if hasattr(part, "__len__") and not isinstance(part, str) else None for part in value]
    vectors = [vector for vector in found if vector is not None]
    return vectors if len(vectors) == len(found) and min(map(len, vectors)) > 1 else []
