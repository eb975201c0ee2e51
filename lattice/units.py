"""Numbers as words with units, in two or three significant digits.

Sizes are decimal: 1 GB = 10^9 bytes, as on a graphics card's box.
"""

from __future__ import annotations

import math

_BYTE_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_COUNT_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
MINUTE = 60
HOUR = 3600
DAY = 86400


def significant(value: float, digits: int = 3) -> str:
    """Return `value` with that many significant digits, without exponent where it stays readable."""
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "not a number"
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent >= 6 or exponent < -4:
        mantissa, power = f"{rounded:.{digits - 1}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(power)}"
    return f"{rounded:,.{max(digits - 1 - exponent, 0)}f}"


def bytes_text(count: float, digits: int = 2) -> str:
    """Return a number of bytes, such as `1.2 GB`; at least as many digits as the whole part has."""
    size, unit = float(count), 0
    while abs(round(size)) >= 1000 and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    if unit == 0:
        return "1 byte" if size == 1 else f"{size:.0f} bytes"
    whole = len(str(int(abs(size))))
    return f"{significant(size, max(digits, whole))} {_BYTE_UNITS[unit]}"


def bytes_of_text(used: float, total: float) -> str:
    """Return a part of a whole in the whole's unit, such as `1.2 of 24 GB`."""
    size, unit = float(total), 0
    while size >= 1000 and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    part = used / 1000**unit
    decimals = 0 if unit == 0 or part >= 100 else 1
    return f"{part:.{decimals}f} of {significant(size, max(2, len(str(int(size)))))} {_BYTE_UNITS[unit]}"


def seconds_text(seconds: float) -> str:
    """Return a duration, such as `12 ms`, `0.28 s`, `4.2 s`, `3 min 20 s` or `2 h 05 min`."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds == 0:
        return "0 s"
    magnitude = abs(seconds)
    if magnitude < 1e-3:
        return f"{significant(seconds * 1e6, 2)} us"
    if magnitude < 0.0995:
        return f"{significant(seconds * 1e3, 2)} ms"
    if magnitude < 59.5:
        return f"{significant(seconds, 2)} s"
    whole = round(seconds)
    if whole < HOUR and whole % MINUTE == 0:
        return f"{whole // MINUTE} min"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR:02d} h"


def milliseconds_text(milliseconds: float) -> str:
    """Return a time with two significant digits, such as `1.2 ms`, `2,900 ms` or `under 0.001 ms`."""
    if milliseconds < 0.001:
        return "under 0.001 ms"
    decimals = max(0, 1 - math.floor(math.log10(milliseconds)))
    return f"{round(milliseconds, 1 - math.floor(math.log10(milliseconds))):,.{decimals}f} ms"


def rough_time(seconds: float) -> str:
    """Return a time in whole seconds, minutes or hours, as an estimate deserves."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    return seconds_text(round(seconds / 60) * 60 if seconds >= 600 else round(seconds / 10) * 10)


def count_text(count: float) -> str:
    """Return a number of things: whole up to a million, such as `12,345`, then words, such as `1.75 billion`."""
    for size, word in _COUNT_WORDS:
        if abs(count) >= size * 0.9995:
            return f"{significant(count / size)} {word}"
    return f"{count:,.0f}"


def plural(count: float, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun, such as `1 cell` or `1,728 cells`."""
    return f"{count_text(count)} {noun if count == 1 else nouns or noun + 's'}"


def percent_text(share: float) -> str:
    """Return a share of one as percent, such as `64 %`."""
    if not math.isfinite(share):
        return "unknown"
    percent = 100 * share
    if percent == 0 or abs(percent) >= 10:
        return f"{percent:.0f} %"
    return f"{significant(percent, 2)} %"


def temperature_text(celsius: float) -> str:
    """Return a temperature, such as `61 degrees C` with the degree sign."""
    return f"{celsius:.0f} \N{DEGREE SIGN}C"


def power_text(watts: float) -> str:
    """Return a power, such as `212 W`."""
    return f"{watts:.0f} W"


def score_text(value: float) -> str:
    """Return a score between -1 and 1 with three decimals, so that its digits keep their places."""
    return "unknown" if not math.isfinite(value) else f"{value:.3f}"


def parameter_text(value: float) -> str:
    """Return a setting's number in at most six digits, such as `0.003`, `1e-05`, `1.0` or `250`."""
    return f"{value:.1f}" if value == round(value) and abs(value) < 100 else f"{value:.6g}"
