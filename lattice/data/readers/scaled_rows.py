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

_SCALE = re.compile(r"(?:.*[_\-. ])?scales?(?:[_\-. ]?factors?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:.*[_\-. ])?(?:offsets?|zero[_\-. ]?points?|minimum)", re.IGNORECASE)
_RANGES = "ranges"
"""Smallest and largest value of each column [2, D], as sentence-transformers quantises with them."""
_STEPS = 255


def is_scale(name: str) -> bool:
    """Say whether an array is called as what quantised ones are multiplied with, or what is added to them."""
    return name == _RANGES or any(pattern.fullmatch(name) for pattern in (_SCALE, _OFFSET))


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
        beside: name -> what reads the array, for all others.

    Raises:
        DataError: the scale has another shape than one number, one for each row or one for each column.
    """
    scale, offset = _first(_SCALE, beside), _first(_OFFSET, beside)
    numbers = values.astype(np.float32)
    if scale is None and _RANGES in beside:
        low, high = _both(path, beside[_RANGES](), numbers.shape[1])
        lifted = numbers + np.float32(128) if values.dtype.kind == "i" else numbers
        return np.ascontiguousarray(lifted * ((high - low) / np.float32(_STEPS)) + low, dtype=np.float32)
    if scale is None:
        return None
    try:
        factor = _by_row(beside[scale](), len(numbers))
        shift = _by_row(np.zeros(1) if offset is None else beside[offset](), len(numbers))
        rows_SD = numbers * factor + shift if offset == "minimum" else (numbers - shift) * factor
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: {scale} does not fit {name} ({error}); give one number a column") from None
    return np.ascontiguousarray(rows_SD, dtype=np.float32)


def _first(pattern: re.Pattern[str], names: Iterable[str]) -> str | None:
    return next((name for name in names if pattern.fullmatch(name)), None)


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
