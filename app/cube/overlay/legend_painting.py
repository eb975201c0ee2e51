"""Measures and draws the key to the colours: in full, or folded to one line where room is scarce.

The window and saved pictures and movies share this, so that they look alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from app.cube.color.legend import Legend, format_value
from app.cube.color.looks import look

_PADDING = 10.0
_BAR_WIDTH, _BAR_HEIGHT = 196.0, 9.0
_SWATCH, _BESIDE_SWATCH = 10.0, 7.0
_STATE_WIDTH = 64.0
"""Room beside the title for `auto`, `locked` or `fixed`."""
_WIDTH_STEP = 16
"""Widths are multiples of this, so that changing numbers don't change them."""
_FOLDED_PADDING, _FOLDED_BAR, _BETWEEN = 5.0, 64.0, 10.0


def overlay_colors(dark: bool) -> tuple[QColor, QColor, QColor, QColor]:
    """Return panel, outline, text and secondary text for overlays."""
    colors = look(dark).overlay
    return QColor(colors.panel), QColor(colors.outline), QColor(colors.text), QColor(colors.muted)


def overlay_fonts(font: QFont) -> tuple[QFont, QFont]:
    """Return the fonts of an overlay's title and of its other words."""
    title, text = QFont(font), QFont(font)
    title.setWeight(QFont.Weight.DemiBold)
    text.setPointSizeF(max(7.5, 0.88 * font.pointSizeF()))
    return title, text


def paint_panel(painter: QPainter, box: QRectF, dark: bool) -> None:
    """Draw the ground of an overlay."""
    panel, outline, _, _ = overlay_colors(dark)
    painter.setPen(QPen(outline, 1.0))
    painter.setBrush(panel)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)


@dataclass(frozen=True)
class LegendPainter:
    """Draws legends with one font, on the dark or the light ground."""

    font: QFont
    dark: bool
    state: bool = True
    """Whether it says what holds the range: nobody can change that in a saved picture."""

    def size(self, legend: Legend) -> QSize:
        """Return the room that a legend takes in full, in logical pixels."""
        title, text = (QFontMetricsF(font) for font in overlay_fonts(self.font))
        height, width = 2 * _PADDING + title.height(), title.horizontalAdvance(legend.title)
        if legend.note:
            height += 4 + text.height()
            width = max(width, text.horizontalAdvance(legend.note))
        elif legend.labels:
            height += len(legend.labels) * (text.height() + 3) + 3
            widest = max(text.horizontalAdvance(label) for label in legend.labels)
            width = max(width, _SWATCH + _BESIDE_SWATCH + widest)
        else:
            height += 8 + _BAR_HEIGHT + 4 + text.height()
            width = max(_BAR_WIDTH, width + (_STATE_WIDTH if self.state else 0.0))
        for remark in legend.remarks:
            height += 2 + text.height()
            width = max(width, text.horizontalAdvance(remark))
        return QSize(math.ceil((width + 2 * _PADDING) / _WIDTH_STEP) * _WIDTH_STEP, int(height + 0.5))

    def paint(self, painter: QPainter, box: QRectF, legend: Legend) -> None:
        """Draw a legend in full, into the room that `size` returns."""
        paint_panel(painter, box, self.dark)
        _, _, text, muted = overlay_colors(self.dark)
        title_font, text_font = overlay_fonts(self.font)
        inner = box.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        painter.setFont(title_font)
        painter.setPen(text)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, legend.title)
        top = inner.top() + QFontMetricsF(title_font).height()
        painter.setFont(text_font)
        painter.setPen(muted)
        if legend.note:
            painter.drawText(QPointF(inner.left(), top + 4 + QFontMetricsF(text_font).ascent()), legend.note)
        elif legend.labels:
            _paint_swatches(painter, legend, inner, top + 3, text)
        else:
            if self.state:
                painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, legend.hold)
            _paint_range(painter, legend, self.bar(legend, box, folded=False), muted)
        painter.setPen(muted)
        for lines, remark in enumerate(reversed(legend.remarks)):
            line = inner.translated(0.0, -lines * (QFontMetricsF(text_font).height() + 2))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, remark)

    def bar(self, legend: Legend, box: QRectF, *, folded: bool) -> QRectF:
        """Return where the bar of a legend with a range is drawn in its room."""
        if not folded:
            top = box.top() + _PADDING + QFontMetricsF(overlay_fonts(self.font)[0]).height() + 8
            return QRectF(box.left() + _PADDING, top, box.width() - 2 * _PADDING, _BAR_HEIGHT)
        left = box.left() + _PADDING
        for piece in self._pieces(legend, math.ceil(box.width())):
            if piece.bar:
                return QRectF(left, box.center().y() - 0.5 * _BAR_HEIGHT, piece.width, _BAR_HEIGHT)
            left += piece.width + _BETWEEN
        return QRectF()

    def folded_size(self, legend: Legend, room: int) -> QSize:
        """Return the room that a legend takes as one line, at most `room` wide; empty if it does not fit at all."""
        pieces = self._pieces(legend, room)
        if not pieces:
            return QSize(0, 0)
        height = 2 * _FOLDED_PADDING + QFontMetricsF(overlay_fonts(self.font)[1]).height()
        return QSize(math.ceil(_line_width(pieces)), math.ceil(height))

    def paint_folded(self, painter: QPainter, box: QRectF, legend: Legend) -> None:
        """Draw a legend as one line, into the room that `folded_size` returns."""
        paint_panel(painter, box, self.dark)
        _, _, text, muted = overlay_colors(self.dark)
        painter.setFont(overlay_fonts(self.font)[1])
        left = box.left() + _PADDING
        for piece in self._pieces(legend, math.ceil(box.width())):
            if piece.bar:
                _paint_bar(painter, legend, self.bar(legend, box, folded=True))
            words_left = left
            if piece.swatch is not None:
                _paint_swatch(painter, legend, piece.swatch, left, box.center().y())
                words_left += _SWATCH + _BESIDE_SWATCH
            painter.setPen(muted if piece.muted else text)
            line = QRectF(words_left, box.top(), piece.width + 1, box.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, piece.text)
            left += piece.width + _BETWEEN

    def _pieces(self, legend: Legend, room: int) -> list[_Piece]:
        """Return what one line shows: as much of the title as there is room for."""
        metrics = QFontMetricsF(overlay_fonts(self.font)[1])

        def words(text: str, muted: bool = False, swatch: int | None = None) -> _Piece:
            beside = 0.0 if swatch is None else _SWATCH + _BESIDE_SWATCH
            return _Piece(metrics.horizontalAdvance(text) + beside, text, muted, swatch)

        if legend.note:
            rest = [words(legend.note, muted=True)]
        elif legend.labels:
            rest = [words(brief, swatch=index) for index, brief in enumerate(legend.brief_labels)]
        else:
            low, high = (words(text, muted=True) for text in legend.end_texts)
            rest = [low, _Piece(_FOLDED_BAR, bar=True), high]
            if self.state and legend.hold != "auto":
                rest.append(words(legend.hold, muted=True))
        brief = [words(legend.brief_title), *rest]
        counted = [words(text, muted=True) for text in (legend.mist, legend.count if legend.has_range else "") if text]
        lines = [[*brief, *counted[:most]] for most in range(len(counted), 0, -1)]
        for pieces in (*lines, [words(legend.title), *rest], brief, rest):
            if _line_width(pieces) <= room:
                return pieces
        return []


@dataclass(frozen=True)
class _Piece:
    """A part of a folded legend."""

    width: float
    text: str = ""
    muted: bool = False
    swatch: int | None = None
    bar: bool = False


def _line_width(pieces: list[_Piece]) -> float:
    return 2 * _PADDING + sum(piece.width for piece in pieces) + _BETWEEN * (len(pieces) - 1)


def _paint_swatch(painter: QPainter, legend: Legend, index: int, left: float, middle: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*(int(v) for v in legend.colours[index])))
    painter.drawRoundedRect(QRectF(left, middle - 0.5 * _SWATCH, _SWATCH, _SWATCH), 2.5, 2.5)


def _paint_swatches(painter: QPainter, legend: Legend, inner: QRectF, top: float, text: QColor) -> None:
    metrics = QFontMetricsF(painter.font())
    line = metrics.height() + 3
    for i, label in enumerate(legend.labels):
        y = top + i * line
        _paint_swatch(painter, legend, i, inner.left(), y + 0.5 * metrics.height() + 1)
        painter.setPen(text)
        painter.drawText(QPointF(inner.left() + _SWATCH + _BESIDE_SWATCH, y + 1 + metrics.ascent()), label)


def _paint_bar(painter: QPainter, legend: Legend, box: QRectF) -> None:
    bar = np.ascontiguousarray(legend.colours[None])
    painter.drawImage(box, QImage(bar.tobytes(), bar.shape[1], 1, 3 * bar.shape[1], QImage.Format.Format_RGB888))


def _paint_range(painter: QPainter, legend: Legend, bar: QRectF, muted: QColor) -> None:
    """Draw the bar and its numbers below it."""
    _paint_bar(painter, legend, bar)
    middle = (legend.low * legend.high) ** 0.5 if legend.kind == "log" else 0.5 * (legend.low + legend.high)
    if legend.kind == "diverging":
        middle = 0.0
    painter.setPen(muted)
    below = QRectF(bar.left(), bar.bottom() + 4, bar.width(), QFontMetricsF(painter.font()).height())
    low, high = legend.end_texts
    for text, side in (
        (low, Qt.AlignmentFlag.AlignLeft),
        (format_value(middle), Qt.AlignmentFlag.AlignHCenter),
        (high, Qt.AlignmentFlag.AlignRight),
    ):
        painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, text)
