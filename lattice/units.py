"""Bytes as words. Sizes are decimal: 1 GB = 10^9 bytes."""

from __future__ import annotations

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000


def bytes_text(count: int) -> str:
    """Return a number of bytes with two significant digits at least, such as `8.4 MB` or `136 bytes`."""
    size, unit = float(count), 0
    while round(size) >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    decimals = 0 if unit == 0 or round(size, 1) >= 10 else 1
    return f"{size:.{decimals}f} {_UNITS[unit]}"
