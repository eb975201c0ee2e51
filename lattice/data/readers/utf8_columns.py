"""Texts in columns of bytes: older programs write texts to parquet without noting that they are any."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lattice.data.column_names import is_vector_name
from lattice.errors import DataError

LOOKED_AT = 64
"""Rows by which a column is told."""
_BLANKS = "\t\n\r"


def candidates(schema: Any) -> list[str]:
    """Return the columns of bytes that may hold texts; numbers can't be told from texts, so a name for them counts."""
    import pyarrow.types as types

    return [
        entry.name
        for entry in schema
        if (types.is_binary(entry.type) or types.is_large_binary(entry.type)) and not is_vector_name(entry.name)
    ]


def text_columns(names: Iterable[str], batch: Any) -> list[str]:
    """Return those columns of a batch whose values all are texts in UTF-8, with something in one of them."""
    return [name for name in names if _are_texts(batch.column(name).drop_null().to_pylist())]


def with_texts(batch: Any, names: Iterable[str], path: Path) -> Any:
    """Return a batch whose columns of those names have the type of texts; it need not hold all of them.

    Raises:
        DataError: a value is none.
    """
    import pyarrow as pa

    for name in names:
        place = batch.schema.get_field_index(name)
        if place < 0:
            continue
        try:
            texts = batch.column(place).cast(pa.large_string())
        except pa.ArrowInvalid:
            raise DataError(
                f"{path}: column {name!r} begins with texts in UTF-8, but a later row holds other bytes; "
                "name the column that is meant with --text-column"
            ) from None
        batch = batch.set_column(place, pa.field(name, texts.type), texts)
    return batch


def _are_texts(values: list[bytes]) -> bool:
    try:
        texts = [value.decode() for value in values]
    except UnicodeDecodeError:
        return False
    return any(texts) and all(letter >= " " or letter in _BLANKS for text in texts for letter in text)
