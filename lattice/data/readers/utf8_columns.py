"""Texts in columns of bytes: older programs write texts to parquet without noting that they are any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lattice.data.column_names import SENTENCE_NAMES, is_vector_name

LOOKED_AT = 64
"""Rows by which a column is told."""
_BLANKS = "\t\n\r"


def candidates(schema: Any) -> list[str]:
    """Return the columns of bytes that may hold texts; numbers can't be told from texts, so a name for them counts.

    Beside columns of strings only those that are called as texts are, and none if one of the strings is called so.
    """
    import pyarrow.types as types

    strings = [entry.name.lower() for entry in schema if _holds_strings(entry.type)]
    found = [
        entry.name
        for entry in schema
        if (types.is_binary(entry.type) or types.is_large_binary(entry.type)) and not is_vector_name(entry.name)
    ]
    if not strings:
        return found
    called_so = [] if SENTENCE_NAMES.intersection(strings) else found
    return [name for name in called_so if name.lower() in SENTENCE_NAMES]


def text_columns(names: Iterable[str], batch: Any) -> list[str]:
    """Return those columns of a batch whose values all are texts in UTF-8, with something in one of them."""
    return [name for name in names if _are_texts(batch.column(name).drop_null().to_pylist())]


def with_texts(batch: Any, names: Iterable[str], remark: Callable[[str, int], None] = lambda name, row: None) -> Any:
    """Return a batch whose columns of those names have the type of texts; it need not hold all of them.

    Args:
        batch: a record batch, or a table.
        names: columns of bytes.
        remark: is told a column and a row of the batch, from 0, in which U+FFFD stands for bytes that are no UTF-8.
    """
    import pyarrow as pa

    for name in names:
        place = batch.schema.get_field_index(name)
        if place < 0:
            continue
        try:
            texts = batch.column(place).cast(pa.large_string())
        except pa.ArrowInvalid:
            values = batch.column(place).to_pylist()
            decoded = [None if value is None else value.decode("utf-8", "replace") for value in values]
            for row, (value, text) in enumerate(zip(values, decoded, strict=True)):
                if text is not None and text.encode() != value:
                    remark(name, row)
            texts = pa.array(decoded, pa.large_string())
        batch = batch.set_column(place, pa.field(name, texts.type), texts)
    return batch


def _holds_strings(kind: Any) -> bool:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        return _holds_strings(kind.value_type)
    return any(test(kind) for test in (types.is_string, types.is_large_string, types.is_string_view))


def _are_texts(values: list[bytes]) -> bool:
    try:
        texts = [value.decode() for value in values]
    except UnicodeDecodeError:
        return False
    return any(texts) and all(letter >= " " or letter in _BLANKS for text in texts for letter in text)
