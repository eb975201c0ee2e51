"""Sharp text and small controls on top of the picture, drawn by Qt: the legend and the hovered cell's label."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QLabel, QWidget

from app.cube.legend import Legend
from app.cube.looks import Look, look

_PADDING = 10.0
_BAR_WIDTH, _BAR_HEIGHT = 196.0, 9.0
_SWATCH, _BESIDE_SWATCH = 10.0, 7.0
_STATE_WIDTH = 64.0
"""Room beside the title for `auto` or `locked`."""
_WIDTH_STEP = 16
"""Widths are multiples of this, so that changing numbers don't change them."""
_NUMBERS_MS = 250
"""Numbers change at most this often, so that they can be read."""


def overlay_colors(dark: bool) -> tuple[QColor, QColor, QColor, QColor]:
    """Return panel, outline, text and secondary text for overlays."""
    if dark:
        return QColor(13, 16, 23, 196), QColor(255, 255, 255, 26), QColor("#E6EAF0"), QColor("#98A2B1")
    return QColor(255, 255, 255, 214), QColor(20, 30, 50, 36), QColor("#1A1F27"), QColor("#566070")


def format_value(value: float) -> str:
    """Return three significant digits, with a power of ten where that is shorter."""
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:#.3g}" if abs(value) < 999.5 else f"{value:.0f}"
        return text.rstrip(".")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


class LegendOverlay(QWidget):
    """Name, unit, range and colours of the present mode. A click asks for locking or unlocking the range."""

    lock_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty legend; it is hidden until it has something to show."""
        super().__init__(parent)
        self._legend: Legend | None = None
        self._shown: Legend | None = None
        self._look: Look = look(dark=True)
        self._numbers = QTimer(self)
        self._numbers.setSingleShot(True)
        self._numbers.timeout.connect(self._show_newest)
        self.hide()

    @property
    def legend(self) -> Legend | None:
        """The newest legend."""
        return self._legend

    @property
    def shown(self) -> Legend | None:
        """The legend as it is drawn now: its numbers may be a little older."""
        return self._shown

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        self._look = new
        self.update()

    def set_legend(self, legend: Legend | None) -> None:
        """Show a legend. When only its numbers changed, they follow a few times per second."""
        self._legend = legend
        before = self._shown
        same = before is not None and legend is not None and before.caption == legend.caption
        if not same:
            self._show_newest()
        elif not self._numbers.isActive():
            self._numbers.start(_NUMBERS_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._numbers.stop()

    def _show_newest(self) -> None:
        legend = self._shown = self._legend
        self.setVisible(legend is not None)
        if legend is None:
            return
        has_range = legend.kind in ("sequential", "diverging", "log")
        kept = "The range is locked" if legend.locked else "The range follows the data"
        act = "let it follow the data" if legend.locked else "lock it"
        self.setToolTip(f"{kept}. Click to {act}." if has_range else "")
        self.setCursor(Qt.CursorShape.PointingHandCursor if has_range else Qt.CursorShape.ArrowCursor)
        size = self.sizeHint()
        if size != self.size():
            corner = self.geometry().bottomRight()
            self.resize(size)
            self.move(corner.x() - size.width() + 1, corner.y() - size.height() + 1)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the present legend needs."""
        legend = self._shown
        if legend is None:
            return QSize(10, 10)
        title, text = (QFontMetricsF(font) for font in self._fonts())
        height, width = 2 * _PADDING + title.height(), title.horizontalAdvance(self._title(legend))
        if legend.note:
            height += 4 + text.height()
            width = max(width, text.horizontalAdvance(legend.note))
        elif legend.labels:
            height += len(legend.labels) * (text.height() + 3) + 3
            widest = max(text.horizontalAdvance(label) for label in legend.labels)
            width = max(width, _SWATCH + _BESIDE_SWATCH + widest)
        else:
            height += 8 + _BAR_HEIGHT + 4 + text.height()
            width = max(_BAR_WIDTH, width + _STATE_WIDTH)
            if legend.remark:
                height += 2 + text.height()
                width = max(width, text.horizontalAdvance(legend.remark))
        return QSize(math.ceil((width + 2 * _PADDING) / _WIDTH_STEP) * _WIDTH_STEP, int(height + 0.5))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the legend."""
        legend = self._shown
        if legend is None:
            return
        panel, outline, text, muted = overlay_colors(self._look.dark)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(outline, 1.0))
        painter.setBrush(panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        title_font, text_font = self._fonts()
        inner = QRectF(self.rect()).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        painter.setFont(title_font)
        painter.setPen(text)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._title(legend))
        top = inner.top() + QFontMetricsF(title_font).height()
        painter.setFont(text_font)
        painter.setPen(muted)
        if legend.note:
            painter.drawText(QPointF(inner.left(), top + 4 + QFontMetricsF(text_font).ascent()), legend.note)
        elif legend.labels:
            self._paint_swatches(painter, legend, inner, top + 3, text)
        else:
            state = "locked" if legend.locked else "auto"
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, state)
            self._paint_bar(painter, legend, inner, top + 8, muted)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Ask for locking or unlocking the range."""
        if event is not None and self._shown is not None and not self._shown.labels and not self._shown.note:
            self.lock_clicked.emit()

    def _fonts(self) -> tuple[QFont, QFont]:
        title, text = QFont(self.font()), QFont(self.font())
        title.setWeight(QFont.Weight.DemiBold)
        text.setPointSizeF(max(7.5, 0.88 * self.font().pointSizeF()))
        return title, text

    @staticmethod
    def _title(legend: Legend) -> str:
        return f"{legend.name} ({legend.unit})" if legend.unit else legend.name

    @staticmethod
    def _paint_swatches(painter: QPainter, legend: Legend, inner: QRectF, top: float, text: QColor) -> None:
        metrics = QFontMetricsF(painter.font())
        line = metrics.height() + 3
        for i, label in enumerate(legend.labels):
            y = top + i * line
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*(int(v) for v in legend.colours[i])))
            middle = y + 0.5 * metrics.height() + 1
            painter.drawRoundedRect(QRectF(inner.left(), middle - 0.5 * _SWATCH, _SWATCH, _SWATCH), 2.5, 2.5)
            painter.setPen(text)
            painter.drawText(QPointF(inner.left() + _SWATCH + _BESIDE_SWATCH, y + 1 + metrics.ascent()), label)

    @staticmethod
    def _paint_bar(painter: QPainter, legend: Legend, inner: QRectF, top: float, muted: QColor) -> None:
        bar = np.ascontiguousarray(legend.colours[None])
        image = QImage(bar.tobytes(), bar.shape[1], 1, 3 * bar.shape[1], QImage.Format.Format_RGB888)
        painter.drawImage(QRectF(inner.left(), top, inner.width(), _BAR_HEIGHT), image)
        middle = (legend.low * legend.high) ** 0.5 if legend.kind == "log" else 0.5 * (legend.low + legend.high)
        if legend.kind == "diverging":
            middle = 0.0
        painter.setPen(muted)
        below = QRectF(inner.left(), top + _BAR_HEIGHT + 4, inner.width(), QFontMetricsF(painter.font()).height())
        for value, side in (
            (legend.low, Qt.AlignmentFlag.AlignLeft),
            (middle, Qt.AlignmentFlag.AlignHCenter),
            (legend.high, Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, format_value(value))
        painter.drawText(below.translated(0.0, below.height() + 2), Qt.AlignmentFlag.AlignLeft, legend.remark)


class HoverLabel(QLabel):
    """A few words beside the mouse."""

    _OFFSET = QPointF(16.0, 18.0)

    def __init__(self, parent: QWidget) -> None:
        """Make a hidden label that the mouse passes through."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_look(look(dark=True))
        self.hide()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        panel, outline, text, _ = overlay_colors(new.dark)
        self.setStyleSheet(
            f"QLabel {{ background: rgba({panel.red()}, {panel.green()}, {panel.blue()}, {panel.alpha()});"
            f" color: {text.name()}; border: 1px solid rgba({outline.red()}, {outline.green()}, {outline.blue()},"
            f" {outline.alpha()}); border-radius: 5px; padding: 3px 7px; }}"
        )

    def show_at(self, mouse: QPointF, text: str) -> None:
        """Show text beside the mouse, inside the parent."""
        self.setText(text)
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        spot = mouse + self._OFFSET
        if spot.x() + self.width() > parent.width():
            spot.setX(max(0.0, mouse.x() - self.width() - 8))
        if spot.y() + self.height() > parent.height():
            spot.setY(max(0.0, mouse.y() - self.height() - 8))
        self.move(spot.toPoint())
        self.show()
