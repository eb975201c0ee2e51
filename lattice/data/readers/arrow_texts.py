"""Texts from columns of Arrow arrays, without a Python object per row."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from lattice.data.readers.columnar import ColumnarFile
from lattice.data.texts import PackedTexts

_BATCH_ROWS = 1 << 13


def packed_texts(file: ColumnarFile, column: str, limit: int) -> PackedTexts:
    """Return the first `limit` texts of a column without white space around them; missing ones are empty.

    Raises:
        DataError: the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    parts, left = [], limit
    with contextlib.closing(file.batches([column], min(_BATCH_ROWS, limit))) as batches:
        for batch in batches:
            texts = pc.fill_null(pc.utf8_trim_whitespace(batch.column(column)), "")
            parts.append(pc.cast(texts, pa.large_string()).slice(0, left))
            left -= len(parts[-1])
            if left <= 0:
                break
    whole = pa.concat_arrays(parts) if parts else pa.array([], pa.large_string())
    _, offsets, letters = whole.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    utf8 = np.frombuffer(letters or b"", dtype=np.uint8)[int(ends[0]) : int(ends[-1])]
    return PackedTexts(utf8, ends[1:] - ends[0])


def holds_texts(kind: Any) -> bool:
    """Say whether a type of Arrow is that of texts, of nothing, or of lists of them."""
    import pyarrow as pa

    if hasattr(kind, "value_type"):
        return holds_texts(kind.value_type)
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return any(test(kind) for test in tests)


def holds_bytes(kind: Any) -> bool:
    """Say whether a type of Arrow is that of raw bytes, or of what holds them."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return holds_bytes(kind.storage_type)
    if pa.types.is_struct(kind):
        return any(holds_bytes(kind.field(place).type) for place in range(kind.num_fields))
    if hasattr(kind, "value_type"):
        return holds_bytes(kind.value_type)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
