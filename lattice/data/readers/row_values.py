"""What one row of a table gives: its text, its category, its name and its vector, or the reason why it can't.

Shapes: D embedding width.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from lattice.data.missing_marks import is_missing_mark
from lattice.data.readers.records import Remarks, cleaned, label_text
from lattice.data.text_columns import strings_of
from lattice.data.values import Vector, is_absent, vector_of
from lattice.data.vector_columns import VectorColumns
from lattice.errors import DataError

LabelNames = Mapping[str, Sequence[str]]
"""Column -> names that its whole numbers stand for."""
NO_VECTOR = "no vector; they are dropped as not finite"


def text_at(
    where: str, column: str, record: Mapping[str, Any], remarks: Remarks, marked: Collection[str] = ()
) -> str | None:
    """Return a row's text, None if it has none; raises `DataError` for anything that is no text.

    A mark of a missing text counts as none, unless the column is among those that mostly hold such, `marked`.
    """
    value = record.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        several = strings_of(value)
        if not several:
            raise DataError(f"{where}: column {column!r} holds {type(value).__name__}, expected a text")
        value = several[0]
    text = cleaned(value, where, remarks)
    if text is not None and is_missing_mark(text) and column not in marked:
        what = f"a mark of a missing value in column {column!r}, dropped as no text"
        remarks.add(what, f"{where}: {text!r}")
        return None
    return text


def holds_marks(column: str, records: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether most texts of a column are marks of a missing one, so that they may be what it is about."""
    texts = [value.strip() for record in records if isinstance(value := record.get(column), str) and value.strip()]
    return 2 * sum(map(is_missing_mark, texts)) > len(texts)


def label_at(where: str, column: str | None, record: Mapping[str, Any], labels: LabelNames, remarks: Remarks) -> str:
    """Return a row's category, empty if it has none."""
    if column is None:
        return ""
    return cleaned(label_text(record.get(column), labels.get(column)), where, remarks) or ""


def name_at(where: str, column: str, record: Mapping[str, Any], remarks: Remarks) -> str | None:
    """Return what stands beside a row's vector as text: a text, or whatever names the row."""
    value = record.get(column)
    value = next(iter(strings_of(value)), value)
    return None if value is None else cleaned(value if isinstance(value, str) else label_text(value), where, remarks)


def row_vector(where: str, vectors: VectorColumns, record: Mapping[str, Any], remarks: Remarks) -> Vector:
    """Return a row's vector [D]; a missing one becomes not-a-number, so that the row is dropped and counted.

    Raises:
        DataError: it has another width than the others, or is no vector.
    """
    if len(vectors.names) > 1:
        value: Any = [_number(where, name, record.get(name)) for name in vectors.names]
    else:
        value = record.get(vectors.names[0])
    vector = None if value is None else vector_of(value)
    if vector is not None and len(vector) == vectors.width:
        return vector
    if is_absent(value):
        remarks.add(NO_VECTOR, where)
        return np.full(vectors.width, np.nan, dtype=np.float32)
    got = f"a {type(value).__name__} {str(value)[:30]!r}" if vector is None else f"{len(vector)} numbers"
    raise DataError(
        f"{where}: {vectors.title} holds {got}, expected {vectors.width} numbers as in the other rows; "
        "mend the row or leave it out"
    )


def _number(where: str, column: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        if is_absent(value):
            return float("nan")
        raise DataError(f"{where}: column {column!r} holds {str(value)[:40]!r}, expected a number") from None
