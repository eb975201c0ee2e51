"""TOML and JSON from files that anybody may have written: whatever is wrong ends in `ParseError`, with one short line.

Python's parsers raise other exceptions than their own for numbers of thousands of digits, for values nested too deeply
and for halves of characters. Importing this module loads neither torch nor numpy.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

from lattice.limits import MAX_SETTING_DEPTH

_SHOWN_CHARACTERS = 160


class ParseError(ValueError):
    """The text can't be parsed; the message says why, in one line."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text holds; raise `ParseError` for text that is none, or is nested too deeply."""
    values: dict[str, Any] = _guarded(tomllib.loads, text)
    return values


def parse_json(text: str | bytes) -> Any:
    """Return what a JSON text holds; raise `ParseError` for text that is none, or is nested too deeply.

    Python's own `NaN` and infinities are read, and `1e999` is one: whoever takes a number from a file checks it.
    """
    return _guarded(json.loads, text)


def _guarded(parse: Callable[[Any], Any], text: str | bytes) -> Any:
    try:
        values = parse(text)
    except RecursionError:
        raise ParseError("it is nested too deeply") from None
    except ValueError as error:  # both parsers' own errors are of this type, as are those of numbers and characters
        words = (str(error).splitlines() or [type(error).__name__])[0]
        raise ParseError(words if len(words) <= _SHOWN_CHARACTERS else words[:_SHOWN_CHARACTERS] + "...") from None
    if _deeper_than(values, MAX_SETTING_DEPTH):
        raise ParseError(f"it is nested more than {MAX_SETTING_DEPTH} levels deep")
    return values


def _deeper_than(values: Any, levels: int) -> bool:
    """Say whether tables and lists are nested more than `levels` deep; it walks level by level, without a stack."""
    layer = [values]
    for _ in range(levels + 1):
        inner: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        if not inner:
            return False
        layer = inner
    return any(isinstance(value, (dict, list)) for value in layer)
