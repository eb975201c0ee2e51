"""The registries: everything that a name in the settings, a menu or a panel can stand for, built in or plugged in.

A registry maps a name to a value and remembers which plugin brought it. The built-ins are registered by the same
calls as plugins are: a function `setup(plugins)` gets a `Plugins` and registers what it offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Generic, TypeVar

from lattice.drafts import Drafts
from lattice.errors import PluginError
from lattice.offer import Offer, derives, offer_of
from lattice.plugin_faults import kind_text

T = TypeVar("T")

BUILT_IN = "built in"


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One registered value."""

    name: str
    value: T
    plugin: str
    """Which plugin brought it: `built in`, a file's path, or a module's name."""


class Registry(Drafts[Entry[T]], Generic[T]):
    """Values of one kind by name, in the order in which they were registered."""

    def __init__(self, kind: str, built_in: str = "") -> None:
        """Create a registry.

        Args:
            kind: names one entry in messages, as in `cell rule`.
            built_in: `module:function`, a setup function of the built-ins, called at the first look into the registry.
        """
        super().__init__()
        self.kind = kind
        self._built_in = built_in
        self._late = False
        self._gone: dict[str, str] = {}
        """Names that were removed, with the plugin that brought each."""

    def fill_from(self, built_in: str, *, late: bool = False) -> None:
        """Name the setup function of the built-ins, where those stand on a higher floor than the registry.

        Args:
            built_in: `module:function`.
            late: importing it is dear: loading a plugin that registers nothing here doesn't call it.
        """
        self._built_in, self._late = built_in, late

    @property
    def _entries(self) -> dict[str, Entry[T]]:
        if self._built_in:
            module, _, function = self._built_in.partition(":")
            setup = getattr(import_module(module), function)
            self._built_in = ""
            with self._for_all():
                setup(Plugins())
        return super()._present

    @property
    def _present(self) -> dict[str, Entry[T]]:
        """The entries, without built-ins that are to come late; a plugin has none before those came."""
        return super()._present if self._late else self._entries

    def _permanent(self) -> dict[str, Entry[T]]:
        return {name: entry for name, entry in self._held.items() if entry.plugin == BUILT_IN}

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
            where = BUILT_IN if taken.plugin == BUILT_IN else f"there already, from {taken.plugin}"
            raise PluginError(f"the {self.kind} '{name}' of {plugin} is {where}: choose another name")
        self._entries[name] = Entry(name, value, plugin)
        return value

    def entry(self, name: str) -> Entry[T]:
        """Return the entry of a name.

        Raises:
            PluginError: there is none; the message says which there are, and how to load more.
        """
        if (found := self._entries.get(name)) is not None:
            return found
        near = get_close_matches(name, self._entries, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        origin = "If a plugin brings it, load that plugin first"
        if name in self._gone:
            origin = f"It came from the plugin {self._gone[name]}, which is not loaded now: load it again"
        way_on = f"{origin}: --plugin FILE.py, --plugin package.module, or File > Load plugin..."
        if renamed := self.renamed(name):
            way_on = f"{renamed}. Name it so again, or choose another"
        raise PluginError(
            f"there is no {self.kind} '{name}': expected one of {', '.join(self._entries) or 'none'}.{hint} {way_on}"
        )

    def missing(self, name: str) -> str:
        """Return one sentence on what to do about a name that has no entry; empty if it has one."""
        if name in self._entries:
            return ""
        plugin = self._gone.get(name)
        if plugin and (renamed := self.renamed(name)):
            return f"{renamed}. Name it so again, or choose another."
        load = f"load the plugin {plugin}" if plugin else "load the plugin that brings it"
        return f"The {self.kind} '{name}' is missing: {load}, or choose another."

    def renamed(self, name: str) -> str:
        """Return what a loaded plugin brings in place of a name; empty if it brings that name, or nothing."""
        plugin = self._gone.get(name)
        now = [] if plugin is None or name in self._entries else [repr(entry.name) for entry in self.of_plugin(plugin)]
        return f"{plugin} no longer brings the {self.kind} '{name}' (now: {', '.join(now)})" if now else ""

    def __getitem__(self, name: str) -> T:
        """Return the value of a name; raises `PluginError` as `entry` does."""
        return self.entry(name).value

    def entries(self) -> tuple[Entry[T], ...]:
        """Return all entries in order."""
        return tuple(self._entries.values())

    def remove_plugin(self, plugin: str) -> None:
        """Remove what one plugin registered."""
        self._gone |= {entry.name: plugin for entry in self.of_plugin(plugin)}
        self._replace({name: entry for name, entry in self._present.items() if entry.plugin != plugin})

    def of_plugin(self, plugin: str) -> tuple[Entry[T], ...]:
        """Return what one plugin registered, in order."""
        return tuple(entry for entry in self._present.values() if entry.plugin == plugin)


CELL_RULES: Registry[Offer] = Registry("cell rule")
"""What every cell computes; `model.rule` names one. `lattice.config` registers those in the box."""
OBJECTIVES: Registry[Offer] = Registry("objective")
"""What the student gets and what it shall answer; `training_embedding.objective` names one, likewise."""
READERS: Registry[Any] = Registry("reader", "lattice.data.readers.builtin:setup")
"""Kinds of data files."""
COLOR_MODES: Registry[Any] = Registry("colour mode")
"""What a cell's colour means; filled and used by the window alone."""
PANELS: Registry[Any] = Registry("panel")
"""Panels of the window; filled and used by the window alone."""

TRACKERS: Registry[Any] = Registry("tracker", "lattice.tracking.built_in:setup")
"""Where a run's figures and pictures also go; `--tracker` names one."""

REGISTRIES: tuple[Registry[Any], ...] = (CELL_RULES, OBJECTIVES, READERS, COLOR_MODES, PANELS, TRACKERS)


@dataclass(frozen=True)
class Plugins:
    """What a plugin's `setup(plugins)` gets: registers values on behalf of one plugin."""

    plugin: str = BUILT_IN

    def cell_rule(self, name: str, rule: type[Any] | Offer) -> None:
        """Offer a cell rule: a subclass of `lattice.model.rules.base.CellRule`."""
        CELL_RULES.add(name, offer_of(name, rule, CELL_RULES.kind, "lattice.model.rules.base.CellRule"), self.plugin)

    def objective(self, name: str, objective: type[Any] | Offer) -> None:
        """Offer an objective: a subclass of `lattice.objectives.Objective`."""
        OBJECTIVES.add(name, offer_of(name, objective, OBJECTIVES.kind, "lattice.objectives.Objective"), self.plugin)

    def reader(self, name: str, reader: Any) -> None:
        """Offer a reader of data files, a `lattice.Reader`.

        Raises:
            PluginError: it is none, or would never be used, because another reader takes its files.
        """
        _expect(name, reader, READERS.kind, "lattice.data.readers.base.Reader")
        if self.plugin != BUILT_IN and reader.sniff is None:
            _check_endings(name, reader.endings, [other for other in READERS.entries() if other.plugin != self.plugin])
        READERS.add(name, reader, self.plugin)

    def color_mode(self, name: str, mode: Any) -> None:
        """Offer a colour mode, an `app.cube.color.modes.ColorMode`; without a window it has no effect."""
        _expect(name, mode, COLOR_MODES.kind, "app.cube.color.modes.ColorMode")
        COLOR_MODES.add(name, mode, self.plugin)

    def panel(self, name: str, panel: Any) -> None:
        """Offer a panel, an `app.panels.spec.PanelSpec`; without a window it has no effect."""
        _expect(name, panel, PANELS.kind, "app.panels.spec.PanelSpec")
        PANELS.add(name, panel, self.plugin)

    def tracker(self, name: str, kind: Any) -> None:
        """Offer a tracker, a `lattice.tracking.base.TrackerKind`."""
        _expect(name, kind, TRACKERS.kind, "lattice.tracking.base.TrackerKind")
        TRACKERS.add(name, kind, self.plugin)


def _expect(name: str, value: Any, kind: str, base: str) -> None:
    """Raise `PluginError` unless a value is of the class `module.name`, which isn't imported for that."""
    if not derives(type(value), base):
        raise PluginError(f"the {kind} '{name}' is {kind_text(value)}, expected a value of {base}")


def _check_endings(name: str, endings: tuple[str, ...], others: list[Entry[Any]]) -> None:
    """Raise `PluginError` if another reader takes the files of one that recognises none by their first bytes."""
    for other in others:
        shared = set(endings) & set(other.value.endings)
        if shared and other.value.sniff is None:
            raise PluginError(
                f"the reader '{name}' has the ending '{min(shared)}', whose files the reader '{other.name}' of "
                f"{other.plugin} takes: give it a `sniff` that recognises its own files, or another ending"
            )
