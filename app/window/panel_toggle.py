"""The menu's entry of a panel: shows it in front with the keys in it, or hides it if it is in front already."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QWidget


class PanelToggle(QAction):
    """Checked while the panel is not hidden; a panel that is behind another tab is raised, not hidden."""

    def __init__(self, dock: QDockWidget, tooltip: str, parent: QObject) -> None:
        """Make the entry of a dock."""
        super().__init__(dock.windowTitle(), parent)
        self._dock = dock
        self.setToolTip(tooltip)
        self.setCheckable(True)
        shown = dock.toggleViewAction()
        assert shown is not None
        self.setChecked(shown.isChecked())
        shown.toggled.connect(self.setChecked)
        self.triggered.connect(self._on_triggered)

    def _on_triggered(self, checked: bool) -> None:
        if not checked and not self._dock.visibleRegion().isEmpty():
            self._dock.hide()
            return
        self._dock.show()
        self._dock.raise_()
        self.setChecked(True)
        if (first := first_input(self._dock)) is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)


def first_input(dock: QDockWidget) -> QWidget | None:
    """Return the first input of a panel that Tab reaches; None if it has none that can be used now."""
    panel = dock.widget()
    widget = None if panel is None else panel.nextInFocusChain()
    while panel is not None and widget is not None and widget is not panel:
        tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if tabbed and panel.isAncestorOf(widget) and widget.isEnabled() and widget.isVisibleTo(panel):
            return widget
        widget = widget.nextInFocusChain()
    return None
