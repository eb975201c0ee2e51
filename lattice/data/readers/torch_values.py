"""What the values of a torch file are, once they are loaded: rows, columns of them, or vectors by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from lattice.data.column_names import NUMBERED
from lattice.data.columns import text_beside
from lattice.data.readers.tensor_batches import columns_of_batches
from lattice.data.requested_columns import Columns
from lattice.data.text_columns import guess_label, is_category, is_constant

_MOST_PARTS = 8
"""Parts of a row that is a tuple."""
_PEEK = 20
"""Rows by which it is told what belongs to the vectors."""
_MOST_LEVELS = 6
"""Dicts within dicts that are opened; one that holds itself has no end."""


def as_columns(loaded: Any) -> Any:
    """Return records as columns, a tensor with its texts in a tuple by name, and a dict within a dict by itself."""
    for _ in range(_MOST_LEVELS):
        if isinstance(loaded, dict) and len(loaded) == 1 and isinstance(inner := next(iter(loaded.values())), dict):
            loaded = inner
    if isinstance(loaded, dict) and len(loaded) > 1 and _are_records(list(loaded.values())):
        return {"ids": list(map(str, loaded)), **as_columns(list(loaded.values()))}
    if not isinstance(loaded, list | tuple) or not loaded:
        return loaded
    if all(isinstance(row, list | tuple) and 2 <= len(row) <= _MOST_PARTS for row in loaded):
        columns = _columns(loaded)
        loaded = columns or loaded
    records: list[dict[Any, Any]] = [record for record in loaded if isinstance(record, dict)]
    if len(records) == len(loaded) and all(record.keys() == records[0].keys() for record in records):
        return {str(name): [record[name] for record in records] for name in records[0]}
    tables = [part for part in loaded if isinstance(part, Tensor) and part.dim() == 2]
    texts = [
        list(part) for part in loaded if isinstance(part, list | tuple) and isinstance(next(iter(part), None), str)
    ]
    labels = [part for part in loaded if isinstance(part, Tensor) and part.dim() == 1]
    others = [part for part in loaded if isinstance(part, dict | str | int | float | None)]
    if len(tables) == 1 and len(tables) + len(texts) + len(labels) + len(others) == len(loaded):
        even = len(texts) > 1 and len(set(map(len, texts))) == 1
        told = _named(texts, labelled=bool(labels)) if even else _counted("texts", texts)
        named = {"embeddings": tables[0], **told, **_counted("labels", labels, alone="labels" not in told)}
        return named | {f"part {number}": part for number, part in enumerate(others, 1) if part is not None}
    return loaded


def _are_records(values: list[Any]) -> bool:
    """Say whether all values are dicts of the same names, each with one vector: records by id, and no splits."""
    if not all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values):
        return False
    return any(are_vectors(value[name] for value in values) for name in values[0])


def _counted(name: str, parts: Sequence[Any], *, alone: bool = True) -> dict[str, Any]:
    """Return parts by name; of several it can't be told which is meant, so they are numbered."""
    if alone and len(parts) == 1:
        return {name: parts[0]}
    return {f"{name} {number}": part for number, part in enumerate(parts, 1)}


def _columns(rows: Sequence[Any]) -> dict[str, list[Any]] | None:
    """Return rows that are tuples of a vector and what belongs to it as columns by name; None for other rows."""
    if len({len(row) for row in rows}) != 1 or len(rows) < 2:
        return None
    columns = [list(column) for column in zip(*rows, strict=True)]
    batches = columns_of_batches(columns)
    if batches is not None:
        tables, lists, labels = batches
        return {"embeddings": tables, **(_named(lists) if lists else {}), **_counted("labels", labels)}
    vectors = [column for column in columns if are_vectors(column)]
    if len(vectors) != 1:
        return None
    others = [column for column in columns if column is not vectors[0]]
    return {"embeddings": vectors[0], **_named(others)}


def _named(columns: Sequence[list[Any]], *, labelled: bool = False) -> dict[str, list[Any]]:
    """Name what belongs to vectors by what it holds: the longest texts, a category that repeats, and ids.

    Without numbers and unless `labelled` beside these columns, words that stay the same are the category: rows may be
    sorted by it.
    """
    by_name = {NUMBERED.format(place): column for place, column in enumerate(columns, 1)}
    sample = [{name: column[row] for name, column in by_name.items()} for row in range(min(_PEEK, len(columns[0])))]
    words = [name for name, column in by_name.items() if isinstance(column[0], str)]
    can_be_label = [name for name in by_name if len(words) > 1 or name not in words]
    label = guess_label(can_be_label, sample, header=False)
    if label is None and not labelled and len(words) == len(by_name):
        label = next((name for name in words if is_constant(name, sample) and is_category(name, sample)), None)
    text, is_id = text_beside(Columns(), [name for name in by_name if name != label], sample)
    named: dict[str, list[Any]] = {}
    for name, column in sorted(by_name.items(), key=lambda part: part[0] not in (text, label)):
        if name in (text, label):
            what = "labels" if name == label else "ids" if is_id else "texts"
        else:
            what = "labels" if name not in words else "texts" if text is None and label not in words else "ids"
        named[what if what not in named else f"{what} {len(named)}"] = column
    return named


def are_vectors(values: Iterable[Any]) -> bool:
    """Say whether all values are vectors, as tensors of one shape."""
    found = list(values)
    if not found or not all(isinstance(value, Tensor) for value in found):
        return False
    shapes = {tuple(value.shape) for value in found}
    return len(shapes) == 1 and len(found) > 1 and math.prod(shape := shapes.pop()) == (shape[-1] if shape else 0)


def are_lists(values: list[Any]) -> bool:
    """Say whether all values are lists of numbers."""
    return bool(values) and all(
        isinstance(value, list) and value and all(isinstance(number, int | float) for number in value)
        for value in values
    )
