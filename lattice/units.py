"""Bytes and times as words. Sizes are decimal: 1 GB = 10^9 bytes."""

from __future__ import annotations

import math

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000


def bytes_text(count: int) -> str:
    """Return a number of bytes with two significant digits at least, such as `8.4 MB` or `136 bytes`."""
    size, unit = float(count), 0
    while round(size) >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    decimals = 0 if unit == 0 or round(size, 1) >= 10 else 1
    return f"{size:.{decimals}f} {_UNITS[unit]}"


def milliseconds_text(milliseconds: float) -> str:
    """Return a time with two significant digits, such as `1.2 ms`, `2,900 ms` or `under 0.001 ms`."""
    if milliseconds < 0.001:
        return "under 0.001 ms"
    decimals = max(0, 1 - math.floor(math.log10(milliseconds)))
    return f"{round(milliseconds, 1 - math.floor(math.log10(milliseconds))):,.{decimals}f} ms"
