"""What a form needs to know about one setting, read from the settings classes."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from lattice.config import (
    EditCost,
    SimpleProjectConfig,
    bounds_of,
    bounds_text,
    choices_of,
    cost_of,
    entries_of,
    section_model,
    unit_of,
)
from lattice.plugins import BUILT_IN, Entry

FieldKind = Literal["float", "int", "flag", "choice", "sides", "list", "path", "text"]

COST_TEXTS: dict[EditCost, str] = {
    "live": "acts after Apply, at the next training step",
    "stencil": "stencils rebuilt, weights kept",
    "rebuild": "new student: weights and schedule restarted",
}
"""What an edit costs, in words."""

_SIDES = 3

NONE_WORDS: dict[str, str] = {
    "training_embedding.max_total_samples": "all",
    "training_embedding.data": "bundled",
    "logging.log_file": "none",
}
"""What an empty optional setting means; `auto` where nothing is listed."""

_NAME_FILES = frozenset({"training_embedding.data"})
"""Settings that may name a file and are texts, because they may name something else, too."""


@dataclass(frozen=True)
class FieldSpec:
    """One setting as a form sees it."""

    key: str
    """Dotted, such as `lattice.lattice_steps`."""
    title: str
    description: str
    unit: str
    cost: EditCost
    kind: FieldKind
    optional: bool
    none_word: str
    minimum: float
    """Smallest value that may be typed, bounds that exclude their limit already moved inside; may be -inf."""
    maximum: float
    bounds_text: str
    """Bounds with unit in words, such as `1 to 64 steps`; empty if there are none."""
    choices: tuple[str, ...]
    entries: tuple[Entry[Any], ...]
    """What the choices name, if they are names in a registry: cell rules or objectives with titles, and settings."""
    item_type: type
    """Type of the items of a `list`."""
    default: Any

    @property
    def names_file(self) -> bool:
        """Whether a dialog of files helps to fill it in."""
        return self.kind == "path" or self.key in _NAME_FILES

    def tooltip(self) -> str:
        """Return description, unit, bounds, cost and default as rich text."""
        facts = [self.description]
        facts += [f"{entry.value.title}: {described(entry)}" for entry in self.entries]
        if self.bounds_text:
            facts.append(f"Bounds: {self.bounds_text}.")
        elif self.unit:
            facts.append(f"Unit: {self.unit}.")
        facts.append(f"Default: {self.value_text(self.default)}. Editing it: {COST_TEXTS[self.cost]}.")
        return f"<b>{self.title}</b><br>" + "<br>".join(_escape(fact) for fact in facts)

    def value_text(self, value: Any) -> str:
        """Return a value of this setting for a sentence."""
        if value is None:
            return self.none_word
        for entry in self.entries:
            if entry.name == value:
                return str(entry.value.title)
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, tuple | list):
            return (" x " if self.kind == "sides" else ", ").join(str(item) for item in value) or "none"
        return f"{value:g}" if isinstance(value, float) else str(value)


def field_spec(key: str) -> FieldSpec:
    """Return what a form needs to know about the setting with a dotted key; raise `KeyError` if there is none."""
    field, _owner = _find(key)
    annotation, optional = _strip_optional(field.annotation)
    choices = choices_of(field)
    kind = "choice" if choices else _kind_of(annotation)
    low, high = _closed_range(bounds_of(field), whole=kind in ("int", "sides"))
    return FieldSpec(
        key=key,
        title=field.title or key,
        description=field.description or "",
        unit=unit_of(field),
        cost=cost_of(field),
        kind=kind,
        optional=optional,
        none_word=NONE_WORDS.get(key, "auto"),
        minimum=low,
        maximum=high,
        bounds_text=bounds_text(field),
        choices=choices,
        entries=entries_of(field),
        item_type=_item_type(annotation),
        default=field.default,
    )


def value_at(config: BaseModel, key: str) -> Any:
    """Return the value of a dotted key in a config.

    Where the config is from before a plugin was loaded again, and has no such value or one that the setting can't
    take now, that is the setting's default.
    """
    field, owner = _find(key)
    *sections, name = key.split(".")
    section: Any = config
    for part in sections:
        section = getattr(section, part)
    if type(section) is owner:
        return getattr(section, name)
    value = getattr(section, name, field.default)
    return value if _takes(field, value) else field.default


def takes(key: str, value: Any) -> bool:
    """Say whether the setting with a dotted key can have a value."""
    return _takes(_find(key)[0], value)


def described(entry: Entry[Any]) -> str:
    """Return what a registered class is, in a sentence or two, with the plugin that brought it."""
    text = str(entry.value.description)
    return text if entry.plugin == BUILT_IN else f"{text} From {entry.plugin}."


def _takes(field: FieldInfo, value: Any) -> bool:
    kind: Any = field.annotation
    try:
        TypeAdapter(Annotated[(kind, *field.metadata)] if field.metadata else kind).validate_python(value)
    except ValidationError:
        return False
    return True


def _find(key: str) -> tuple[FieldInfo, type[BaseModel]]:
    """Return a setting's field, and the settings class that has it now."""
    *sections, name = key.split(".")
    owner: Any = SimpleProjectConfig
    for section in sections:
        field = owner.model_fields.get(section)
        owner = section_model(field)
        if owner is None:
            raise KeyError(key)
    if name not in owner.model_fields:
        raise KeyError(key)
    field = owner.model_fields[name]
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel) and not sections:
        raise KeyError(key)  # a whole section
    return field, owner


def _strip_optional(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [argument for argument in get_args(annotation) if argument is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _kind_of(annotation: Any) -> FieldKind:
    if get_origin(annotation) is tuple:
        return "sides" if len(get_args(annotation)) == _SIDES else "list"
    simple: dict[Any, FieldKind] = {bool: "flag", int: "int", float: "float", Path: "path"}
    return simple.get(annotation, "text")


def _item_type(annotation: Any) -> type:
    if get_origin(annotation) is not tuple:
        return str
    item = get_args(annotation)[0]
    plain = get_args(item)[0] if get_origin(item) is Annotated else item
    return plain if isinstance(plain, type) else str


def _closed_range(bounds: Mapping[str, float], *, whole: bool) -> tuple[float, float]:
    nudge = 1.0 if whole else 1e-9
    low = bounds.get("ge", bounds["gt"] + nudge if "gt" in bounds else -math.inf)
    high = bounds.get("le", bounds["lt"] - nudge if "lt" in bounds else math.inf)
    return low, high


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
