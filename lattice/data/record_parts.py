"""Records that list several objects with a vector each, such as a document with its passages: one record for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lattice.data.column_names import is_vector_name
from lattice.data.values import vector_of

_MOST_LEVELS = 4


def single_parts(value: Any, levels: int = _MOST_LEVELS) -> list[Any]:
    """Return a value of a JSON file once for each of the objects with vectors that it lists; itself without such.

    Each holds one of them in the place of all, and whatever stands beside them. A record with a vector of its own is
    one record, whatever it lists.
    """
    if not isinstance(value, Mapping) or not levels or any(_is_vector(*part) for part in value.items()):
        return [value]
    for name, held in value.items():
        if not isinstance(held, list | dict) or not held:
            continue
        if isinstance(held, list) and not isinstance(held[0], Mapping):
            continue
        parts = [[part] for part in held] if lists_vectors(held) else single_parts(held, levels - 1)
        if len(parts) > 1:
            return [{**value, name: part} for part in parts]
    return [value]


def lists_vectors(value: Any) -> bool:
    """Say whether a value is a list of several objects, the first of which holds a vector under a known name."""
    several = isinstance(value, list) and len(value) > 1 and all(isinstance(part, Mapping) for part in value)
    return several and _holds_vector(value[0], _MOST_LEVELS)


def _holds_vector(part: Mapping[str, Any], levels: int) -> bool:
    for name, held in part.items():
        if isinstance(held, Mapping) and levels and _holds_vector(held, levels - 1):
            return True
        if _is_vector(name, held):
            return True
    return False


def _is_vector(name: str, held: Any) -> bool:
    return isinstance(held, list) and len(held) > 1 and is_vector_name(name) and vector_of(held) is not None
