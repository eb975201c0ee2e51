"""What saved pictures and movies say about themselves: the key to their colours, run, moment, sample, marked faces.

Drawn as in the window, and as large for the picture as there; words take no more room than the cube leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from app.cube.color.legend import Legend
from app.cube.color.looks import look
from app.cube.overlay.face_label import FaceSpot, label_place, label_size, paint_label
from app.cube.overlay.layer import FOLDED_MARGIN, HEART_SHARE, MARGIN, at_left, at_right, middle
from app.cube.overlay.legend_painting import LegendPainter, overlay_fonts
from app.pictures.words import PADDING, Word, WordBlock

_FULL_SIZE_SIDE = 800
"""Pictures whose shorter side has more pixels than this get larger words."""
_FOLDED_PADDING, _BETWEEN = 5, 10
_WIDEST = 260
"""Longer names are cut in their middle, longer samples at their end. Logical pixels, as are the figures above."""
_LEAST_SAMPLE = 60
"""A sample that would have less room is left out."""

_STAMP_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


@dataclass(frozen=True)
class Stamp:
    """A small picture and its place in a large one."""

    corner: QPoint
    image: QImage


@dataclass(frozen=True)
class _Piece:
    """What is drawn into a place, given in logical pixels."""

    place: QRect
    draw: Callable[[QPainter, QRectF], None]

    def stamp(self, scale: float) -> Stamp:
        """Draw it."""
        place = self.place
        image = QImage(math.ceil(scale * place.width()), math.ceil(scale * place.height()), _STAMP_FORMAT)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        self.draw(painter, QRectF(0, 0, place.width(), place.height()))
        painter.end()
        return Stamp(QPoint(round(scale * place.left()), round(scale * place.top())), image)


@dataclass(frozen=True)
class Caption:
    """The words of one moment. `stamps` is for the window's thread, putting them into a picture for any."""

    name: str
    """Of the run."""
    moment: tuple[str, str]
    """Training step and lattice step, in words."""
    legend: Legend | None
    dark: bool
    font: QFont
    sample: str = ""
    """What is watched, in one line."""
    erased: str = ""
    """Which cells are erased in it, in words; empty where none is."""

    def stamps(self, width: int, height: int, faces: Sequence[FaceSpot] = ()) -> list[Stamp]:
        """Draw what a picture of so many pixels has room for.

        `faces`: the marked faces, each with its spot in that picture.
        """
        scale = max(1.0, min(width, height) / _FULL_SIZE_SIDE)
        view = QSize(int(width / scale), int(height / scale))
        made = [piece for piece in self._pieces(view) if _fits(view, piece.place)]
        for spot in faces if made else ():  # a picture that has no room for the others has none for these
            taken = [piece.place for piece in made]
            place = label_place(spot.scaled(1.0 / scale), label_size(spot.word, self.font), view, taken)
            if place is not None:
                draw = partial(paint_label, word=spot.word, font=self.font, new=look(self.dark))
                made.append(_Piece(place, draw))
        return [piece.stamp(scale) for piece in made]

    def _pieces(self, view: QSize) -> Iterator[_Piece]:
        """Yield the key to the colours and what is said of run, moment and sample, with their places."""
        key = self._key(view)
        if key is not None:
            yield key
        name, moment = self._cut(self.name, _WIDEST, Qt.TextElideMode.ElideMiddle), Word(", ".join(self.moment))
        head = (Word(name, bright=True),), (moment,)
        facts = tuple((Word(fact),) for fact in (self.erased, self._cut(self.sample, _WIDEST)) if fact)
        for lines in ((*head, *facts), head):
            title = WordBlock(lines, self.font, self.dark)
            place = QRect(QPoint(MARGIN, MARGIN), title.size)
            if _free(view, place):
                yield _Piece(place, title.paint)
                break
        else:
            title_line = self._line(view, name)
            yield title_line
            lines, place = head, title_line.place
        if facts and lines is head:
            yield from self._facts(view, view.width() if key is None else key.place.left(), place.right())

    def _key(self, view: QSize) -> _Piece | None:
        legend = self.legend
        if legend is None:
            return None
        painter = LegendPainter(self.font, self.dark, state=False)
        place = at_right(view, painter.size(legend))
        if _free(view, place):
            return _Piece(place, partial(painter.paint, legend=legend))
        room = view.width() - 2 * FOLDED_MARGIN
        place = at_right(view, painter.folded_size(legend, room), FOLDED_MARGIN)
        return None if place.isEmpty() else _Piece(place, partial(painter.paint_folded, legend=legend))

    def _line(self, view: QSize, name: str) -> _Piece:
        """Return one line of name and moment: as much as there is room for, the training step before all."""
        title, step, both = Word(name, bright=True), Word(self.moment[0]), Word(", ".join(self.moment))
        for line in ((title, both), (title, step), (step,)):
            block = WordBlock((line,), self.font, self.dark, _FOLDED_PADDING)
            if block.size.width() <= view.width() - 2 * FOLDED_MARGIN:
                break
        return _Piece(QRect(QPoint(FOLDED_MARGIN, FOLDED_MARGIN), block.size), block.paint)

    def _facts(self, view: QSize, key_left: int, title_right: int) -> Iterator[_Piece]:
        """Yield one line of erased cells and sample, beside the key or the title, where there is more room."""
        below, above = key_left - 2 * FOLDED_MARGIN, view.width() - title_right - 2 * FOLDED_MARGIN
        room = max(below, above)
        erased = WordBlock(((Word(self.erased), Word("")),), self.font, self.dark)
        said = self.erased if self.erased and erased.size.width() <= room else ""  # else the key alone counts them
        rest = room - (erased.size.width() if said else 2 * PADDING)
        sample = self._cut(self.sample, rest) if rest >= _LEAST_SAMPLE else ""
        line = tuple(Word(fact) for fact in (said, sample) if fact)
        if not line:
            return
        block = WordBlock((line,), self.font, self.dark, _FOLDED_PADDING)
        place = at_left(view, block.size, FOLDED_MARGIN)
        if above > below:
            place = QRect(QPoint(view.width() - FOLDED_MARGIN - block.size.width(), FOLDED_MARGIN), block.size)
        yield _Piece(place, block.paint)

    def _cut(self, text: str, room: float, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> str:
        """Return what of a text is within so many pixels: of a name, which is cut in its middle, or of other words."""
        font = overlay_fonts(self.font)[0 if mode == Qt.TextElideMode.ElideMiddle else 1]
        return QFontMetricsF(font).elidedText(text, mode, room)


def _free(view: QSize, place: QRect) -> bool:
    """Return whether a place lies in a picture, beside the cube."""
    return QRect(QPoint(0, 0), view).contains(place) and not place.intersects(middle(view))


def _fits(view: QSize, place: QRect) -> bool:
    """Return whether a place lies in a picture, and off the heart of the cube."""
    return QRect(QPoint(0, 0), view).contains(place) and not place.intersects(middle(view, HEART_SHARE))


def stamped(pixels: NDArray[np.uint8], stamps: list[Stamp]) -> QImage:
    """Return [height, width, 3 or 4] uint8 as a picture of its own with stamps put on."""
    height, width = pixels.shape[:2]
    rgb = np.ascontiguousarray(pixels[..., :3])
    image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    if stamps:
        painter = QPainter(image)
        for stamp in stamps:
            painter.drawImage(stamp.corner, stamp.image)
        painter.end()
    return image


def to_pixels(image: QImage) -> NDArray[np.uint8]:
    """Return a picture that `stamped` made as uint8 [height, width, 3]."""
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())  # type: ignore[call-overload]
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
