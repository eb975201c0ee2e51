"""The legend: one chip per curve with its colour, name and value; a click hides or shows the curve."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from app.curves.about import tip
from app.curves.specs import CurveSpec
from app.widgets.theme import small, theme_of

_SWATCH = 12
_GAP = 5
_PADDING = 4


class LegendChip(QAbstractButton):
    """Checkable chip; unchecked, its curve is hidden and it fades."""

    double_clicked = pyqtSignal()

    def __init__(self, curve: CurveSpec, widest_value: str, parent: QWidget | None = None) -> None:
        """Create the chip; `widest_value` reserves room, so that nothing moves while values change."""
        super().__init__(parent)
        self.curve = curve
        self.usual = curve.shown
        """Whether it is visible where nobody chose."""
        self.outdated = False
        self._said = (curve.title, "", "")
        self._value = ""
        self._widest_value = widest_value
        self.setText(curve.title)
        self.setCheckable(True)
        self.setChecked(curve.shown)
        self.setFont(small(self.font()))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"Curve {curve.title}")
        self.setToolTip(tip(curve.name, curve.title))

    @property
    def value(self) -> str:
        """Value that is shown, in words."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show a value beside the name."""
        if value != self._value:
            wider = self.fontMetrics().horizontalAdvance(value) > self.fontMetrics().horizontalAdvance(
                self._widest_value
            )
            self._value = value
            if wider:
                self._widest_value = value
                self.updateGeometry()
            self.update()

    def set_usual(self, shown: bool) -> None:
        """Set whether it is visible where nobody chose; what somebody chose stays."""
        chosen = self.isChecked() != self.usual
        self.usual = shown
        if not chosen:
            self.setChecked(shown)

    def describe(self, title: str, remark: str, outdated: str) -> None:
        """Say what is known of this run: its name here, a remark, and before which edit the value was measured."""
        said = (title, remark, outdated)
        if said == self._said:
            return  # every redraw says it again, and wrapping a tip takes longer than drawing the chip
        self._said = said
        self.outdated = bool(outdated)
        old = f"measured before: {outdated}" if outdated else ""
        self.setToolTip(tip(self.curve.name, self.curve.title, remark, old))
        if title != self.text():
            self.setText(title)
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit colour, name and the widest value."""
        metrics = self.fontMetrics()
        name, value = metrics.horizontalAdvance(self.text()), metrics.horizontalAdvance(self._widest_value)
        return QSize(_SWATCH + 2 * _GAP + name + value + 2 * _PADDING + 2, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        """Never be cut."""
        return self.sizeHint()

    def mouseDoubleClickEvent(self, _event: QMouseEvent | None) -> None:
        """Ask for this curve alone; the first click of the two has hidden or shown it."""
        self.double_clicked.emit()

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw line, name and value."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.hover))
            painter.drawRoundedRect(self.rect(), 4, 4)
        on = self.isChecked()
        pen = QPen(QColor(self.curve.color if on else colors.disabled), 2.4)
        if self.curve.dashed:
            pen.setDashPattern([2.0, 1.2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        middle = self.height() / 2
        painter.drawLine(QPointF(_PADDING, middle), QPointF(_PADDING + _SWATCH, middle))
        left = _PADDING + _SWATCH + _GAP
        area = self.rect().adjusted(left, 0, 0, 0)
        alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(colors.muted if on else colors.disabled))
        painter.drawText(area, alignment, self.text())
        if on:
            painter.setPen(QColor(colors.disabled if self.outdated else colors.text))
            name_width = self.fontMetrics().horizontalAdvance(self.text())
            painter.drawText(area.adjusted(name_width + _GAP, 0, 0, 0), alignment, self._value)
