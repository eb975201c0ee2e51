"""Settings given as text, as on a command line: `section.key=value`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lattice.config.keys import setting_fields
from lattice.errors import ConfigError
from lattice.parsing import ParseError, parse_toml


def parse_assignment(assignment: str, model: type[BaseModel]) -> tuple[str, Any]:
    """Split `section.key=value` into the key and a value for validation to judge.

    A value is TOML; quotes may be left out. `none` or nothing is None. Where several values
    are expected, `9,12,14` does as well as `[9, 12, 14]`.
    """
    key, separator, text = assignment.partition("=")
    key = key.strip()
    if not separator or "." not in key:
        raise ConfigError(f"can't read the setting {assignment!r}: expected section.key=value")
    return key, _parse(text.strip(), dict(setting_fields(model)).get(key))


def _parse(text: str, field: FieldInfo | None) -> Any:
    if text.lower() in {"none", ""}:
        return None
    annotation = None if field is None else field.annotation
    kinds = (annotation, *get_args(annotation))
    value = _toml_value(text)
    if any(get_origin(kind) is tuple for kind in kinds):
        return value if isinstance(value, list) else [_parse(part, None) for part in _parts(text)]
    wants_text = value is None or any(kind in (str, Path) for kind in kinds)
    return text if wants_text and not isinstance(value, str) else value


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.removeprefix("[").removesuffix("]").split(",")]


def _toml_value(text: str) -> Any:
    """Return the value that `text` is in TOML, None if it is none."""
    try:
        return parse_toml(f"value = {text}")["value"]
    except ParseError:
        return None
