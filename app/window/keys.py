"""Keeps single-key shortcuts from taking keys away from the widget that has the focus."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.widgets.range_slider import RangeSlider
from app.widgets.step_track import StepTrack

Key = Qt.Key

_ARROWS = {Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown}
_OWN_KEYS: tuple[tuple[tuple[type[QWidget], ...], set[Key]], ...] = (
    ((QAbstractSlider, RangeSlider, StepTrack, QTabBar), _ARROWS | {Key.Key_Home, Key.Key_End}),
    ((QAbstractItemView,), _ARROWS | {Key.Key_Home, Key.Key_End, Key.Key_Space}),
    ((QComboBox,), _ARROWS | {Key.Key_Space}),
    ((QAbstractButton,), {Key.Key_Space}),
)
_TYPED_INTO = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)


class KeyGuard(QObject):
    """Watches the application for keys that are about to become shortcuts."""

    def __init__(self, window: QWidget, cube: QWidget) -> None:
        """Guard the keys of a window; Tab is a shortcut only while `cube` has the focus, or nothing has."""
        super().__init__(window)
        self._window = window
        self._cube = cube
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def close(self) -> None:
        """Stop watching."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the focused widget have the keys that it knows what to do with."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            widget = QApplication.focusWidget()
            if widget is not None and widget.window() is self._window and self._is_own(widget, event):
                event.accept()
                return True
        return False

    def _is_own(self, widget: QWidget, event: QKeyEvent) -> bool:
        modifiers = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if modifiers:
            return False
        key = Key(event.key())
        if key in (Key.Key_Tab, Key.Key_Backtab):
            return widget is not self._cube and widget is not self._window
        if isinstance(widget, _TYPED_INTO):
            # Escape and function keys stay shortcuts; everything else is typing.
            return not (Key.Key_F1 <= key <= Key.Key_F35 or key == Key.Key_Escape)
        return any(isinstance(widget, kinds) and key in keys for kinds, keys in _OWN_KEYS)
