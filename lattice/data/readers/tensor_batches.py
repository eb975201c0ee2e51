"""Tables that a torch file holds in batches, one after the other, as a loop over a data loader collects them.

Shapes: B batches, n rows of a batch, D embedding width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from torch import Tensor

from lattice.data.readers.row_layout import two_sides

_COUNTED = re.compile(r"(.*?)(\d+)")


def are_batches(values: Iterable[Any]) -> bool:
    """Say whether all values are tables [n, D] of one width and type, all of one length but for a shorter last one."""
    found = list(values)
    if not are_tables(found):
        return False
    shapes = [two_sides(tuple(table.shape)) for table in found]
    full, last = shapes[0][0], shapes[-1][0]
    same = len({(shape[1], table.dtype) for shape, table in zip(shapes, found, strict=True)}) == 1
    return same and all(shape[0] == full for shape in shapes[:-1]) and 0 < last <= full


def are_tables(values: Sequence[Any]) -> bool:
    """Say whether all of several values are tensors with two sides."""
    return len(values) > 1 and all(
        isinstance(value, Tensor) and len(two_sides(tuple(value.shape))) == 2 for value in values
    )


def are_counted(names: Iterable[Any]) -> bool:
    """Say whether the names of a dict count on, as `0`, `1` or `batch_0`, `batch_1`, so that it is a list."""
    found = [_COUNTED.fullmatch(str(name)) for name in names]
    if not found or any(part is None for part in found):
        return False
    parts = [(part[1], int(part[2])) for part in found if part is not None]
    first = parts[0][1]
    return parts == [(parts[0][0], first + place) for place in range(len(parts))]


def flattened(sizes: Sequence[int], parts: Sequence[Any]) -> list[Any] | None:
    """Return lists that belong to batches of these sizes as one; None for anything else."""
    if len(parts) != len(sizes) or not all(isinstance(part, list | tuple) for part in parts):
        return None
    return list(chain.from_iterable(parts)) if [len(part) for part in parts] == list(sizes) else None


class BatchColumns(NamedTuple):
    """Columns whose values are batches."""

    tables: list[Tensor]
    lists: list[list[Any]]
    """Lists of texts beside the tables, one value a row."""
    labels: list[list[Tensor]]
    """Lists of labels beside them, one tensor a batch."""


def columns_of_batches(columns: Sequence[Sequence[Any]]) -> BatchColumns | None:
    """Return columns as batches of one table with what lies beside it; None where not just one column holds such."""
    tables = [list(column) for column in columns if are_batches(column)]
    if len(tables) != 1:
        return None
    sizes = [two_sides(tuple(table.shape))[0] for table in tables[0]]
    lists = [held for column in columns if (held := flattened(sizes, column)) is not None]
    return BatchColumns(tables[0], lists, [list(column) for column in columns if are_labels(sizes, column)])


def are_labels(sizes: Sequence[int], parts: Sequence[Any]) -> bool:
    """Say whether values are lists of whole numbers, as tensors, that belong to batches of these sizes."""
    whole = all(isinstance(part, Tensor) and part.dim() == 1 and not part.is_floating_point() for part in parts)
    return whole and [len(part) for part in parts] == list(sizes)
