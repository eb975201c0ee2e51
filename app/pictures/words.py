"""Lines of words on a panel, of which captions are made: bright ones and others beside each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, QSize
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter

from app.cube.overlay.legend_painting import overlay_colors, overlay_fonts, paint_panel

PADDING = 10
"""Logical pixels between the words and the panel's sides, as are all figures here."""
_BETWEEN, _LINE_GAP = 10, 2


@dataclass(frozen=True)
class Word:
    """A text in one style."""

    text: str
    bright: bool = False


@dataclass(frozen=True)
class WordBlock:
    """Lines of words below each other."""

    lines: tuple[tuple[Word, ...], ...]
    font: QFont
    dark: bool
    padding: int = PADDING
    """Above and below the words."""

    @property
    def size(self) -> QSize:
        """The room that the block takes."""
        wide = max(self._width(line) for line in self.lines)
        high = sum(self._height(line) for line in self.lines) + _LINE_GAP * (len(self.lines) - 1)
        return QSize(math.ceil(wide) + 2 * PADDING, math.ceil(high) + 2 * self.padding)

    def paint(self, canvas: QPainter, box: QRectF) -> None:
        """Draw the block into the room that `size` returns."""
        paint_panel(canvas, box, self.dark)
        _, _, bright, muted = overlay_colors(self.dark)
        top = box.top() + self.padding
        for line in self.lines:
            left, base = box.left() + PADDING, top + max(self._metrics(word).ascent() for word in line)
            for word in line:
                canvas.setFont(overlay_fonts(self.font)[0 if word.bright else 1])
                canvas.setPen(bright if word.bright else muted)
                canvas.drawText(QPointF(left, base), word.text)
                left += self._metrics(word).horizontalAdvance(word.text) + _BETWEEN
            top += self._height(line) + _LINE_GAP

    def _metrics(self, word: Word) -> QFontMetricsF:
        return QFontMetricsF(overlay_fonts(self.font)[0 if word.bright else 1])

    def _width(self, line: tuple[Word, ...]) -> float:
        return sum(self._metrics(word).horizontalAdvance(word.text) for word in line) + _BETWEEN * (len(line) - 1)

    def _height(self, line: tuple[Word, ...]) -> float:
        return max(self._metrics(word).height() for word in line)
