"""Bounds on what a file of data may ask for: checked by what the file says of itself, before memory is taken.

The limits and their reasons are in `lattice/limits.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sized
from pathlib import Path
from typing import TypeVar

import psutil

from lattice.data.readers.counted import ReadMeter
from lattice.errors import DataError
from lattice.limits import (
    HOST_RESERVE_SHARE,
    MAX_COLUMNS,
    MAX_FREE_UNPACKED_BYTES,
    MAX_UNPACK_RATIO,
    MAX_UNPACKED_BYTES,
)
from lattice.units import bytes_text

T = TypeVar("T")

_BYTES_BETWEEN_LOOKS = 64 << 20


def check_columns(name: object, columns: Sized) -> None:
    """Raise `DataError` for a table of more columns than any table of texts has."""
    if len(columns) > MAX_COLUMNS:
        raise DataError(
            f"{name} has {len(columns):,} columns, expected at most {MAX_COLUMNS:,}; save the columns of texts alone"
        )


def check_unpacked(path: Path, what: str, packed: int, unpacked: int) -> None:
    """Raise `DataError` for compressed data that would take far more memory than what they hold can be worth.

    Args:
        path: the file.
        what: is compressed in it.
        packed: its bytes in the file.
        unpacked: its bytes in memory, as the file states them.
    """
    if unpacked <= MAX_FREE_UNPACKED_BYTES:
        return
    if unpacked > MAX_UNPACK_RATIO * max(packed, 1):
        raise DataError(
            f"{path}: {what} would unpack from {bytes_text(packed)} to {bytes_text(unpacked)}, more than "
            f"{MAX_UNPACK_RATIO} times as much; such data hold next to nothing. Save them uncompressed to use them"
        )


def check_piece(path: Path, what: str, unpacked: int) -> None:
    """Raise `DataError` for data that can only be unpacked in one piece, and would take too much memory."""
    if unpacked > MAX_UNPACKED_BYTES:
        raise DataError(
            f"{path}: {what} takes {bytes_text(unpacked)} in one piece, expected at most "
            f"{bytes_text(MAX_UNPACKED_BYTES)}; write the file with smaller row groups"
        )


def within_memory(rows: Iterable[T], name: str, meter: ReadMeter) -> Generator[T]:
    """Yield rows that the caller keeps; raise `DataError` before they fill the computer's memory."""
    look_at = meter.bytes + _BYTES_BETWEEN_LOOKS
    for row in rows:
        if meter.bytes >= look_at:
            look_at = meter.bytes + _BYTES_BETWEEN_LOOKS
            memory = psutil.virtual_memory()
            if memory.available < HOST_RESERVE_SHARE * memory.total / 2:
                raise DataError(
                    f"{name}: after {meter.rows:,} rows only {bytes_text(memory.available)} of memory are free; "
                    "set training_embedding.max_total_samples, or split the file"
                )
        yield row
