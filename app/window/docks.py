"""Where the panels are: the built-in layout, storing and restoring it, hiding all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QSizePolicy, QTabBar, QTabWidget, QWidget

from app.panels.panel import Panel
from app.panels.spec import PanelArea, PanelServices, PanelSpec
from app.session.preferences import Preferences
from app.widgets.labels import literal
from app.widgets.scroll_area import PageArea
from app.window.dock_sizes import LOW, DockSizes, NoTitle
from app.window.panel_toggle import PanelToggle
from app.window.panels import BUILT_IN_PANELS
from lattice.plugin_faults import kind_text, refused

Area = Qt.DockWidgetArea
AREAS: dict[PanelArea, Area] = {
    "left": Area.LeftDockWidgetArea,
    "right": Area.RightDockWidgetArea,
    "bottom": Area.BottomDockWidgetArea,
}

BUILT_IN = " ".join(BUILT_IN_PANELS)
"""Which panels a stored layout is for; those of plugins come and go without making it useless."""

P = TypeVar("P", bound=Panel)


class DockLayout:
    """The docks of one main window."""

    def __init__(self, window: QMainWindow, preferences: Preferences) -> None:
        """Prepare an empty layout."""
        self._window = window
        self._preferences = preferences
        self._docks: dict[str, QDockWidget] = {}
        self._specs: dict[str, PanelSpec] = {}
        self._panels: dict[str, Panel] = {}
        self._toggles: dict[str, PanelToggle] = {}
        self._hidden: list[QDockWidget] | None = None
        self._cell_picked = False
        self._sizes = DockSizes(window, self._docks)
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._titles = QTimer(window)
        self._titles.setObjectName("dock titles")
        self._titles.setSingleShot(True)
        self._titles.timeout.connect(self._show_titles)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)

    def __getitem__(self, id: str) -> QDockWidget:
        """Return one dock."""
        return self._docks[id]

    def __contains__(self, name: object) -> bool:
        """Say whether there is a panel of this name."""
        return name in self._docks

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all panels, in the order in which they were added."""
        return tuple(self._docks)

    @property
    def toggles(self) -> list[QAction]:
        """Actions that show and hide each panel, in the order of the table."""
        return [self.toggle(name) for name in self._docks]

    def toggle(self, name: str) -> QAction:
        """Return the action that shows and hides a panel."""
        return self._toggles[name]

    @property
    def panels(self) -> Mapping[str, Panel]:
        """All panels by name."""
        return self._panels

    def panel(self, kind: type[P]) -> P:
        """Return the panel of a class."""
        return next(panel for panel in self._panels.values() if isinstance(panel, kind))

    def spec(self, name: str) -> PanelSpec:
        """Return what describes a panel."""
        return self._specs[name]

    def add(self, name: str, spec: PanelSpec, services: PanelServices) -> Panel:
        """Make a panel and its dock; `arrange`, `restore` or `place` puts it into the window.

        Raises:
            PluginError: something else was made; whatever the panel's own code raises passes.
        """
        panel = spec.make(services)
        if not isinstance(panel, Panel):
            raise refused(spec.make, "an app.panels.panel.Panel", kind_text(panel))
        dock = QDockWidget(literal(spec.title), self._window)
        dock.setObjectName(f"dock_{name}")
        dock.setAutoFillBackground(True)  # panels stand out from the darker window, as their plots do
        dock.setWidget(_scrolling(panel) if spec.scrolls else panel)
        self._toggles[name] = PanelToggle(dock, spec.tooltip, dock)
        for changed in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
            changed.connect(lambda _now: self._titles.start(0))
        for moved in (dock.dockLocationChanged, dock.topLevelChanged):
            moved.connect(lambda _now: self._sizes.follow(False))
        self._docks[name], self._specs[name], self._panels[name] = dock, spec, panel
        return panel

    def remove(self, name: str) -> None:
        """Close a panel and take its dock away."""
        dock, panel = self._docks.pop(name), self._panels.pop(name)
        del self._specs[name], self._toggles[name]
        if self._hidden is not None:
            self._hidden = [hidden for hidden in self._hidden if hidden is not dock]
        panel.close()
        self._window.removeDockWidget(dock)
        dock.deleteLater()
        self._titles.start(0)

    def place(self, name: str) -> None:
        """Put a panel that was added late to where it was the last time, or beside the others of its area."""
        dock, following = self._docks[name], self._sizes.following
        if not self._window.restoreDockWidget(dock):
            self._window.addDockWidget(AREAS[self._specs[name].area], dock)
            for other in self._stack(name):
                self._window.tabifyDockWidget(self._docks[other], dock)
        dock.show()
        self._sizes.follow(following)

    def _stack(self, name: str) -> list[str]:
        """Return the newest panel before this one that it shares a place with, if there is one."""
        spec = self._specs[name]
        names = list(self._docks)
        place = (spec.area, spec.stack)
        before = [n for n in names[: names.index(name)] if (self._specs[n].area, self._specs[n].stack) == place]
        return before[-1:]

    def arrange(self) -> None:
        """Put every panel to where it belongs."""
        window = self._window
        self._hidden = None
        low = window.height() < LOW
        stacks: dict[tuple[PanelArea, int], list[QDockWidget]] = {}
        for name, dock in self._docks.items():
            spec = self._specs[name]
            dock.setFloating(False)
            # A low window has no room for two places above each other.
            place = (spec.area, 0 if low else spec.stack)
            window.addDockWidget(AREAS[spec.area], dock)
            if place in stacks:
                window.tabifyDockWidget(stacks[place][-1], dock)
            stacks.setdefault(place, []).append(dock)
            dock.show()
        for docks in stacks.values():
            docks[0].raise_()
        self._sizes.follow(True)

    def restore(self) -> bool:
        """Bring back the layout of the last time; False if there is none for these panels."""
        stored = self._preferences.layout(BUILT_IN)
        if stored is None:
            return False
        geometry, state = stored
        restored = self._window.restoreGeometry(geometry) and self._window.restoreState(state)
        if restored:
            self._sizes.follow(not self._preferences.layout_by_hand)
        return restored

    def store(self) -> None:
        """Remember the layout for the next start."""
        self.show_all()
        geometry, state = self._window.saveGeometry(), self._window.saveState()
        self._preferences.store_layout(BUILT_IN, geometry, state, by_hand=not self._sizes.following)

    def reset(self) -> None:
        """Go back to the built-in layout, now and at the next start."""
        self._preferences.forget_layout()
        self.arrange()

    def _show_titles(self) -> None:
        """Tabs name their panels already: a title below them would only take room."""
        for dock in self._docks.values():
            tabbed = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            title = dock.titleBarWidget()
            if tabbed == (title is None):
                dock.setTitleBarWidget(NoTitle() if tabbed else None)
                if title is not None:  # Qt leaves it in the dock
                    title.deleteLater()
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # names that do not fit are scrolled to, never cut
            bar.setUsesScrollButtons(True)
        self.show_cell(self._cell_picked)

    def toggle_all(self, hide: bool) -> None:
        """Hide every panel, or bring back those that were shown."""
        if not hide:
            self.show_all()
        elif self._hidden is None:
            self._hidden = [dock for dock in self._docks.values() if not dock.isHidden()]
            for dock in self._hidden:
                dock.hide()

    def show_all(self) -> None:
        """Bring back the panels that were hidden all at once."""
        if self._hidden is not None:
            for dock in self._hidden:
                dock.show()
            self._hidden = None

    def show_cell(self, picked: bool) -> None:
        """Share out the room at the right between Inspector and Sample: whether a cell is picked."""
        self._cell_picked = picked
        self._sizes.set_inspecting(picked or self.in_front("damage"))

    def in_front(self, name: str) -> bool:
        """Whether something of a panel can be seen."""
        return not self._docks[name].visibleRegion().isEmpty()

    def raise_panel(self, id: str) -> None:
        """Show a panel in front of those it shares its place with."""
        dock = self._docks.get(id)
        if dock is not None:
            dock.show()
            dock.raise_()


def _scrolling(panel: QWidget) -> PageArea:
    area = PageArea()
    area.setWidget(panel)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    panel.setObjectName(panel.objectName() or "scrolled")
    return area
