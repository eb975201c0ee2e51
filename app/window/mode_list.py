"""The colour modes that can be chosen, in the toolbar and in the Cube menu: built in, plugged in, and traces."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu

from app.actions.registry import Actions
from app.session.display import Display
from app.widgets.inputs import CalmCombo
from app.widgets.labels import literal


class ModeList:
    """Keeps both lists in step with the display's modes, and shows which one is in force."""

    def __init__(self, display: Display, actions: Actions, menu: QMenu, box: CalmCombo) -> None:
        """Fill both lists.

        Args:
            display: knows the modes.
            actions: hold the built-in modes, as `mode_<name>`.
            menu: menu of the colour modes; modes that come and go are put above its first separator.
            box: choice in the toolbar.
        """
        self._display, self._actions, self._menu, self._box = display, actions, menu, box
        self._added: dict[str, QAction] = {}
        self.refresh()

    def refresh(self) -> None:
        """List the modes again."""
        for action in self._added.values():
            self._menu.removeAction(action)
            self._actions.group("mode").removeAction(action)
            action.deleteLater()
        self._added.clear()
        with QSignalBlocker(self._box):
            self._box.clear()
            for number, mode in enumerate(self._display.modes, start=1):
                built_in = f"mode_{mode.name}" in self._actions
                self._box.addItem(mode.title, mode.name)
                tip = f"{mode.tip} Key {number}." if built_in else f"{mode.tip} From {mode.plugin}."
                self._box.setItemData(number - 1, tip, Qt.ItemDataRole.ToolTipRole)
                if not built_in:
                    self._add(mode.name, mode.title, tip)
        self.show(self._display.mode)

    def show(self, mode: str) -> None:
        """Show the mode in force."""
        action = self._added.get(mode)
        if action is None and f"mode_{mode}" in self._actions:
            action = self._actions[f"mode_{mode}"]
        if action is not None:
            action.setChecked(True)
        self._box.setCurrentIndex(self._box.findData(mode))

    def _add(self, name: str, title: str, tip: str) -> None:
        action = QAction(literal(title), self._menu)
        action.setToolTip(tip)
        action.setCheckable(True)
        action.triggered.connect(lambda _checked: self._display.set_mode(name))
        self._actions.group("mode").addAction(action)
        before = next((entry for entry in self._menu.actions() if entry.isSeparator()), None)
        self._menu.insertAction(before, action)
        self._added[name] = action
