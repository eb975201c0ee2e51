"""Where the panels are: the built-in layout, storing and restoring it, hiding all."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QSizePolicy, QTabWidget, QWidget

from app.session.preferences import Preferences
from app.widgets.scroll_area import PageArea
from app.window.dock_sizes import LOW, DockSizes

Area = Qt.DockWidgetArea


@dataclass(frozen=True)
class DockSpec:
    """Where one panel belongs."""

    id: str
    title: str
    area: Area
    stack: int
    """Panels of one area and stack share a place, as tabs; the first one is in front."""
    scrolls: bool = True
    """Whether a panel that is too tall scrolls as a whole."""


DOCKS: tuple[DockSpec, ...] = (
    DockSpec("lattice", "Lattice", Area.LeftDockWidgetArea, 0, scrolls=False),
    DockSpec("training", "Training", Area.LeftDockWidgetArea, 0, scrolls=False),
    DockSpec("data", "Data", Area.LeftDockWidgetArea, 0, scrolls=False),
    DockSpec("appearance", "Cube", Area.LeftDockWidgetArea, 0),
    DockSpec("inspector", "Inspector", Area.RightDockWidgetArea, 0),
    DockSpec("sample", "Sample", Area.RightDockWidgetArea, 1, scrolls=False),
    DockSpec("device", "Device", Area.RightDockWidgetArea, 1, scrolls=False),
    DockSpec("curves", "Curves", Area.BottomDockWidgetArea, 0, scrolls=False),
    DockSpec("log", "Log", Area.BottomDockWidgetArea, 0, scrolls=False),
)


class DockLayout:
    """The docks of one main window."""

    def __init__(self, window: QMainWindow, preferences: Preferences) -> None:
        """Prepare an empty layout."""
        self._window = window
        self._preferences = preferences
        self._docks: dict[str, QDockWidget] = {}
        self._hidden: list[QDockWidget] | None = None
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

    @property
    def toggles(self) -> list[QAction]:
        """Actions that show and hide each panel, in the order of the table."""
        return [action for dock in self._docks.values() if (action := dock.toggleViewAction()) is not None]

    def add(self, id: str, panel: QWidget) -> None:
        """Put a panel into its dock."""
        spec = next(spec for spec in DOCKS if spec.id == id)
        dock = QDockWidget(spec.title, self._window)
        dock.setObjectName(f"dock_{id}")
        dock.setAutoFillBackground(True)  # panels stand out from the darker window, as their plots do
        dock.setWidget(_scrolling(panel) if spec.scrolls else panel)
        for changed in (dock.dockLocationChanged, dock.topLevelChanged, dock.visibilityChanged):
            changed.connect(lambda _now: self._titles.start(0))
        for moved in (dock.dockLocationChanged, dock.topLevelChanged):
            moved.connect(lambda _now: self._sizes.follow(False))
        self._docks[id] = dock

    def arrange(self) -> None:
        """Put every panel to where it belongs."""
        window = self._window
        self._hidden = None
        low = window.height() < LOW
        stacks: dict[tuple[Area, int], list[QDockWidget]] = {}
        for spec in DOCKS:
            dock = self._docks.get(spec.id)
            if dock is None:
                continue
            dock.setFloating(False)
            # A low window has no room for two places above each other.
            place = (spec.area, 0 if low else spec.stack)
            window.addDockWidget(spec.area, dock)
            if place in stacks:
                window.tabifyDockWidget(stacks[place][-1], dock)
            stacks.setdefault(place, []).append(dock)
            dock.show()
        for docks in stacks.values():
            docks[0].raise_()
        self._sizes.follow(True)

    @property
    def _panels(self) -> str:
        return " ".join(self._docks)

    def restore(self) -> bool:
        """Bring back the layout of the last time; False if there is none for these panels."""
        stored = self._preferences.layout(self._panels)
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
        self._preferences.store_layout(self._panels, geometry, state, by_hand=not self._sizes.following)

    def reset(self) -> None:
        """Go back to the built-in layout, now and at the next start."""
        self._preferences.forget_layout()
        self.arrange()

    def _show_titles(self) -> None:
        """Tabs name their panels already: a title below them would only take room."""
        for dock in self._docks.values():
            tabbed = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if tabbed == (dock.titleBarWidget() is None):
                dock.setTitleBarWidget(_NoTitle() if tabbed else None)

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

    def raise_panel(self, id: str) -> None:
        """Show a panel in front of those it shares its place with."""
        dock = self._docks.get(id)
        if dock is not None:
            dock.show()
            dock.raise_()


class _NoTitle(QWidget):
    """Stands for a title bar and takes a single line of pixels; Qt can't lay out one that takes none."""

    def sizeHint(self) -> QSize:
        """Be as low as can be."""
        return QSize(0, 1)

    def minimumSizeHint(self) -> QSize:
        """Be as low as can be."""
        return QSize(0, 1)


def _scrolling(panel: QWidget) -> PageArea:
    area = PageArea()
    area.setWidget(panel)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    panel.setObjectName(panel.objectName() or "scrolled")
    return area
