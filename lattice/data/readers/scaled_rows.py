"""Quantised rows multiplied by the scale that lies beside them in an archive.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.column_names import VECTOR_NAMES
from lattice.errors import DataError

Array = np.ndarray[Any, Any]

_SCALE = re.compile(r"(?:(.*)[_\-. ])?scales?(?:[_\-. ]?factors?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:(.*)[_\-. ])?(?:offsets?|zero[_\-. ]?points?|minimum)", re.IGNORECASE)
"""Each with the words before, which say of which table it is."""
_PARTED, _MINIMUM = re.compile(r"[_\-. /]+"), "minimum"
_RANGES = "ranges"
"""Smallest and largest value of each column [2, D], as sentence-transformers quantises with them."""
_STEPS = 255


def is_scale(name: str) -> bool:
    """Say whether an array is called as what quantised ones are multiplied with, or what is added to them."""
    return name == _RANGES or any(pattern.fullmatch(name) for pattern in (_SCALE, _OFFSET))


def scales_of(table: str, names: Iterable[str]) -> list[str]:
    """Return what belongs to a quantised table among the arrays of its archive: its scale and offset, or its ranges.

    Where words stand before `scale` and the like, they are the table's name or words of it; one with such words is
    taken before one without.
    """
    names = [name for name in names if name != table]
    scale = _own(_SCALE, table, names)
    if scale is None:
        return [_RANGES] if _RANGES in names else []
    offset = _own(_OFFSET, table, names)
    return [scale] if offset is None else [scale, offset]


def likely_tables(tables: Sequence[str], floats: Sequence[str]) -> list[str]:
    """Return which tables of an archive can hold the embeddings: those of floats, unless others are called so."""
    named = [name for name in tables if name.lower() in VECTOR_NAMES]
    plain = [name for name in floats if not is_scale(name)]
    return named if named and not set(named) & set(floats) else plain or list(floats or tables)


def scaled(path: Path, name: str, values: Array, beside: Mapping[str, Callable[[], Array]]) -> Array | None:
    """Return rows of whole numbers [S, D] as float32, by the scale among the arrays beside them; None without one.

    Args:
        path: the archive, for messages.
        name: the quantised array.
        values: what it holds.
        beside: name -> what reads the array, for those that `scales_of` returns, in its order.

    Raises:
        DataError: the scale has another shape than one number, one for each row or one for each column.
    """
    if not beside:
        return None
    numbers = values.astype(np.float32)
    scale, *others = beside
    offset = next(iter(others), None)
    if scale == _RANGES:
        low, high = _both(path, beside[_RANGES](), numbers.shape[1])
        lifted = numbers + np.float32(128) if values.dtype.kind == "i" else numbers
        return np.ascontiguousarray(lifted * ((high - low) / np.float32(_STEPS)) + low, dtype=np.float32)
    try:
        factor = _by_row(beside[scale](), len(numbers))
        shift = _by_row(np.zeros(1) if offset is None else beside[offset](), len(numbers))
        added = offset is not None and offset.lower().endswith(_MINIMUM)
        rows_SD = numbers * factor + shift if added else (numbers - shift) * factor
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: {scale} does not fit {name} ({error}); give one number a column") from None
    return np.ascontiguousarray(rows_SD, dtype=np.float32)


def _own(pattern: re.Pattern[str], table: str, names: Iterable[str]) -> str | None:
    """Return the array of a kind that belongs to a table, None if there is none."""
    own, found = _words(table), {}
    for name in names:
        match = pattern.fullmatch(name)
        if match is not None and _words(match[1] or "") <= own:
            found[name] = len(_words(match[1] or ""))
    return max(found, key=found.__getitem__, default=None)


def _words(name: str) -> set[str]:
    return {word.removesuffix("s") for word in _PARTED.split(name.lower()) if word}


def _both(path: Path, ranges: Array, width: int) -> tuple[Array, Array]:
    if ranges.shape != (2, width):
        raise DataError(
            f"{path}: {_RANGES} has shape {list(ranges.shape)}, expected {[2, width]}: the smallest and the largest "
            "value of each column"
        )
    return ranges[0].astype(np.float32), ranges[1].astype(np.float32)


def _by_row(numbers: Array, count: int) -> Array:
    """Return scales as float32, as a column where there is one for each row and not one for each column."""
    numbers = numbers.astype(np.float32)
    return numbers.reshape(-1, 1) if numbers.shape == (count,) else numbers
