"""Values that a database wraps with their type in JSON, `{"N": "0.1"}` or `{"$numberDouble": "0.1"}`, made plain."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

from lattice.data.values import is_number

_MOST_LEVELS = 16
_FLOAT32 = b"\x27"
"""The type of numbers of a packed vector of MongoDB."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,4000}")
"""Python itself refuses longer ones."""


def _number(value: Any) -> Any:
    """Return a number that is written as a text; a whole one keeps all its digits, and may be an id."""
    if not isinstance(value, str) or not is_number(value):
        return value
    return int(value) if _WHOLE.fullmatch(value.strip()) else float(value)


def _float(value: Any) -> Any:
    return float(value) if isinstance(value, str) and is_number(value) else value


def _vector_of_bytes(value: Any) -> Any:
    """Return MongoDB's packed vector of float32 as a list; other bytes as they are wrapped.

    Two bytes come before the numbers: their type, and how many bits of the last one are unused
    (https://bsonspec.org/spec.html, subtype 9).
    """
    if not isinstance(value, Mapping) or value.get("subType") not in ("09", "9"):
        return value
    try:
        packed = base64.b64decode(value.get("base64", ""), validate=True)
    except (TypeError, ValueError):
        return value
    if packed[:1] != _FLOAT32 or len(packed) % 4 != 2:
        return value
    return list(struct.unpack(f"<{len(packed) // 4}f", packed[2:]))


def _itself(value: Any) -> Any:
    return value


_UNWRAP: dict[str, Callable[[Any], Any]] = {
    # MongoDB's extended JSON.
    "$numberDouble": _float, "$numberInt": _number, "$numberLong": _number, "$numberDecimal": _number,
    "$binary": _vector_of_bytes,
    "$oid": _itself, "$date": _itself, "$uuid": _itself,
    # DynamoDB.
    "N": _number, "S": _itself, "BOOL": _itself, "NULL": lambda value: None, "L": _itself, "M": _itself,
    "SS": _itself, "NS": lambda value: [_number(part) for part in value] if isinstance(value, list) else value,
    # Firestore.
    "stringValue": _itself, "doubleValue": _itself, "integerValue": _number, "booleanValue": _itself,
    "timestampValue": _itself, "referenceValue": _itself, "nullValue": lambda value: None,
    "arrayValue": lambda value: value.get("values", []) if isinstance(value, Mapping) else value,
    "mapValue": lambda value: value.get("fields", {}) if isinstance(value, Mapping) else value,
}  # fmt: skip
_TYPES: dict[str, type | tuple[type, ...]] = {
    "N": str, "S": str, "BOOL": bool, "NULL": bool, "L": list, "M": dict, "SS": list, "NS": list,
}  # fmt: skip
"""What stands behind names so short that a column may be called so."""
_ITEM = "v"
"""Around each item of BigQuery's lists."""


def plain_values(value: Any, levels: int = _MOST_LEVELS) -> Any:
    """Return a value of a JSON file with the numbers, texts and lists themselves in the place of wrapped ones.

    A value without any is returned as it is.
    """
    if not levels:
        return value
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((name, held),) = value.items()
            if name in _UNWRAP and isinstance(held, _TYPES.get(name, object)):
                return plain_values(_UNWRAP[name](held), levels - 1)
        if not any(isinstance(held, Mapping | list) for held in value.values()):
            return value
        return {name: plain_values(held, levels - 1) for name, held in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], Mapping | list):
        if all(isinstance(part, Mapping) and list(part) == [_ITEM] for part in value):
            value = [part[_ITEM] for part in value]
        return [plain_values(part, levels - 1) if isinstance(part, Mapping | list) else part for part in value]
    return value
