"""Vectors from columns of Arrow arrays, without a Python object per number.

Shapes: n rows of a batch, D embedding width.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Remarks
from lattice.data.readers.row_layout import RowLayout
from lattice.data.readers.row_values import NO_VECTOR, row_vector
from lattice.data.readers.rows import RowReader
from lattice.data.values import to_float32
from lattice.data.vector_columns import VectorColumns
from lattice.errors import DataError

Matrix = np.ndarray[Any, np.dtype[Any]]


class ArrowRows(RowReader):
    """Rows that come as matrices, one batch after the other."""

    def __init__(self, layout: RowLayout, meter: ReadMeter, batches: Generator[Matrix], first: int = 0) -> None:
        """Hand out the rows of matrices [n, D] of the layout's type, which begin with row `first` of the file."""
        super().__init__(layout, meter)
        self._batches, self.position = batches, first
        self._held: Matrix = np.empty((0, layout.width))

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        target, done = out.numpy(), 0
        while done < len(target):
            if not len(self._held):
                piece = next(self._batches, None)
                if piece is None:
                    raise DataError(
                        f"{self.layout.path} ends after {row + done} of {self.layout.count} rows; it is truncated or "
                        "still being written. Copy or make it again"
                    )
                self._held = piece
            part = self._held[: len(target) - done]
            target[done : done + len(part)] = part
            self._held = self._held[len(part) :]
            done += len(part)

    def close(self) -> None:
        """Close the file."""
        self._batches.close()


def number_type(kind: Any) -> torch.dtype:
    """Return the type in which vectors of an Arrow type are stored: that of their numbers where it is of floats."""
    import pyarrow as pa

    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif hasattr(kind, "value_type"):
            kind = kind.value_type
        else:
            break
    if pa.types.is_float16(kind):
        return torch.float16
    return torch.float64 if pa.types.is_float64(kind) else torch.float32


def column_of(batch: Any, name: str) -> Any:
    """Return a column of a batch; `outer.inner` is a part of a column of structures, or of lists of one structure."""
    import pyarrow as pa
    import pyarrow.compute as pc

    outer, _, inner = name.partition(".")
    if name in batch.schema.names:
        column = batch.column(name)
    else:
        column = batch.column(outer)
        for part in _path(column.type, inner):
            column = pc.struct_field(_only_items(column), part)
    while isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def inner_type(kind: Any, name: str) -> Any:
    """Return the type of a part of a structure; `outer.inner` is a part of a structure within it."""
    for part in _path(kind, name):
        kind = _item_type(kind).field(part).type
    return kind


def _path(kind: Any, name: str) -> list[str]:
    """Return the names that lead to a part of a structure; a name may hold points of its own."""
    kind = _item_type(kind)
    if kind.get_field_index(name) >= 0:
        return [name]
    outer, _, inner = name.partition(".")
    return [outer, *_path(kind.field(outer).type, inner)]


def _item_type(kind: Any) -> Any:
    return kind.value_type if _is_list(kind) else kind


def _only_items(column: Any) -> Any:
    """Return the one item of each list of a column, missing where there is not just one; other columns as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_list(column.type):
        return column
    counts = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return column.flatten().take(pa.array(np.cumsum(counts) - 1, mask=counts != 1))


def matrix_of(batch: Any, vectors: VectorColumns, where: str, first_row: int, remarks: Remarks) -> Matrix:
    """Return the vectors of a batch as a matrix [n, D]; missing ones become not-a-number.

    Args:
        batch: an Arrow record batch.
        vectors: the columns.
        where: the file, for messages.
        first_row: number of the batch's first row in the file, counted from 1.
        remarks: counts missing vectors.

    Raises:
        DataError: a vector has another width than the others, or is none.
    """
    import pyarrow as pa

    if len(vectors.names) > 1:
        return np.stack([_numbers(column_of(batch, name)) for name in vectors.names], axis=1)
    column = column_of(batch, vectors.names[0])
    if not _is_list(column.type):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            return _from_texts(column, vectors, where, first_row, remarks)
        raise DataError(f"{where}: {vectors.title} holds {column.type}, expected lists of numbers")
    if _is_full(column, vectors.width):
        return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), vectors.width)  # type: ignore[no-any-return]
    counts, values = _flat_lists(column)
    right = counts == vectors.width
    if right.all():
        return _numbers(values).reshape(len(column), vectors.width)
    odd = np.flatnonzero(~right & (counts != 0))
    if len(odd):
        raise DataError(
            f"{where} row {first_row + int(odd[0])}: {vectors.title} holds {int(counts[odd[0]])} numbers, expected "
            f"{vectors.width} as in the other rows; mend the row or leave it out"
        )
    for row in np.flatnonzero(~right):
        remarks.add(NO_VECTOR, f"{where} row {first_row + int(row)}")
    numbers = _numbers(values)
    whole = np.full((len(column), vectors.width), np.nan, dtype=numbers.dtype)
    whole[right] = numbers.reshape(-1, vectors.width)
    return whole


def _is_list(kind: Any) -> bool:
    import pyarrow.types as types

    whole = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(whole or types.is_list_view(kind) or types.is_large_list_view(kind))


def _is_full(column: Any, width: int) -> bool:
    """Say whether a column holds lists of `width` floats each and lacks none, as nearly all batches do.

    Their ends say so by themselves, without the calls into Arrow for which threads wait for Python's lock.
    """
    import pyarrow as pa

    if not isinstance(column, pa.ListArray) or column.null_count or column.values.null_count:
        return False
    if not (pa.types.is_float32(column.type.value_type) or pa.types.is_float64(column.type.value_type)):
        return False
    ends = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return bool((np.diff(ends) == width).all())


def _flat_lists(column: Any) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Any]:
    """Return how many numbers each list holds, 0 for a missing one, and all numbers; lists of one list are opened."""
    import pyarrow.compute as pc

    counts = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    values = column.flatten()
    while _is_list(values.type):
        inner, values = _flat_lists(values)
        ends = np.cumsum(counts)
        sums = np.concatenate([[0], np.cumsum(inner)])
        counts = sums[ends] - sums[ends - counts]
    return counts, values


def _numbers(values: Any) -> Matrix:
    """Return numbers as floats in numpy; texts of numbers and whole numbers become float32."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = pc.cast(pc.if_else(pc.equal(pc.utf8_trim_whitespace(values), ""), None, values), pa.float64())
    if pa.types.is_decimal(values.type):
        values = pc.cast(values, pa.float64())
        return to_float32(values.to_numpy(zero_copy_only=False))  # type: ignore[no-any-return]
    numbers: Matrix = values.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(values.type) and numbers.dtype.kind == "f":
        return numbers
    return to_float32(numbers.astype(np.float64))  # type: ignore[no-any-return]


def _from_texts(column: Any, vectors: VectorColumns, where: str, first_row: int, remarks: Remarks) -> Matrix:
    name = vectors.names[0]
    rows = (
        row_vector(f"{where} row {row}", vectors, {name: text or None}, remarks)
        for row, text in enumerate(column.to_pylist(), first_row)
    )
    return np.stack(list(rows))
