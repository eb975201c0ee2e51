"""Menus and toolbar, made from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QLabel,
    QMainWindow,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.actions.plugins import PluginActions, short
from app.actions.registry import Actions
from app.actions.trackers import TrackerActions
from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo
from app.widgets.labels import literal
from app.window.sample_box import SampleBox
from lattice.config import preset_names, preset_summary
from lattice.plugin_loading import loaded_plugins
from lattice.plugins import TRACKERS

MENUS = ("File", "Run", "Cube", "View", "Help")
SUBMENU_ICONS = {
    "Export": "export",
    "Colour": "colors",
    "Slice": "slice",
    "Walk": "pick",
    "Camera": "orbit",
    "Theme": "theme",
    "Panels": "window",
}
TEXT_BESIDE_ICON = ("toggle", "step", "reset")


@dataclass(frozen=True)
class Menus:
    """The menus whose entries change while the window is open."""

    recent: QMenu
    """Files opened lately; its owner fills it when it is opened."""
    plugins: QMenu
    """Loaded plugins; its owner fills it when it is opened."""
    trackers: QMenu
    """Registered trackers; its owner fills it when it is opened."""
    colors: QMenu
    """Colour modes; those of plugins and of the cell rule's traces come and go."""
    panels: QMenu
    """Actions that show and hide the panels."""


def build_menus(bar: QMenuBar, actions: Actions, toggles: Sequence[QAction], new_run: Callable[[str], None]) -> Menus:
    """Fill the menu bar; return the menus that change.

    Args:
        bar: menu bar to fill.
        actions: all actions.
        toggles: actions that show and hide the panels, for the View menu.
        new_run: called with the name of a preset.
    """
    menus: dict[str, QMenu] = {}
    for name in MENUS:
        menus[name] = _add_menu(bar, f"&{name}")  # Alt with the first letter opens it
    file = menus["File"]
    presets = _add_menu(file, "New run")
    presets.setIcon(icon("new"))
    for name in preset_names():
        entry = QAction(f"Preset '{name}'", presets)
        entry.setObjectName(f"new_{name}")
        entry.setToolTip(preset_summary(name))
        entry.triggered.connect(lambda _checked, preset=name: new_run(preset))
        presets.addAction(entry)
    recent = _add_menu(file, "Open recent")
    recent.setIcon(icon("recent"))
    plugins = _add_menu(file, "Loaded plugins")
    plugins.setIcon(icon("plugin"))
    for spec in actions.specs.values():
        top, _, sub = spec.menu.partition("/")
        if sub and spec.menu not in menus:
            menus[spec.menu] = _add_menu(menus[top], sub)
            if sub in SUBMENU_ICONS:
                menus[spec.menu].setIcon(icon(SUBMENU_ICONS[sub]))
        menu = menus[spec.menu]
        if spec.separator and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions[spec.id])
    trackers = _add_menu(menus["Run"], "Track with")
    trackers.setIcon(icon("curves"))
    menus["Run"].insertMenu(actions["copy_command"], trackers)
    panels = _add_menu(menus["View"], "Panels")
    panels.setIcon(icon(SUBMENU_ICONS["Panels"]))
    panels.addActions(list(toggles))
    return Menus(recent, plugins, trackers, menus["Cube/Colour"], panels)


def fill_recent(
    menu: QMenu, files: Sequence[Path], open_path: Callable[[Path], None], forget: Callable[[], None]
) -> None:
    """Fill the menu of recent files, newest first."""
    menu.clear()
    for path in files:
        entry = QAction(literal(path.name), menu)
        entry.setToolTip(str(path))
        entry.triggered.connect(lambda _checked, chosen=path: open_path(chosen))
        menu.addAction(entry)
    menu.setToolTipsVisible(True)
    if files:
        menu.addSeparator()
        clear = QAction("Forget these", menu)
        clear.triggered.connect(lambda _checked: forget())
        menu.addAction(clear)
    else:
        empty = QAction("Nothing was opened yet", menu)
        empty.setEnabled(False)
        menu.addAction(empty)


def fill_plugins(menu: QMenu, plugins: PluginActions) -> None:
    """Fill the menu of loaded plugins: each can be loaded again or unloaded."""
    menu.clear()
    for plugin in loaded_plugins():
        own = _add_menu(menu, literal(short(plugin.name)))
        for text, tip, act in (
            ("Load again", "Load it as its file is now, as every save of the file does", plugins.load_again),
            ("Unload", "Remove what it brought from all lists", plugins.unload),
        ):
            entry = QAction(text, own)
            entry.setToolTip(f"{tip}\n{plugin.name}")
            entry.triggered.connect(lambda _checked, do=act, name=plugin.name: do(name))
            own.addAction(entry)
        own.addSeparator()
        for brought in plugin.brings:
            line = QAction(literal(brought), own)
            line.setEnabled(False)
            own.addAction(line)
    if menu.isEmpty():
        empty = QAction("No plugin is loaded", menu)
        empty.setEnabled(False)
        menu.addAction(empty)


def fill_trackers(menu: QMenu, trackers: TrackerActions) -> None:
    """Fill the menu of trackers, those of plugins too: each can be chosen, or no longer."""
    menu.clear()
    for entry in TRACKERS.entries():
        title = entry.value.title
        choice = QAction(literal(title), menu)
        choice.setObjectName(f"track_{entry.name}")
        choice.setToolTip(f"Also hand figures and pictures of the cube to {title}, through its own package")
        choice.setCheckable(True)
        choice.setChecked(entry.name in trackers.chosen)
        choice.triggered.connect(lambda _checked, name=entry.name: trackers.toggle(name))
        menu.addAction(choice)


class MainToolBar(QToolBar):
    """Start, step, reset; what the colours mean; which sample is watched; camera and photo."""

    mode_chosen = pyqtSignal(str)
    sample_clicked = pyqtSignal()

    def __init__(self, actions: Actions, window: QMainWindow) -> None:
        """Create the toolbar of a window."""
        super().__init__("Toolbar", window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(18, 18))
        chosen = [spec.id for spec in actions.specs.values() if spec.toolbar]
        for id_ in TEXT_BESIDE_ICON:
            self._add_button(actions[id_], beside=True)
        start = self.widgetForAction(actions["toggle"])
        if isinstance(start, QToolButton):
            # All words fit, so that the toolbar does not jump when training starts.
            metrics = start.fontMetrics()
            widest = max(metrics.horizontalAdvance(word) for word in ("Start", "Pause", "Pausing"))
            start.setMinimumWidth(widest + 48)
        self.addSeparator()
        self._add_caption("Colour")
        self.modes = CalmCombo()
        self.modes.setToolTip("What the colours mean (1 to 9)")
        self.modes.activated.connect(lambda index: self.mode_chosen.emit(self.modes.itemData(index)))
        self.addWidget(self.modes)
        self.addSeparator()
        self._add_caption("Sample")
        self.sample = SampleBox()
        self.sample.clicked.connect(self.sample_clicked)
        self.addWidget(self.sample)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        for id_ in chosen:
            if id_ not in TEXT_BESIDE_ICON:
                self._add_button(actions[id_], beside=False)

    def _add_button(self, action: QAction, *, beside: bool) -> None:
        self.addAction(action)
        button = self.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if beside:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _add_caption(self, text: str) -> None:
        label = QLabel(text)
        label.setProperty("role", "muted")
        label.setContentsMargins(6, 0, 2, 0)
        self.addWidget(label)


def _add_menu(parent: QMenuBar | QMenu, name: str) -> QMenu:
    menu = parent.addMenu(name)
    if menu is None:
        raise RuntimeError(f"Qt made no menu {name!r}")
    menu.setToolTipsVisible(True)
    return menu
