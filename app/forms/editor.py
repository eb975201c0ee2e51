"""One row of a form: mark, title, input, slider."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractSpinBox, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.forms.fields import field_spec
from app.forms.inputs import ChoiceInput, NumberInput, SidesInput, make_input
from app.forms.scales import scale_for
from app.widgets.inputs import CalmSlider
from app.widgets.theme import set_role, theme_of

_OWN_KEYS = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    }
)
"""Keys that a focused input needs for itself, whatever the window's shortcuts are."""


class SettingEditor(QWidget):
    """Shows and edits one setting, and marks it while its value differs from the applied one.

    Double click on the title or the slider: back to the preset's value. Escape: back to the applied value.
    """

    edited = pyqtSignal(object)
    """The new value, after every change by the user's hand."""

    def __init__(
        self,
        key: str,
        *,
        applied: Any = None,
        preset: Any = None,
        heading: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Create the row of a setting.

        Args:
            key: dotted.
            applied: the value in force; None stands for the default where the setting can't be empty.
            preset: what a double click returns to, likewise.
            heading: whether the title is the heading of the rows below.
            parent: owner.
        """
        super().__init__(parent)
        self._plain_role = "heading" if heading else ""
        self.spec = field_spec(key)
        self._applied = self.spec.default if applied is None and not self.spec.optional else applied
        self._preset = self.spec.default if preset is None and not self.spec.optional else preset
        self._mark = ChangeMark()
        self._title = _TitleLabel(self.spec.title)
        self._title.double_clicked.connect(self.reset)
        self.input = make_input(self.spec)
        self.input.changed.connect(self._input_changed)
        self._scale = scale_for(self.spec)
        self.slider = CalmSlider() if self._scale is not None else None
        self._lay_out()
        self.setToolTip(self.spec.tooltip())
        self._title.setBuddy(self._focus_widget())
        for widget in self.findChildren(QWidget):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                widget.installEventFilter(self)
                if not widget.accessibleName():
                    widget.setAccessibleName(self.spec.title)
        self.set_value(self._applied)

    @property
    def key(self) -> str:
        """Dotted key of the setting."""
        return self.spec.key

    @property
    def changed(self) -> bool:
        """Whether the value shown differs from the applied one."""
        return bool(self.value() != self._applied)

    def value(self) -> Any:
        """Return the value shown."""
        return self.input.value()

    def set_value(self, value: Any) -> None:
        """Show a value without emitting `edited`; it counts as not yet applied if it differs."""
        self.input.set_value(value)
        self._show_state()

    def set_applied(self, value: Any, *, keep_edit: bool = False) -> None:
        """Set the value that is in force, and show it; with `keep_edit` a value being edited stays as it is."""
        editing = self.changed
        self._applied = value
        if not (keep_edit and editing):
            self.input.set_value(value)
        self._show_state()

    def set_preset(self, value: Any) -> None:
        """Set the value that a double click returns to."""
        self._preset = value

    def refresh_choices(self) -> None:
        """List again what is registered under the names that this setting may take."""
        if isinstance(self.input, ChoiceInput):
            self.spec = field_spec(self.key)
            self.setToolTip(self.spec.tooltip())
            self.input.set_choices(self.spec)

    def revert(self) -> None:
        """Return to the applied value."""
        self._take(self._applied)

    def reset(self) -> None:
        """Return to the preset's value."""
        self._take(self._preset)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep Escape and the navigation keys for the focused input."""
        if isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape and self.changed
            if event.type() == QEvent.Type.ShortcutOverride:
                plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
                if escape or (event.key() in _OWN_KEYS and plain):
                    event.accept()
                    return True
            elif event.type() == QEvent.Type.KeyPress and escape:
                self.revert()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 8 if self._plain_role else 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4 if self.spec.entries else 1)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(self._title, 0, 1)
        if isinstance(self.input, SidesInput):
            grid.addWidget(self._sides_header(self.input.link), 0, 2)
            grid.addWidget(self.input, 1, 1, 1, 2)
        elif self.spec.entries:  # titles, which need the width
            grid.addWidget(self.input, 1, 1, 1, 2)
        else:
            grid.addWidget(self.input, 0, 2)
        if self.slider is not None and self._scale is not None and isinstance(self.input, NumberInput):
            self.input.spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            self.slider.setRange(0, self._scale.positions)
            self.slider.setPageStep(max(self._scale.positions // 20, 1))
            self.slider.valueChanged.connect(self._slider_moved)
            self.slider.stepped.connect(self.input.spin.stepBy)
            self.slider.reset_requested.connect(self.reset)
            grid.addWidget(self.slider, 1, 1, 1, 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _sides_header(self, link: QWidget) -> QWidget:
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(0, 0, 0, 0)
        unit = QLabel(self.spec.unit)
        set_role(unit, "muted")
        row.addStretch(1)
        row.addWidget(unit)
        row.addWidget(link)
        return header

    def _focus_widget(self) -> QWidget | None:
        children = self.input.findChildren(QWidget)
        return next((child for child in children if child.focusPolicy() != Qt.FocusPolicy.NoFocus), None)

    def _slider_moved(self, position: int) -> None:
        if self._scale is None or self._scale.position(float(self.value())) == position:
            return  # the slider follows the number here, it does not lead
        value = self._scale.value(position)
        self._take(int(value) if self.spec.kind == "int" else value)

    def _take(self, value: Any) -> None:
        if value != self.value():
            self.input.set_value(value)
            self._input_changed()

    def _input_changed(self) -> None:
        self._show_state()
        self.edited.emit(self.value())

    def _show_state(self) -> None:
        self._mark.set_shown(self.changed)
        set_role(self._title, "accent" if self.changed and not self._plain_role else self._plain_role)
        self._title.setAccessibleDescription("changed, not yet applied" if self.changed else "")
        value = self.value()
        if self.slider is not None and self._scale is not None and value is not None:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._scale.position(float(value)))


class ChangeMark(QWidget):
    """A dot that says: changed, not yet applied. Keeps its place while it is hidden, so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the mark, not shown."""
        super().__init__(parent)
        self._shown = False
        self.setFixedSize(QSize(8, 12))

    @property
    def shown(self) -> bool:
        """Whether the dot is drawn."""
        return self._shown

    def set_shown(self, shown: bool) -> None:
        """Draw the dot or leave its place empty."""
        if shown != self._shown:
            self._shown = shown
            self.setToolTip("Changed, not yet applied" if shown else "")
            self.update()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the dot."""
        if not self._shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme_of(self).accent))
        painter.drawEllipse(1, 3, 6, 6)


class _TitleLabel(QLabel):
    double_clicked = pyqtSignal()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Report the double click."""
        self.double_clicked.emit()
        super().mouseDoubleClickEvent(event)
