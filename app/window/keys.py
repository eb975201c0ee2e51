"""Decides which keys are the window's and which belong to the widget with the focus, in one place for all widgets.

Space is Start/Pause in the whole window but in texts that can be edited: no button, slider, check box, list or tab
takes it. Return presses a button and opens a list of choices instead. A widget that can't be seen gets no key, and none
gets the keys of an input that was greyed or hidden under the person's hands: they go to the cube.
Dialogs, menus and open lists of choices are windows of their own and keep the toolkit's keys.
"""

from __future__ import annotations

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.widgets.editable import is_text
from app.widgets.range_slider import RangeSlider
from app.widgets.step_track import StepTrack
from app.window.focus import can_be_seen

Key = Qt.Key

_ARROWS = {Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown}
_TRAVEL = _ARROWS | {Key.Key_Home, Key.Key_End}
_OWN_KEYS: tuple[tuple[tuple[type[QWidget], ...], set[Key]], ...] = (
    ((QAbstractSlider, RangeSlider, StepTrack, QTabBar), _TRAVEL),
    ((QAbstractItemView, QPlainTextEdit, QTextEdit), _TRAVEL),
    ((QComboBox,), _ARROWS),
)
_ENTER = (Key.Key_Return, Key.Key_Enter)
_KEY_EVENTS = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


class KeyGuard(QObject):
    """Sees every key event of the window before its widgets and shortcuts do.

    Keys go to the widget that has the focus, or to the window if none has, so these are watched. A filter for the
    whole application would be called for each of the thousands of events of a layout, and wait for Python's lock
    each time.
    """

    def __init__(self, window: QWidget, cube: QWidget) -> None:
        """Guard the keys of a window and of its floating panels; `cube` gets the keys of what can't be seen."""
        super().__init__(window)
        self._window = window
        self._cube = cube
        self.repeating = False
        """Whether the newest key event comes from a key that is held down."""
        self._focused: QWidget | None = None
        """What has the focus and is watched for that."""
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        self._watch(QApplication.focusWidget())

    def close(self) -> None:
        """Stop watching."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._on_focus_changed)
        self._window.removeEventFilter(self)
        self._watch(None)

    def _watch(self, focused: QWidget | None) -> None:
        """Watch what has the focus now, in place of what had it before."""
        if self._focused is not None and not sip.isdeleted(self._focused):
            self._focused.removeEventFilter(self)
        self._focused = None if focused is self._window else focused
        if self._focused is not None:
            self._focused.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hand a key event to whom it belongs."""
        if not isinstance(event, QKeyEvent) or event.type() not in _KEY_EVENTS or not isinstance(watched, QWidget):
            return False
        self.repeating = event.isAutoRepeat()  # of a release, too: the key that is let go at last is held no more
        widget = QApplication.focusWidget()
        if widget is None or not self._belongs(widget):
            return False
        if not can_be_seen(widget):
            self._cube.setFocus()  # the press that follows a look-up of the shortcuts goes there
            return True
        if event.type() == QEvent.Type.ShortcutOverride:
            return self._claim(widget, event)
        return self._is_start(widget, event) or self._press(widget, event)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Watch what has it now; take it back from the input that Qt passes it on to, the next in the order of Tab."""
        self._watch(now)
        if before is None or now is None or not (self._belongs(before) and self._belongs(now)):
            return
        if not (before.isEnabled() and before.isVisible()) and now is not self._cube:
            self._cube.setFocus()

    def _claim(self, widget: QWidget, event: QKeyEvent) -> bool:
        """Accept a key on behalf of the widget, so that it is no shortcut; keep it from claiming Space by itself."""
        if self._is_start(widget, event):
            return True  # without being accepted: the widget does not see it, and it stays a shortcut
        if _is_own(widget, event):
            event.accept()
            return True
        return False

    def _belongs(self, widget: QWidget) -> bool:
        top = widget.window()
        return top is self._window or (isinstance(top, QDockWidget) and top.parent() is self._window)

    def _is_start(self, widget: QWidget, event: QKeyEvent) -> bool:
        """Say whether a key is Start/Pause; a number has no spaces, so boxes of numbers leave Space to the window."""
        plain = _modifiers(event) in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        return plain and event.key() == Key.Key_Space and not is_text(widget)

    def _press(self, widget: QWidget, event: QKeyEvent) -> bool:
        """Let Return do what Space does in other programs."""
        if event.type() != QEvent.Type.KeyPress or Key(event.key()) not in _ENTER or _modifiers(event):
            return False
        if isinstance(widget, QAbstractButton):
            if not event.isAutoRepeat():
                widget.click()
            return True
        if isinstance(widget, QComboBox) and not widget.isEditable():
            widget.showPopup()
            return True
        return False


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


def _is_own(widget: QWidget, event: QKeyEvent) -> bool:
    """Say whether the focused widget knows what to do with a key that may be a shortcut as well."""
    if _modifiers(event) & ~Qt.KeyboardModifier.ShiftModifier:
        return False
    key = Key(event.key())
    if is_text(widget) or isinstance(widget, QAbstractSpinBox | QLineEdit):
        # Escape and function keys stay shortcuts; everything else is typing.
        return not (Key.Key_F1 <= key <= Key.Key_F35 or key == Key.Key_Escape)
    return any(isinstance(widget, kinds) and key in keys for kinds, keys in _OWN_KEYS)
