"""What a registry holds of a class that is offered: what can be said of it without importing torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from lattice.errors import PluginError
from lattice.plugin_faults import kind_text


@dataclass(frozen=True)
class Offer:
    """A class that is registered, and what can be said of it without importing torch."""

    load: Callable[[], Any]
    """Returns the class."""
    title: str
    description: str
    settings: type[BaseModel] | None = None
    """Its own settings, a class made with `lattice.config.Settings`; None without any."""
    section: str | None = None
    """The section of the configuration that holds them, where that isn't `rule.<name>` or `objective.<name>`."""
    shared: frozenset[str] = frozenset()
    """Names in that section that are not its own: every registered class obeys them."""
    needs_partners: bool = False
    """An objective that needs data with two texts a sample."""

    @classmethod
    def of(cls, offered: type[Any], name: str) -> Offer:
        """Describe a class by its attributes `title`, `description`, `settings_class` and `needs_partners`."""
        document = (offered.__doc__ or "").strip().partition("\n")[0]
        return cls(
            load=lambda: offered,
            title=getattr(offered, "title", "") or name.replace("_", " ").capitalize(),
            description=getattr(offered, "description", "") or document,
            settings=getattr(offered, "settings_class", None),
            needs_partners=bool(getattr(offered, "needs_partners", False)),
        )

    @classmethod
    def at(cls, place: str, **facts: Any) -> Offer:
        """Describe the class at `module:name`, imported when it is first used; `facts` are the other fields."""

        def load() -> Any:
            module, _, name = place.partition(":")
            return getattr(import_module(module), name)

        return cls(load=load, **facts)


def offer_of(name: str, offered: Any, kind: str, base: str) -> Offer:
    """Return the offer of a class, or an offer as it is.

    Args:
        name: under which it is to be registered.
        offered: the class, or an `Offer`.
        kind: names it in messages, as in `cell rule`.
        base: `module.name` of the class that it must be derived from.

    Raises:
        PluginError: it is something else.
    """
    if isinstance(offered, Offer):
        return offered
    if not (isinstance(offered, type) and derives(offered, base)):
        got = (
            f"the class {offered.__name__}"
            if isinstance(offered, type)
            else f"a value of type {type(offered).__name__}"
        )
        raise PluginError(f"the {kind} '{name}' is {got}, expected a subclass of {base}")
    for attribute in ("title", "description"):
        if not isinstance(text := getattr(offered, attribute, ""), str):
            raise PluginError(f"{offered.__name__}.{attribute} is {kind_text(text)}: expected a text")
    return Offer.of(offered, name)


def derives(kind: type, base: str) -> bool:
    """Say whether a class is, or is derived from, `module.name`, without importing that."""
    return any(f"{parent.__module__}.{parent.__qualname__}" == base for parent in kind.__mro__)
