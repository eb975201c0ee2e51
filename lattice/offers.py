"""What registries hold of a class that is expensive to import: everything that can be said of it without doing so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import BaseModel


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
