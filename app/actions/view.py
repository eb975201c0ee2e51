"""What the menus do about looking: camera, picked cell, theme, panels' search fields, help, preferences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.actions.help_dialogs import AboutDialog, KeyGroup, ShortcutSheet
from app.cube.view import CubeView
from app.options import ThemeName
from app.session.display import Display
from app.session.preferences import Preferences, PreferencesDialog
from app.session.selection import Selection
from app.widgets.theme import ThemeController
from app.widgets.transient import transient


class ViewActions(QObject):
    """Answers the actions that are about looking."""

    theme_changed = pyqtSignal(str)
    """The `ThemeName` in force."""
    full_screen_left = pyqtSignal()
    """Escape left the full screen."""
    preferences_changed = pyqtSignal()
    """The user edited the preferences."""

    def __init__(
        self,
        cube: CubeView,
        display: Display,
        picked: Selection,
        theme: ThemeController,
        preferences: Preferences,
        shortcuts: Callable[[], Sequence[KeyGroup]],
        notify: Callable[[str], None],
        parent: QWidget,
        *,
        forced_theme: ThemeName | None = None,
    ) -> None:
        """Work for a window.

        Args:
            cube: picture of the cube.
            display: colours it.
            picked: the picked cell.
            theme: the application's look.
            preferences: where the theme is remembered.
            shortcuts: gives the keys for the sheet of shortcuts.
            notify: shows a sentence.
            parent: window that fills the screen, and that dialogs belong to.
            forced_theme: theme of the command line, which is not remembered.
        """
        super().__init__(parent)
        self._cube, self._display, self._picked, self._theme = cube, display, picked, theme
        self._preferences, self._shortcuts, self._notify = preferences, shortcuts, notify
        self._parent, self._forced_theme = parent, forced_theme

    def walk(self, way: tuple[int, int, int]) -> None:
        """Pick the neighbour to the right, up, or farther away; without a picked cell, say how to pick one."""
        if self._picked.cell is None:
            self._notify("The arrow keys walk from cell to cell once one is picked.")
        else:
            self._picked.walk(*way)

    def set_theme(self, mode: ThemeName) -> None:
        """Use the dark or the light look, or the desktop's."""
        if mode != self._forced_theme:
            self._preferences.theme = mode
        self._theme.set_mode(mode)
        dark = self._theme.theme.dark
        self._cube.set_theme(dark)
        self._display.set_theme(dark)
        self.theme_changed.emit(mode)

    def set_full_screen(self, on: bool) -> None:
        """Fill the screen, or not."""
        if on:
            self._parent.showFullScreen()
        else:
            self._parent.showNormal()

    def look_at(self, side: tuple[int, int]) -> None:
        """Look straight at a face; `side` is (axis, +1 or -1)."""
        self._cube.look(*side)

    def focus_picked(self) -> None:
        """Fly to the picked cell."""
        if self._picked.cell is None:
            self._notify("Pick a cell first: click it in the cube.")
        else:
            self._picked.focus()

    def escape(self) -> None:
        """Let the picked cell go; without one, leave the full screen."""
        if self._picked.cell is not None:
            self._picked.set(None)
        elif self._parent.isFullScreen():
            self.set_full_screen(False)
            self.full_screen_left.emit()

    def show_keys(self) -> None:
        """Show the sheet of shortcuts."""
        transient(ShortcutSheet(self._shortcuts(), self._parent)).show()

    def show_about(self) -> None:
        """Show version and licence."""
        transient(AboutDialog(self._parent)).show()

    def ask_preferences(self) -> None:
        """Edit the preferences."""
        dialog = transient(PreferencesDialog(self._preferences, self._parent))
        dialog.accepted.connect(self.preferences_changed)
        dialog.open()
