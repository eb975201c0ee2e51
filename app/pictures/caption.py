"""What saved pictures and movies say about themselves: the key to their colours, the run, and the moment.

Drawn as in the window, and as large for the picture as there; words take no more room than the cube leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QImage, QPainter

from app.cube.color.legend import Legend
from app.cube.overlay.layer import FOLDED_MARGIN, HEART_SHARE, MARGIN, at_right, middle
from app.cube.overlay.legend_painting import LegendPainter, overlay_colors, overlay_fonts, paint_panel

_FULL_SIZE_SIDE = 800
"""Pictures whose shorter side has more pixels than this get larger words."""
_PADDING, _FOLDED_PADDING, _BETWEEN = 10, 5, 10
_WIDEST_NAME = 260
"""Longer names are cut in their middle. Logical pixels, as are the figures above."""

_STAMP_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


@dataclass(frozen=True)
class Stamp:
    """A small picture and its place in a large one."""

    corner: QPoint
    image: QImage


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

    def stamps(self, width: int, height: int) -> list[Stamp]:
        """Draw what a picture of so many pixels has room for."""
        scale = max(1.0, min(width, height) / _FULL_SIZE_SIDE)
        view = QSize(int(width / scale), int(height / scale))
        made = (self._key(view, scale), self._title(view, scale))
        return [stamp for stamp in made if stamp is not None]

    def _key(self, view: QSize, scale: float) -> Stamp | None:
        legend = self.legend
        if legend is None:
            return None
        painter = LegendPainter(self.font, self.dark, state=False)
        place = at_right(view, painter.size(legend))
        draw = painter.paint
        if not _free(view, place):
            room = view.width() - 2 * FOLDED_MARGIN
            place = at_right(view, painter.folded_size(legend, room), FOLDED_MARGIN)
            draw = painter.paint_folded
        return _stamp(view, place, scale, lambda canvas, box: draw(canvas, box, legend))

    def _title(self, view: QSize, scale: float) -> Stamp | None:
        title_font, text_font = overlay_fonts(self.font)
        title, text = QFontMetricsF(title_font), QFontMetricsF(text_font)
        name = title.elidedText(self.name, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME)
        moment = ", ".join(self.moment)
        wide = math.ceil(max(title.horizontalAdvance(name), text.horizontalAdvance(moment))) + 2 * _PADDING
        high = math.ceil(title.height() + 2 + text.height()) + 2 * _PADDING
        place = QRect(MARGIN, MARGIN, wide, high)
        if _free(view, place):
            return _stamp(view, place, scale, lambda canvas, box: self._words(canvas, box, name, moment, _PADDING))
        # One line: as much as there is room for, the training step before all.
        for said, words in ((name, moment), (name, self.moment[0]), ("", self.moment[0])):
            beside = math.ceil(title.horizontalAdvance(said)) + _BETWEEN if said else 0
            wide = beside + math.ceil(text.horizontalAdvance(words)) + 2 * _PADDING
            if wide <= view.width() - 2 * FOLDED_MARGIN:
                break
        place = QRect(FOLDED_MARGIN, FOLDED_MARGIN, wide, math.ceil(title.height()) + 2 * _FOLDED_PADDING)
        return _stamp(
            view, place, scale, lambda canvas, box: self._words(canvas, box, said, words, _FOLDED_PADDING, beside)
        )

    def _words(
        self, canvas: QPainter, box: QRectF, name: str, moment: str, padding: int, beside: int | None = None
    ) -> None:
        """Draw name and moment below each other, or the moment so many pixels to the right of the name's beginning."""
        paint_panel(canvas, box, self.dark)
        _, _, bright, muted = overlay_colors(self.dark)
        title_font, text_font = overlay_fonts(self.font)
        inner = box.adjusted(_PADDING, padding, 0, -padding)
        canvas.setFont(title_font)
        canvas.setPen(bright)
        canvas.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
        canvas.setFont(text_font)
        canvas.setPen(muted)
        if beside is None:
            canvas.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, moment)
        else:
            base = inner.top() + QFontMetricsF(title_font).ascent()
            canvas.drawText(QPointF(inner.left() + beside, base), moment)


def _free(view: QSize, place: QRect) -> bool:
    """Return whether a place lies in a picture, beside the cube."""
    return QRect(QPoint(0, 0), view).contains(place) and not place.intersects(middle(view))


def _stamp(view: QSize, place: QRect, scale: float, draw: Callable[[QPainter, QRectF], None]) -> Stamp | None:
    """Draw a stamp for a place given in logical pixels; None where a picture is too small for it."""
    if place.isEmpty() or not QRect(QPoint(0, 0), view).contains(place) or place.intersects(middle(view, HEART_SHARE)):
        return None
    image = QImage(math.ceil(scale * place.width()), math.ceil(scale * place.height()), _STAMP_FORMAT)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    draw(painter, QRectF(0, 0, place.width(), place.height()))
    painter.end()
    return Stamp(QPoint(round(scale * place.left()), round(scale * place.top())), image)


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
