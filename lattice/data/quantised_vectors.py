"""Vectors of whole numbers of one byte, whose scale is missing: refused with the line of code that converts them.

Shapes: none; values are as the file holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lattice.data.values import vector_of
from lattice.data.vector_columns import VectorColumns, is_whole_vector, present_values
from lattice.errors import DataError

BYTE_RANGE = (-128, 255)
"""Whole numbers in this range may be quantised, so that their scale is missing."""
_NAMES = ("int8", "uint8", "binary", "ubinary")
"""How services call them."""


def refuse_quantised(source: str, vectors: VectorColumns, sample: Sequence[Mapping[str, Any]]) -> None:
    """Raise `DataError` if the vectors of one column are bytes, quantised without their scale."""
    if len(vectors.names) > 1:
        return
    name = vectors.names[0]
    values = present_values(name, sample)
    found = [vector for vector in map(vector_of, values) if vector is not None]
    if not all(map(is_whole_vector, values, map(vector_of, values))):
        return
    numbers = [number for vector in found for number in vector.tolist()]
    in_range = all(BYTE_RANGE[0] <= number <= BYTE_RANGE[1] for number in numbers)
    if numbers and (in_range or name.rpartition(".")[2] in _NAMES) and len(set(numbers)) > 2:
        raise DataError(f"{source}: column {name!r} {quantised_text()}")


def quantised_text(load: str = "rows = [record[column] for record in records]") -> str:
    """Return what to do about whole numbers in place of floats, with the line of code that converts."""
    return (
        "holds whole numbers of one byte: quantised vectors, whose scale is missing. Convert them first, int8 with "
        f"`numpy.save('rows.npy', numpy.array(rows, 'float32') / 127)`, packed bits with `numpy.save('rows.npy', "
        f"numpy.unpackbits(numpy.array(rows, 'uint8'), axis=1) * 2.0 - 1)`, after `{load}`"
    )
