"""Validation errors in words that a person can act on: which key, which value, and what is allowed."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from lattice.config.base import bounds_text
from lattice.config.keys import section_model, setting_fields
from lattice.config.sections import PluginSections
from lattice.errors import PluginError
from lattice.limits import SHOWN_FAULTS, SHOWN_KEY_CHARACTERS

_SHOWN_CHARACTERS = 60


def explain(error: ValidationError, model: type[BaseModel], source: str) -> str:
    """Return one line that names `source` and, for every fault, its key, value and bounds."""
    faults = error.errors(include_url=False, include_context=False)
    shown = dict.fromkeys(_explain_one(item, model) for item in faults[:SHOWN_FAULTS])
    rest = len(faults) - SHOWN_FAULTS
    return f"{source}: " + "; ".join([*shown, f"and {rest:,} more"] if rest > 0 else shown)


def _missing_plugin(path: Sequence[str | int], model: type[BaseModel]) -> str | None:
    """Return what to say of a section of a class that isn't registered, None if the path is no such section."""
    field = model.model_fields.get(str(path[0]))
    sections = None if field is None else field.annotation
    if not (isinstance(sections, type) and issubclass(sections, PluginSections)) or len(path) != 2:
        return None
    try:
        sections.registry.entry(str(path[1]))
    except PluginError as error:
        return f"{_dotted(path)}: {error}"
    return None


def _explain_one(item: Mapping[str, Any], model: type[BaseModel]) -> str:
    path, kind, value = item["loc"], item["type"], item["input"]
    key = _dotted(path)
    if kind == "extra_forbidden":
        return _missing_plugin(path, model) or _unknown(path, model)
    if kind == "value_error":  # a rule over several settings, which tells its values itself
        return f"{key}: {item['msg'].removeprefix('Value error, ')}"
    field = _field_at(path, model)
    if section_model(field) is not None:
        return f"{key} = {_shown(value)}: expected a section with settings, not a single value"
    message = item["msg"][0].lower() + item["msg"][1:]
    if kind in {"missing", "too_long"} and isinstance(value, Sequence):
        key, message = key.partition("[")[0], f"got {len(value)} values, expected {_tuple_length(field)}"
    allowed = bounds_text(field) if field is not None else ""
    return f"{key} = {_shown(value)}: {message}" + (f" (allowed: {allowed})" if allowed else "")


def _unknown(path: Sequence[str | int], model: type[BaseModel]) -> str:
    key = _dotted(path)
    section = _section_at(path, model)
    if section is not None and path[-1] in section.model_computed_fields:
        return f"setting {key!r} can't be set: it is computed from the other settings of its section"
    return f"unknown setting {_cut(key)!r}; the nearest valid one is {_nearest(key, model)!r}"


def _nearest(unknown: str, model: type[BaseModel]) -> str:
    """Return the valid key that is most like `unknown`; at equal likeness, one of the same section."""
    section, _, name = unknown[:SHOWN_KEY_CHARACTERS].rpartition(".")
    leaves = [key for key, _ in setting_fields(model)]
    sections = {key.rpartition(".")[0] for key in leaves}

    def likeness(key: str) -> float:
        its_section, _, its_name = key.rpartition(".")
        return difflib.SequenceMatcher(None, name, its_name).ratio() + 0.15 * (section == its_section)

    return max(sorted({*leaves, *sections}), key=likeness)


def _section_at(path: Sequence[str | int], model: type[BaseModel]) -> type[BaseModel] | None:
    section: type[BaseModel] | None = model
    for part in path[:-1]:
        section = section_model(section.model_fields.get(str(part))) if section is not None else None
    return section


def _field_at(path: Sequence[str | int], model: type[BaseModel]) -> FieldInfo | None:
    field: FieldInfo | None = None
    for part in path:
        if isinstance(part, int):
            break
        field = model.model_fields.get(part)
        inner = section_model(field)
        if inner is None:
            break
        model = inner
    return field


def _tuple_length(field: FieldInfo | None) -> int | str:
    annotation = None if field is None else field.annotation
    for candidate in (annotation, *get_args(annotation)):  # the tuple itself, or one that may also be None
        if get_origin(candidate) is tuple:
            return len(get_args(candidate))
    return "another number"


def _dotted(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "configuration"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{...}"
    return _cut(_SHORTENER.repr(value), _SHOWN_CHARACTERS)


def _cut(text: str, characters: int = SHOWN_KEY_CHARACTERS) -> str:
    return text if len(text) <= characters else text[: characters - 3] + "..."


def _make_shortener() -> reprlib.Repr:
    """Return what shows the beginning of a value without turning all of it into text first."""
    shortener = reprlib.Repr()
    shortener.maxstring = shortener.maxother = shortener.maxlong = 2 * _SHOWN_CHARACTERS
    shortener.maxlist = shortener.maxtuple = _SHOWN_CHARACTERS
    return shortener


_SHORTENER = _make_shortener()
