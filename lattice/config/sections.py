"""Sections of the configuration that plugins bring: one for each registered class that has settings of its own.

The class of such a section is made from its registry, so that a setting that a plugin brings has a dotted key, bounds,
a cost and error messages as every other one has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, ModelWrapValidatorHandler, create_model, model_validator
from pydantic.fields import FieldInfo

from lattice.config.base import Settings
from lattice.errors import PluginError
from lattice.offer import Offer
from lattice.plugins import CELL_RULES, OBJECTIVES, Entry, Registry


@dataclass(frozen=True)
class NameIn:
    """Marks a setting whose value must be a name in a registry."""

    registry: Registry[Any]


def registered(registry: Registry[Any]) -> tuple[AfterValidator, NameIn]:
    """Return the annotations of a setting whose value must be a name in `registry`."""

    def check(name: str) -> str:
        try:
            return registry.entry(name).name
        except PluginError as error:
            raise ValueError(str(error)) from None

    return AfterValidator(check), NameIn(registry)


def entries_of(field: FieldInfo) -> tuple[Entry[Any], ...]:
    """Return what a setting may name, registered as it is now; empty if its value is no name in a registry."""
    for mark in field.metadata:
        if isinstance(mark, NameIn):
            return mark.registry.entries()
    return ()


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """Return the texts that a setting may take: of its Literal, or of its registry; empty if it takes others, too."""
    if entries := entries_of(field):
        return tuple(entry.name for entry in entries)
    for kind in (field.annotation, *get_args(field.annotation)):  # the Literal itself, or one that may also be None
        if get_origin(kind) is Literal:
            return tuple(str(choice) for choice in get_args(kind))
    return ()


def known_part(values: Mapping[str, Any], kind: type[BaseModel] | None) -> dict[str, Any]:
    """Return plain values without those that a settings class, of which there may be none, does not have."""
    fields = {} if kind is None else kind.model_fields
    return {key: value for key, value in values.items() if key in fields}


class PluginSections(Settings):
    """The settings of everything in one registry; its fields are those of `current()`."""

    registry: ClassVar[Registry[Offer]]
    named: ClassVar[str]
    """The setting that says which of them is in use."""
    general: ClassVar[bool] = True

    @classmethod
    def current(cls) -> type[Self]:
        """Return the class with a field for every registered class that has settings of its own."""
        sections = tuple(
            (entry.name, entry.value.settings, entry.value.title, entry.value.description)
            for entry in cls.registry.entries()
            if entry.value.settings is not None and entry.value.section is None and entry.value.settings.model_fields
        )
        made: type[Self] = _with_sections(cls, sections)
        return made

    @classmethod
    def defaults(cls) -> Self:
        """Return all sections with default values."""
        return cls.current()()

    @classmethod
    def current_part(cls, values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return sections of plain values without those, and without settings, that nothing registered has."""
        kinds = {entry.name: entry.value.settings for entry in cls.registry.entries() if entry.value.section is None}
        kinds = {name: kind for name, kind in kinds.items() if kind is not None and kind.model_fields}
        return {name: known_part(section, kinds[name]) for name, section in values.items() if name in kinds}

    @model_validator(mode="wrap")
    @classmethod
    def _take_current(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, PluginSections):
            value = value.model_dump()
            value = {name: section for name, section in value.items() if name in cls.current().model_fields}
        return cls.current().model_validate(value) if cls.general else handler(value)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what isn't default: the class itself is made from the registry, and made again where it is read."""
        general = type(self) if self.general else type(self).__mro__[1]
        return general.model_validate, (self._given(),)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        """Return the defaults of what was registered after this value was made."""
        field = type(self).registry_fields().get(name)
        if field is None:
            raise AttributeError(f"{type(self).__name__} has no section {name!r}")
        return field.get_default()

    @classmethod
    def registry_fields(cls) -> dict[str, FieldInfo]:
        """Return the sections that there are now."""
        general = cls if cls.general else cls.__mro__[1]
        assert issubclass(general, PluginSections)
        return general.current().model_fields

    def __eq__(self, other: object) -> bool:
        """Compare what isn't default: registering a class makes another type of sections, but not other settings."""
        return isinstance(other, PluginSections) and self._given() == other._given()

    def __hash__(self) -> int:
        """Return a hash that fits `__eq__`."""
        return hash(repr(sorted(self._given().items())))

    def _given(self) -> dict[str, dict[str, Any]]:
        sections = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: section.model_dump() for name, section in sections.items() if section != type(section)()}


class RuleSections(PluginSections):
    """Settings of the cell rules, `rule.<name>.<setting>`."""

    registry = CELL_RULES
    named = "model.rule"


class ObjectiveSections(PluginSections):
    """Settings of the objectives, `objective.<name>.<setting>`."""

    registry = OBJECTIVES
    named = "training_embedding.objective"


@lru_cache(maxsize=32)
def _with_sections(base: type[Any], sections: tuple[tuple[str, type[BaseModel], str, str], ...]) -> Any:
    fields: dict[str, Any] = {
        name: (settings, Field(settings(), title=title, description=description))
        for name, settings, title, description in sections
    }
    namespace: Callable[..., Any] = create_model
    made = namespace(base.__name__, __base__=base, __module__=base.__module__, **fields)
    made.general = False
    return made
