"""What the menus do about looking: camera, picked cell, theme, full screen, preferences."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication, QWidget

from app.cube.view import CubeView
from app.options import ThemeName
from app.session.display import Display
from app.session.preferences import Preferences, PreferencesDialog
from app.session.selection import Selection
from app.widgets.editable import is_text
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
        parent: QWidget,
    ) -> None:
        """Work for a window.

        Args:
            cube: picture of the cube.
            display: colours it.
            picked: the picked cell.
            theme: the application's look.
            preferences: where the theme is remembered.
            parent: window that fills the screen, and that dialogs belong to.
        """
        super().__init__(parent)
        self._cube, self._display, self._picked, self._theme = cube, display, picked, theme
        self._preferences, self._parent = preferences, parent

    def set_theme(self, mode: ThemeName) -> None:
        """Use the dark or the light look, or the desktop's, and remember the choice."""
        self._preferences.theme = mode
        self.show_theme(mode)

    def show_theme(self, mode: ThemeName) -> None:
        """Use a look without remembering it, such as the one that the command line names."""
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

    def escape(self) -> None:
        """Leave a text; from elsewhere let the picked cell go, or else leave the full screen. Keys go to the cube."""
        typing = is_text(QApplication.focusWidget())
        self._cube.setFocus()
        if typing:
            return
        if self._picked.cell is not None:
            self._picked.set(None)
        elif self._parent.isFullScreen():
            self.set_full_screen(False)
            self.full_screen_left.emit()

    def ask_preferences(self) -> None:
        """Edit the preferences."""
        dialog = transient(PreferencesDialog(self._preferences, self._theme.mode, self._parent))
        dialog.theme_chosen.connect(self.set_theme)
        dialog.accepted.connect(self.preferences_changed)
        dialog.open()
