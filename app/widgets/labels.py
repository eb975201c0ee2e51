"""Labels for texts of any length in narrow panels."""

from __future__ import annotations

import re
from html import escape

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStyleOption, QToolTip, QWidget

LONG_WORD = 18
_LEAST_WIDTH = 10
"""Pixels of a cut text at least, so that a label without room shows dots."""
_BREAK = "\N{ZERO WIDTH SPACE}"


def literal(text: str) -> str:
    """Return text as a button, tab or menu entry shows it: Qt takes a single `&` for the mark of an access key."""
    return text.replace("&", "&&")


def shown(text: str) -> str:
    """Return what people read of the text of a button, tab or menu entry: the reverse of `literal`."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def one_line(text: str) -> str:
    """Return a text with single spaces in place of line breaks and other gaps."""
    return " ".join(text.split())


class ElidedLabel(QLabel):
    """One line of text, cut off with dots where it does not fit."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, parent: QWidget | None = None) -> None:
        """Create an empty line."""
        super().__init__(parent)
        self._mode, self._full = mode, ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)

    @property
    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def set_full_text(self, text: str) -> None:
        """Show a text, or as much of it as fits."""
        self._full = text
        self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Cut again."""
        super().resizeEvent(event)
        self._elide()

    def event(self, event: QEvent | None) -> bool:
        """Show the whole text in a tooltip over what is left of it."""
        if isinstance(event, QHelpEvent) and not self.toolTip() and self.text() != self._full:
            QToolTip.showText(event.globalPos(), breakable(self._full), self)
            return True
        return super().event(event)

    def _elide(self) -> None:
        self.setText(_cut(self._full, self, self._mode))


class WholeWordsLabel(ElidedLabel):
    """One line of facts; where it does not fit, it ends before a word, so that no number loses digits."""

    def _elide(self) -> None:
        words, metrics, width = self._full.split(" "), self.fontMetrics(), self.contentsRect().width()
        told = self._full
        while metrics.horizontalAdvance(told) > width and len(words) > 1:
            words.pop()
            told = " ".join(words).rstrip(" \N{MIDDLE DOT}") + "\N{HORIZONTAL ELLIPSIS}"
        self.setText(_cut(told, self, self._mode))


class FittingLabel(QLabel):
    """One line that requests room for all of its text; where there is less, its end is drawn as dots.

    `text` stays whole, and the tooltip begins with it then.
    """

    @property
    def drawn_text(self) -> str:
        """What fits."""
        return _cut(self.text(), self, Qt.TextElideMode.ElideRight)

    def minimumSizeHint(self) -> QSize:
        """Leave room for the text up to its first comma."""
        least = self.text().partition(",")[0]
        width = self.fontMetrics().horizontalAdvance(f"{least},\N{HORIZONTAL ELLIPSIS}") + 1
        return QSize(min(width, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw what fits, as Qt draws a label."""
        option, style = QStyleOption(), self.style()
        option.initFrom(self)
        assert style is not None
        painter = QPainter(self)
        style.drawItemText(
            painter,
            self.contentsRect(),
            self.alignment(),
            option.palette,
            self.isEnabled(),
            self.drawn_text,
            self.foregroundRole(),
        )
        painter.end()

    def event(self, event: QEvent | None) -> bool:
        """Show the whole text before the tooltip where it is cut."""
        if isinstance(event, QHelpEvent) and self.drawn_text != self.text():
            QToolTip.showText(event.globalPos(), f"<p>{escape(breakable(self.text()))}</p>{self.toolTip()}", self)
            return True
        return super().event(event)


class ElidedLink(ElidedLabel):
    """A line of text that stands for a sample and can be clicked."""

    clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty line."""
        super().__init__(parent=parent)
        self._sample = -1

    def set_sample(self, sample: int, text: str, *, strong: bool = False, slanted: bool = False) -> None:
        """Show a sample's text; -1 is no sample."""
        self._sample = sample
        font = self.font()
        font.setBold(strong)
        font.setItalic(slanted)
        self.setFont(font)
        self.setCursor(Qt.CursorShape.PointingHandCursor if sample >= 0 else Qt.CursorShape.ArrowCursor)
        self.set_full_text(text)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Report the click."""
        if self._sample >= 0:
            self.clicked.emit(self._sample)


def wrapped_label(text: str = "", role: str = "") -> QLabel:
    """Return a label that breaks its text into lines and never requests more width than there is."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label


def _cut(text: str, label: QLabel, mode: Qt.TextElideMode) -> str:
    """Return what of a text fits in a label's line, with dots for the rest."""
    return label.fontMetrics().elidedText(text, mode, max(label.contentsRect().width(), _LEAST_WIDTH))


def breakable(text: str) -> str:
    """Return `text` with places to break inside its long words, such as paths."""

    def spread(word: re.Match[str]) -> str:
        parts = re.sub(r"(?<=[/\\_.:@-])(?=[^\W_])", _BREAK, word[0])
        return re.sub(rf"(\w{{{LONG_WORD}}})(?=\w)", rf"\1{_BREAK}", parts)

    return re.sub(rf"\S{{{LONG_WORD},}}", spread, text)
