"""Texts from columns of Arrow arrays, without a Python object per row."""

from __future__ import annotations

import contextlib

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
