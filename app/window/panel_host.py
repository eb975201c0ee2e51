"""Panels come and go while the window is open, as plugins bring them; their notifications of the run."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QMenu

from app.panels.panel import Panel
from app.panels.spec import PanelServices, PanelSpec
from app.run.messages import Failed, describe_failure
from app.run.summary import RunSummary
from app.window.docks import DockLayout
from lattice.errors import PluginError
from lattice.log import logger
from lattice.plugins import PANELS


class PanelHost:
    """Keeps the docks and the menu of panels in step with the registry of panels, and notifies panels of the run."""

    def __init__(
        self, docks: DockLayout, services: PanelServices, menu: QMenu, show_failure: Callable[[Failed], None]
    ) -> None:
        """Prepare; `sync` adds what is registered.

        Args:
            docks: where panels are put.
            services: what panels may use.
            menu: menu of actions that show and hide panels.
            show_failure: shows why a panel could not be made.
        """
        self._docks, self._services, self._menu, self._show_failure = docks, services, menu, show_failure
        self._failed: set[str] = set()
        """Panels that failed when they were notified, by name."""

    def sync(self) -> None:
        """Add the panels that were registered since, remove those that no longer are, make changed ones again.

        Call it after a plugin was loaded, reloaded or unloaded.
        """
        registered = {entry.name: entry for entry in PANELS.entries()}
        names, in_front = self._docks.names, [name for name in self._docks.names if self._docks.in_front(name)]
        changed = [n for n in names if n not in registered or registered[n].value is not self._docks.spec(n)]
        for name in changed:
            self.remove_panel(name)
        made_again = [name for name in changed if name in registered]
        for name in made_again:
            self.add_panel(name, registered[name].value)
        if made_again:
            for name in in_front:
                self._docks.raise_panel(name)
        for name, entry in registered.items():
            if name not in names:
                self.add_panel(name, entry.value)
        failed, self._failed = self._failed & set(self._docks.names), set()
        summary = self._services.controller.summary
        if summary is not None:
            for name in sorted(failed):  # what a plugin broke is shown again once it is mended
                self._tell(name, lambda panel: panel.show_run(summary))

    def add_panel(self, name: str, spec: PanelSpec) -> bool:
        """Make a panel, dock it, offer it in View > Panels and show it the run; False, with a message, if that fails.

        Raises:
            PluginError: there is a panel of this name.
        """
        if name in self._docks:
            raise PluginError(f"there is a panel '{name}' already: choose another name")
        try:
            self._docks.add(name, spec, self._services)
        except Exception as error:
            logger.error("the panel '%s' can't be made: %s", name, error, exc_info=error)
            self._show_failure(describe_failure(f"There is no panel '{spec.title}'", error))
            return False
        self._docks.place(name)
        self._menu.addAction(self._docks.toggle(name))
        summary = self._services.controller.summary
        if summary is not None:
            self._tell(name, lambda panel: panel.show_run(summary))
        return True

    def remove_panel(self, name: str) -> None:
        """Close a panel, take its dock away, and its entry in View > Panels; without such a panel, do nothing."""
        if name in self._docks:
            self._menu.removeAction(self._docks.toggle(name))
            self._docks.remove(name)
            self._failed.discard(name)

    def show_run(self, summary: RunSummary) -> None:
        """Show every panel another run, the first one in a turn of the event loop for each panel."""
        for name in self._docks.names:
            self._services.controller.turns.do(
                lambda name=name: self._tell(name, lambda panel: panel.show_run(summary))  # type: ignore[misc]
            )

    def tell_all(self, tell: Callable[[Panel], None]) -> None:
        """Notify every panel of the run; one that fails is reported, and the others are notified all the same."""
        for name in self._docks.names:
            self._tell(name, tell)

    def _tell(self, name: str, tell: Callable[[Panel], None]) -> None:
        if name not in self._docks:
            return  # gone before its turn came
        try:
            tell(self._docks.panels[name])
        except Exception as error:
            self._failed.add(name)
            logger.error("the panel '%s' failed: %s", name, error, exc_info=error)
            self._show_failure(describe_failure(f"The panel '{self._docks.spec(name).title}' failed", error))
