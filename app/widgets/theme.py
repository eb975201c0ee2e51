"""Dark and light appearance on Qt's Fusion style: palette, style sheet and fonts."""

from __future__ import annotations

from typing import get_args

from PyQt6 import sip
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QStyleHints
from PyQt6.QtWidgets import QApplication, QStyleFactory, QToolTip, QWidget

from app.options import ThemeName
from app.platform.turns import Turns
from app.widgets.palette import Theme, theme
from app.widgets.stylesheet import stylesheet

THEME_MODES: tuple[ThemeName, ...] = get_args(ThemeName)

_MIDDLE_LIGHTNESS = 128
_SMALLEST_POINT_SIZE = 9.0


class ThemeController(QObject):
    """Keeps the application's look; in `system` mode it follows the desktop's choice of dark or light.

    Widgets that draw themselves need no connection to it: they ask `theme_of(self)` when they paint.

    Qt goes through every widget there is, shown or not, when a style sheet is taken away, and again when one is set.
    Of a window that stands, each is done in a turn of the event loop of its own, and so is the picture that follows;
    the window shows its old picture until then.
    """

    changed = pyqtSignal(object)
    """The `Theme` now in force; sent once all widgets have it."""

    def __init__(
        self, application: QApplication, mode: ThemeName = "system", *, hints: QStyleHints | None = None
    ) -> None:
        """Style `application` at once and watch the desktop's colour scheme until `close`.

        Args:
            application: the running one.
            mode: dark, light, or whatever the desktop says.
            hints: where the desktop says it; the application's own if None.
        """
        super().__init__(application)
        self._application = application
        self._mode: ThemeName = mode
        self._shown: Theme | None = None
        application.setStyle(QStyleFactory.create("Fusion"))
        application.setFont(tabular(application.font()))
        hints = hints or QGuiApplication.styleHints()
        assert hints is not None
        self._hints = hints
        self._hints.colorSchemeChanged.connect(self._follow)
        self._turns = Turns()
        self._frozen: list[QWidget] = []
        """Windows that show their old picture until all widgets have the new look."""
        self.set_mode(mode)

    @property
    def mode(self) -> ThemeName:
        """What the user chose."""
        return self._mode

    @property
    def theme(self) -> Theme:
        """Colours now in force, though widgets may get them in the next turns of the event loop."""
        return self._shown or theme(True)

    def set_mode(self, mode: ThemeName) -> None:
        """Choose dark, light, or whatever the desktop says."""
        self._mode = mode
        scheme = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}.get(mode)
        if scheme is None:
            self._hints.unsetColorScheme()
        else:
            self._hints.setColorScheme(scheme)
        self._follow()

    def close(self) -> None:
        """Stop watching the desktop."""
        self._hints.colorSchemeChanged.disconnect(self._follow)
        self._turns.close()
        self._thaw()

    def _follow(self) -> None:
        wanted = theme(self._is_dark())
        if wanted is self._shown:
            return
        begins, self._shown = self._shown is None, wanted
        if not begins:
            self._freeze()
        # Taking the old sheet away first takes half the time: Qt works out each widget's inherited colours again when
        # a sheet or a palette changes below a sheet.
        self._application.setStyleSheet("")
        self._application.setPalette(qt_palette(wanted))
        self._turns.forget()  # of a change that this one overtakes
        if not begins:
            self._turns.begin()
        self._turns.do(self._dress)
        self._turns.do(self._show)

    def _dress(self) -> None:
        """Set the style sheet of the theme in force."""
        self._application.setStyleSheet(stylesheet(self.theme))
        QToolTip.setPalette(qt_palette(self.theme))

    def _show(self) -> None:
        """Let windows show the theme in force."""
        self._thaw()
        self.changed.emit(self.theme)

    def _freeze(self) -> None:
        windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
        self._frozen += [window for window in windows if window.updatesEnabled()]
        for window in self._frozen:
            window.setUpdatesEnabled(False)

    def _thaw(self) -> None:
        for window in self._frozen:
            if not sip.isdeleted(window):
                window.setUpdatesEnabled(True)
        self._frozen.clear()

    def _is_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        # A desktop that does not say gets the dark look: the cube shows best on it.
        return self._hints.colorScheme() != Qt.ColorScheme.Light


def theme_of(widget: QWidget) -> Theme:
    """Return the theme that `widget` is shown in, read from its palette."""
    return theme(widget.palette().color(QPalette.ColorRole.Window).lightness() < _MIDDLE_LIGHTNESS)


def application_theme() -> Theme:
    """Return the theme of the running application."""
    return theme(QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < _MIDDLE_LIGHTNESS)


def tabular(font: QFont) -> QFont:
    """Return a copy of `font` whose digits all have the same width, at a readable size."""
    copy = QFont(font)
    copy.setFeature(QFont.Tag(b"tnum"), 1)
    if 0 < copy.pointSizeF() < _SMALLEST_POINT_SIZE:
        copy.setPointSizeF(_SMALLEST_POINT_SIZE)
    return copy


def small(font: QFont) -> QFont:
    """Return a copy of `font` for captions and axes."""
    copy = QFont(font)
    copy.setPointSizeF(max(font.pointSizeF() * 0.9, 7.5))
    return copy


def monospace() -> QFont:
    """Return the system's font of fixed width."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def qt_palette(colors: Theme) -> QPalette:
    """Return the Qt palette of a theme."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for target, color in (
        (role.Window, colors.panel),
        (role.WindowText, colors.text),
        (role.Base, colors.field),
        (role.AlternateBase, colors.raised),
        (role.Text, colors.text),
        (role.PlaceholderText, colors.muted),
        (role.Button, colors.raised),
        (role.ButtonText, colors.text),
        (role.BrightText, colors.accent_text),
        (role.ToolTipBase, colors.raised),
        (role.ToolTipText, colors.text),
        (role.Highlight, colors.accent_fill),
        (role.HighlightedText, colors.accent_text),
        (role.Accent, colors.accent),
        (role.Link, colors.accent),
        (role.LinkVisited, colors.accent),
        (role.Light, colors.hover),
        (role.Midlight, colors.raised),
        (role.Mid, colors.line),
        (role.Dark, colors.border),
        (role.Shadow, colors.window),
    ):
        palette.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group.Disabled, target, QColor(colors.disabled))
    palette.setColor(group.Disabled, role.Highlight, QColor(colors.line))
    return palette


def set_role(label: QWidget, role: str) -> None:
    """Give a label one of the style sheet's roles, such as muted, outdated or error, or none."""
    _set_styled(label, "role", role)


def set_primary(button: QWidget, primary: bool) -> None:
    """Make a button the one that stands out, or one among others."""
    _set_styled(button, "primary", primary)


def set_marked(input: QWidget, marked: bool) -> None:
    """Mark an input whose text could not be taken as it was typed, or unmark it."""
    _set_styled(input, "marked", marked)


def _set_styled(widget: QWidget, name: str, value: object) -> None:
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
    widget.update()
