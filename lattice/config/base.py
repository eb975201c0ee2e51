"""What every settings class shares: frozen, documented fields that say what editing them costs."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from lattice.errors import DeclarationError
from lattice.plugin_faults import error_words, field_at, shown

EditCost = Literal["live", "stencil", "rebuild"]
"""`live`: acts at the next training step. `stencil`: tier stencils rebuilt, weights kept. `rebuild`: new student."""

EDIT_COSTS: tuple[EditCost, ...] = ("live", "stencil", "rebuild")

_BOUNDS = frozenset({"ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern"})


class Settings(BaseModel):
    """Base of all settings: frozen, no unknown keys, defaults checked.

    Raises:
        DeclarationError: a subclass has a field that `setting` didn't declare, or one of an unknown cost.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse fields that no form or cost could follow from."""
        super().__pydantic_init_subclass__(**kwargs)
        for name in cls.__annotations__.keys() & cls.model_fields.keys():
            field = cls.model_fields[name]
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                continue  # a section
            extra = field.json_schema_extra
            if not isinstance(extra, dict) or "cost" not in extra:
                raise _refused(
                    cls, name, "has no title, description and cost: declare it with lattice.config.setting()"
                )
            if extra["cost"] not in EDIT_COSTS:
                expected = ", ".join(map(repr, EDIT_COSTS))
                raise _refused(cls, name, f"has the cost {shown(extra['cost'])}, expected one of {expected}")

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        # Python takes True for 1; who writes `batch_size = true` meant something else.
        field = cls.model_fields[str(info.field_name)]
        if isinstance(value, bool) and field.annotation is not bool:
            allowed = f" (allowed: {bounds_text(field)})" if bounds_text(field) else ""
            raise ValueError(f"got {str(value).lower()}, expected another kind of value{allowed}")
        return value


def setting(
    default: Any,
    *,
    title: str,
    description: str,
    cost: EditCost,
    unit: str = "",
    **bounds: Any,
) -> Any:
    """Declare one field of a settings class.

    Args:
        default: value used when nothing is given.
        title: short label for forms.
        description: one or two sentences for tooltips; names special values.
        cost: what editing it during a run costs, see `EditCost`.
        unit: physical or counting unit, empty for plain ratios.
        **bounds: pydantic bounds: `ge`, `gt`, `le`, `lt`, `multiple_of`, `min_length`, `max_length`, `pattern`.

    Raises:
        TypeError: there is no such bound.
    """
    if unknown := bounds.keys() - _BOUNDS:
        raise TypeError(
            f"the setting titled {title!r} has the bound {min(unknown)!r}, expected one of {', '.join(sorted(_BOUNDS))}"
        )
    extra: dict[str, Any] = {"unit": unit, "cost": cost}
    return Field(default, title=title, description=description, json_schema_extra=extra, **bounds)


def check_defaults(settings: type[BaseModel]) -> None:
    """Raise `DeclarationError` unless every field of a settings class has a default that it takes."""
    try:
        settings()
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        if not item["loc"]:
            raise DeclarationError(f"{field_at(settings, '')}: {settings.__name__}: {error_words(error)}") from None
        name = str(item["loc"][0])
        bounds = bounds_text(settings.model_fields[name])
        allowed = f" (allowed: {bounds})" if bounds else ""
        message = item["msg"].removeprefix("Value error, ")
        message = f"{message[:1].lower()}{message[1:]}"
        raise _refused(settings, name, f"has the default {shown(item['input'])}: {message}{allowed}") from None
    except Exception as error:  # of a plugin's own validators, or a bound that can't be compared with its default
        raise DeclarationError(f"{field_at(settings, '')}: {settings.__name__}: {error_words(error)}") from error


def check_types(settings: type[BaseModel]) -> None:
    """Raise `DeclarationError` unless a form has a row for every field of a plugin's settings class, by its type."""
    for name, field in settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            check_types(annotation)
        elif not _has_row(annotation):
            raise _refused(
                settings, name, f"has the type {_type_text(annotation)}; expected float, int, bool, str or Literal[...]"
            )


def _has_row(annotation: Any) -> bool:
    if annotation in (bool, int, float, str):
        return True
    if get_origin(annotation) is Literal:
        return all(isinstance(choice, str) for choice in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):  # a number or None: the row has a box for None
        return set(get_args(annotation)) in ({int, type(None)}, {float, type(None)})
    return False


def _type_text(annotation: Any) -> str:
    plain = isinstance(annotation, type) and not get_args(annotation)
    return annotation.__name__ if plain else str(annotation).replace("typing.", "")


def cost_of(field: FieldInfo) -> EditCost:
    """Return what editing `field` costs."""
    cost: EditCost = _extra(field)["cost"]
    return cost


def unit_of(field: FieldInfo) -> str:
    """Return the unit of `field`, empty if it has none."""
    return str(_extra(field)["unit"])


def bounds_of(field: FieldInfo) -> dict[str, float]:
    """Return the numeric bounds of `field`, or of its elements: any of the keys `ge`, `gt`, `le`, `lt`."""
    constraints: list[Any] = list(field.metadata)
    for element in get_args(field.annotation):
        for part in getattr(element, "__metadata__", ()):  # Annotated[int, Field(ge=1)]
            constraints += getattr(part, "metadata", ())
    bounds: dict[str, float] = {}
    for constraint in constraints:
        for key in ("ge", "gt", "le", "lt"):
            limit = getattr(constraint, key, None)
            if limit is not None:
                bounds[key] = limit
    return bounds


def bounds_text(field: FieldInfo) -> str:
    """Return the bounds of `field` in words, such as `1 to 64 steps` or `above 0, at most 1`; empty without bounds."""
    bounds = {key: f"{limit:.10g}" for key, limit in bounds_of(field).items()}
    if set(bounds) == {"ge", "le"}:
        text = f"{bounds['ge']} to {bounds['le']}"
    else:
        words = (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        text = ", ".join(f"{word} {bounds[key]}" for key, word in words if key in bounds)
    return f"{text} {unit_of(field)}".rstrip() if text else ""


def _refused(owner: type[BaseModel], name: str, what: str) -> DeclarationError:
    return DeclarationError(f"{field_at(owner, name)}: the setting '{name}' of {owner.__name__} {what}")


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    if not isinstance(extra, dict):
        raise TypeError("a settings field must be declared with setting()")
    return extra
