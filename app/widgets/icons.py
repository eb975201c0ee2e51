"""Named icons, drawn from Material Design Icons in the colours of whatever theme is in force when they are painted."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPen, QPixmap

from app.widgets.palette import Theme
from app.widgets.theme import application_theme
from lattice.log import logger

IconRole = Literal["text", "muted", "accent", "warning", "error", "success", "on_accent"]

ICONS: dict[str, str] = {
    "start": "play",
    "pause": "pause",
    "stop": "stop",
    "single_step": "step-forward",
    "reset": "restart",
    "play": "play-outline",
    "previous": "chevron-left",
    "next": "chevron-right",
    "expand": "chevron-down",
    "camera": "camera-outline",
    "record": "record-circle-outline",
    "movie": "movie-open-outline",
    "home": "home-outline",
    "orthographic": "cube-outline",
    "cube": "cube",
    "axes": "axis-arrow",
    "orbit": "rotate-orbit",
    "slice": "box-cutter",
    "shells": "bullseye",
    "focus": "image-filter-center-focus",
    "pick": "crosshairs",
    "grid": "grid",
    "opacity": "layers-outline",
    "colors": "palette-outline",
    "new": "file-plus-outline",
    "open": "folder-open-outline",
    "data": "database-outline",
    "plugin": "puzzle-outline",
    "checkpoint": "file-document-outline",
    "recent": "history",
    "save": "content-save-outline",
    "export": "export-variant",
    "image": "image-outline",
    "download": "download",
    "settings": "cog-outline",
    "sliders": "tune-variant",
    "curves": "chart-line",
    "memory": "memory",
    "chip": "chip",
    "log": "text-box-search-outline",
    "search": "magnify",
    "filter": "filter-variant",
    "lasso": "lasso",
    "histogram": "chart-histogram",
    "copy": "content-copy",
    "clear": "broom",
    "delete": "delete-outline",
    "undo": "undo-variant",
    "redo": "redo-variant",
    "apply": "check",
    "close": "close",
    "link": "link-variant",
    "unlink": "link-variant-off",
    "lock": "lock-outline",
    "unlock": "lock-open-variant-outline",
    "warning": "alert-outline",
    "error": "alert-circle-outline",
    "info": "information-outline",
    "help": "help-circle-outline",
    "keyboard": "keyboard-outline",
    "fullscreen": "fullscreen",
    "theme": "theme-light-dark",
    "window": "dock-window",
    "follow": "arrow-collapse-right",
    "fit": "arrow-expand-all",
    "sample": "format-list-bulleted",
    "flag": "bookmark-outline",
    "quit": "exit-to-app",
}
"""Name in this program -> name in Material Design Icons 6."""

_FONT_PREFIX = "mdi6"


class ThemedIconEngine(QIconEngine):
    """Paints one glyph; the colour is looked up at every paint, so that a change of theme needs no new icons."""

    def __init__(self, name: str, role: IconRole = "text") -> None:
        """Create the engine for one of the names in `ICONS`."""
        super().__init__()
        self._name = name
        self._role: IconRole = role

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the glyph into `rect`; without the icon font, a plain ring stands in."""
        if painter is None:
            return
        color = self._color(application_theme(), mode, state)
        glyph = _glyph(self._name, color)
        if glyph is not None:
            glyph.paint(painter, rect)
        else:
            _paint_ring(painter, rect, color)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the glyph on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Return a copy, as `QIcon.detach` requires."""
        return ThemedIconEngine(self._name, self._role)

    def _color(self, colors: Theme, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode == QIcon.Mode.Disabled:
            return colors.disabled
        if mode == QIcon.Mode.Selected or self._role == "on_accent":
            return colors.accent_text
        if state == QIcon.State.On and self._role == "text":
            return colors.accent
        return str(getattr(colors, self._role))


def icon(name: str, role: IconRole = "text") -> QIcon:
    """Return a named icon that recolours itself with the theme; raise `KeyError` for a name not in `ICONS`."""
    if name not in ICONS:
        raise KeyError(f"no icon named {name!r}: expected one of {', '.join(ICONS)}")
    return QIcon(ThemedIconEngine(name, role))


def icons_available() -> bool:
    """Return whether the icon font could be loaded."""
    return _font() is not None


@cache
def _font() -> Any:
    try:
        import qtawesome
        from qtawesome.iconic_font import IconicFont

        folder = Path(qtawesome.__file__).parent / "fonts"
        # Only this one of its twelve fonts: loading all of them costs ten times as much.
        face = next(iter(sorted(folder.glob("materialdesignicons6*.ttf"))))
        names = next(iter(sorted(folder.glob("materialdesignicons6*.json"))))
        return IconicFont((_FONT_PREFIX, face.name, names.name, str(folder)))
    except Exception as error:  # whatever is wrong with the font, the program works without icons
        logger.warning("the icon font is missing, plain rings stand in: %s", error)
        return None


@cache
def _glyph(name: str, color: str) -> QIcon | None:
    font = _font()
    if font is None:
        return None
    glyph: QIcon = font.icon(f"{_FONT_PREFIX}.{ICONS[name]}", color=color, color_disabled=color)
    return glyph


def _paint_ring(painter: QPainter, rect: QRect, color: str) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), max(rect.height() / 10, 1.0)))
    inset = rect.height() // 4
    painter.drawEllipse(rect.adjusted(inset, inset, -inset, -inset))
    painter.restore()
