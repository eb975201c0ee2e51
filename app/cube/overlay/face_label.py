"""A word beside a marked face: what is done there. The window, saved pictures and movies share its look and place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QLabel, QWidget

from app.cube.color.looks import Look, look
from app.cube.overlay.legend_painting import overlay_colors

_APART = 4.0
"""Logical pixels between a label and what it names."""
_CLEAR = 6
"""Logical pixels between a label and what it gives way to."""
_BESIDE, _ABOVE = 6.0, 2.0
"""Logical pixels between the word and the label's edges."""


@dataclass(frozen=True)
class FaceSpot:
    """What a label names, and where."""

    word: str
    """`painted` or `read`."""
    at: QPointF
    """The spot that it belongs to, in pixels of the picture."""
    outward: QPointF
    """Away from the cube there, of length 1."""

    def scaled(self, factor: float) -> FaceSpot:
        """Return the same for a picture of `factor` times the pixels."""
        return FaceSpot(self.word, self.at * factor, self.outward)


def label_size(word: str, font: QFont) -> QSize:
    """Return the room that a label takes, in logical pixels."""
    metrics = QFontMetricsF(_bold(font))
    wide, high = metrics.horizontalAdvance(word) + 2 * _BESIDE, metrics.height() + 2 * _ABOVE
    return QSize(math.ceil(wide), math.ceil(high))


def label_place(spot: FaceSpot, size: QSize, view: QSize, taken: Sequence[QRect] = ()) -> QRect | None:
    """Return where a label lies: beside its spot, inside the view, off the places that are taken.

    None where the spot is outside the view, or nothing near it is free.
    """
    room = QRect(0, 0, view.width(), view.height())
    if not room.contains(spot.at.toPoint()) or size.width() > view.width() or size.height() > view.height():
        return None
    left = spot.at.x() + spot.outward.x() * (0.5 * size.width() + _APART) - 0.5 * size.width()
    top = spot.at.y() + spot.outward.y() * (0.5 * size.height() + _APART) - 0.5 * size.height()
    wanted = QRect(
        round(min(max(left, 0.0), view.width() - size.width())),
        round(min(max(top, 0.0), view.height() - size.height())),
        size.width(),
        size.height(),
    )
    places = [wanted]
    for other in taken:
        wide = other.adjusted(-_CLEAR, -_CLEAR, _CLEAR, _CLEAR)
        places += [
            wanted.translated(0, wide.top() - wanted.bottom()),
            wanted.translated(0, wide.bottom() - wanted.top()),
            wanted.translated(wide.left() - wanted.right(), 0),
            wanted.translated(wide.right() - wanted.left(), 0),
        ]
    free = [place for place in places if room.contains(place) and not any(map(place.intersects, taken))]
    return min(free, key=lambda place: (place.topLeft() - wanted.topLeft()).manhattanLength(), default=None)


def paint_label(painter: QPainter, box: QRectF, word: str, font: QFont, new: Look) -> None:
    """Draw a label, in the colour of its mark, into the room that `label_size` returns."""
    panel, outline, _, _ = overlay_colors(new.dark)
    painter.setPen(QPen(outline, 1.0))
    painter.setBrush(panel)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(QColor.fromRgbF(*(new.painted if word == "painted" else new.read)))
    painter.setFont(_bold(font))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


class FaceLabel(QLabel):
    """Sharp text in the colour of the mark; the mouse passes through it."""

    def __init__(self, word: str, parent: QWidget) -> None:
        """Make a hidden label; `word` is `painted` or `read`."""
        super().__init__(word, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"The face that the cube is {word} on" if word == "painted" else "The face that is read")
        self._look = look(dark=True)
        self.hide()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        self._look = new
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the word."""
        return label_size(self.text(), self.font())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_label(painter, QRectF(self.rect()), self.text(), self.font(), self._look)
        painter.end()

    def show_at(self, spot: FaceSpot | None, taken: Sequence[QRect]) -> None:
        """Lie beside a spot of the parent, in logical pixels, off places that are taken; hide without room."""
        parent = self.parentWidget()
        assert parent is not None
        place = None if spot is None else label_place(spot, self.sizeHint(), parent.size(), taken)
        if place is not None:
            self.setGeometry(place)
        self.setVisible(place is not None)
