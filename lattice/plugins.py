"""The registries: everything that a name in the settings, a menu or a panel can stand for, built in or plugged in.

A registry maps a name to a value and remembers which plugin brought it. The built-ins are registered by the same
calls as plugins are: a function `setup(plugins)` gets a `Plugins` and registers what it offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from lattice.errors import PluginError

T = TypeVar("T")

BUILT_IN = "built in"


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered value."""

    name: str
    value: T
    plugin: str
    """Which plugin brought it: `built in`, a file's path, or a module's name."""


class Registry(Generic[T]):
    """Values of one kind by name, in the order in which they were registered."""

    def __init__(self, kind: str) -> None:
        """Create an empty registry; `kind` names one entry in messages, as in `cell rule`."""
        self.kind = kind
        self._entries: dict[str, Entry[T]] = {}

    def __contains__(self, name: object) -> bool:
        """Say whether there is an entry of this name."""
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def add(self, name: str, value: T, plugin: str = BUILT_IN) -> T:
        """Register a value under a name that is free, or that the same plugin registered before; return the value.

        Raises:
            PluginError: the name is no plain word, or another plugin has it.
        """
        if not name.isidentifier():
            raise PluginError(f"'{name}' can't name a {self.kind}: use letters, digits and underscores")
        taken = self._entries.get(name)
        if taken is not None and taken.plugin != plugin:
            raise PluginError(
                f"the {self.kind} '{name}' of {plugin} is there already, from {taken.plugin}: choose another name"
            )
        self._entries[name] = Entry(name, value, plugin)
        return value

    def entry(self, name: str) -> Entry[T]:
        """Return the entry of a name.

        Raises:
            PluginError: there is none; the message says which there are, and how to load more.
        """
        if name in self._entries:
            return self._entries[name]
        near = get_close_matches(name, self._entries, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise PluginError(
            f"there is no {self.kind} '{name}': expected one of {', '.join(self._entries) or 'none'}.{hint} "
            "If a plugin brings it, load that plugin first: --plugin FILE.py, --plugin package.module, "
            "or File > Load plugin..."
        )

    def __getitem__(self, name: str) -> T:
        """Return the value of a name; raises `PluginError` as `entry` does."""
        return self.entry(name).value

    def entries(self) -> tuple[Entry[T], ...]:
        """Return all entries in order."""
        return tuple(self._entries.values())

    def remove_plugin(self, plugin: str) -> None:
        """Remove what one plugin registered."""
        self._entries = {name: entry for name, entry in self._entries.items() if entry.plugin != plugin}


CELL_RULES: Registry[Any] = Registry("cell rule")
"""What every cell computes; `model.rule` names one."""
OBJECTIVES: Registry[Any] = Registry("objective")
"""What the student gets and what it shall answer; `training_embedding.objective` names one."""
READERS: Registry[Any] = Registry("reader")
"""Kinds of data files."""
COLOR_MODES: Registry[Any] = Registry("colour mode")
"""What a cell's colour means; filled and used by the window alone."""
PANELS: Registry[Any] = Registry("panel")
"""Panels of the window; filled and used by the window alone."""

REGISTRIES: tuple[Registry[Any], ...] = (CELL_RULES, OBJECTIVES, READERS, COLOR_MODES, PANELS)


@dataclass(frozen=True)
class Plugins:
    """What a plugin's `setup(plugins)` gets: registers values on behalf of one plugin."""

    plugin: str = BUILT_IN

    def cell_rule(self, name: str, rule: Any) -> None:
        """Offer a cell rule."""
        CELL_RULES.add(name, rule, self.plugin)

    def objective(self, name: str, objective: Any) -> None:
        """Offer an objective."""
        OBJECTIVES.add(name, objective, self.plugin)

    def reader(self, name: str, reader: Any) -> None:
        """Offer a reader of data files."""
        READERS.add(name, reader, self.plugin)

    def color_mode(self, name: str, mode: Any) -> None:
        """Offer a colour mode; without a window it is remembered and has no effect."""
        COLOR_MODES.add(name, mode, self.plugin)

    def panel(self, name: str, panel: Any) -> None:
        """Offer a panel; without a window it is remembered and has no effect."""
        PANELS.add(name, panel, self.plugin)
