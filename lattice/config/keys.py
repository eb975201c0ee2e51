"""Dotted keys, such as `lattice.lattice_steps`: listing them, finding their fields, and setting their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lattice.config.sections import PluginSections
from lattice.errors import ConfigError


def section_model(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the settings class of a section's field, None if the field is a plain value or there is none."""
    annotation = None if field is None else field.annotation
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return None
    return annotation.current() if issubclass(annotation, PluginSections) else annotation


def setting_fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every leaf setting below `model` as (dotted key, field)."""
    for name, field in model.model_fields.items():
        inner = section_model(field)
        if inner is None:
            yield f"{prefix}{name}", field
        else:
            yield from setting_fields(inner, f"{prefix}{name}.")


def flat_settings(config: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf setting of `config` as (dotted key, value)."""
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def assign(values: dict[str, Any], key: str, value: Any) -> None:
    """Set the dotted `key` in nested dicts; sections that are missing are made, for validation to judge."""
    *sections, name = key.split(".")
    for section in sections:
        inner = values.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"setting {key!r}: {section!r} is a value, not a section")
        values = inner
    values[name] = value
