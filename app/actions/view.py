"""What the View, Cube and Help menus do that belongs to no panel: camera, picked cell, theme, help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from app.actions.help_dialogs import AboutDialog, ShortcutSheet

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class ViewActions(QObject):
    """Answers the actions that are about looking."""

    def __init__(self, window: MainWindow) -> None:
        """Work for a window."""
        super().__init__(window)
        self._window = window

    def walk(self, way: tuple[int, int, int]) -> None:
        """Pick the neighbour to the right, up, or farther away; without a picked cell, say how to pick one."""
        if self._window.picked.cell is None:
            self._window.status.notify("The arrow keys walk from cell to cell once one is picked.")
        else:
            self._window.picked.walk(*way)

    def set_theme(self, mode: str) -> None:
        """Use the dark or the light look, or the desktop's."""
        if mode != self._window.options.theme:
            self._window.preferences.theme = mode  # type: ignore[assignment]
        self._window.theme.set_mode(mode)  # type: ignore[arg-type]
        self._window.actions_[f"theme_{mode}"].setChecked(True)
        self._window.cube.set_theme(self._window.theme.theme.dark)
        self._window.display.set_theme(self._window.theme.theme.dark)

    def set_full_screen(self, on: bool) -> None:
        """Fill the screen, or not."""
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def look_at(self, side: tuple[int, int]) -> None:
        """Look straight at a face; `side` is (axis, +1 or -1)."""
        self._window.cube.look(*side)

    def focus_picked(self) -> None:
        """Fly to the picked cell."""
        if self._window.picked.cell is None:
            self._window.status.notify("Pick a cell first: click it in the cube.")
        else:
            self._window.picked.focus()

    def escape(self) -> None:
        """Let the picked cell go; without one, leave the full screen."""
        if self._window.picked.cell is not None:
            self._window.picked.set(None)
        elif self._window.isFullScreen():
            self._window.actions_["full_screen"].trigger()

    def show_keys(self) -> None:
        """Show the sheet of shortcuts."""
        ShortcutSheet(self._window.actions_.shortcut_groups(), self._window).show()

    def show_about(self) -> None:
        """Show version and licence."""
        AboutDialog(self._window).show()
