"""The legend of the data map: a line for each colour, or a scale from the lowest to the highest value."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.panels.data.score_line import ScoreLine
from app.panels.data_map.coloring import Coloring, scale_table
from app.widgets.labels import ElidedLabel
from app.widgets.meter import Swatch
from app.widgets.theme import set_role, theme_of
from lattice.units import score_text

_STOPS = 8


class MapLegend(QWidget):
    """Says what the colours mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty legend."""
        super().__init__(parent)
        self.score_line = ScoreLine()
        """Is there where colours are cosines."""
        self.score_line.set_wanted(False)
        self._column = QVBoxLayout()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._column)
        whole.addWidget(self.score_line)
        self._column.setSpacing(3)
        self.words: list[str] = []
        """What is written, line by line."""

    def show_coloring(self, coloring: Coloring) -> None:
        """Show the meaning of other colours."""
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.words = []
        if coloring.scale is not None:
            low, high = map(score_text, coloring.scale)
            self._add(_Scale(), QLabel(low), QLabel(high))
            self.words.append(f"{low} to {high}")
        for entry in coloring.entries:
            label = ElidedLabel()
            label.set_full_text(entry.words)
            label.setToolTip(entry.tip)
            self._add(label, Swatch(entry.color))
            self.words.append(entry.words)

    def _add(self, wide: QWidget, before: QWidget, after: QWidget | None = None) -> None:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(before)
        layout.addWidget(wide, 1)
        if after is not None:
            layout.addWidget(after)
        for part in (before, after):
            if isinstance(part, QLabel):
                set_role(part, "muted")
        self._column.addWidget(row)


class _Scale(QWidget):
    """A bar with the colours of a scale."""

    def __init__(self) -> None:
        """Create the bar."""
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Cosine between the student's answer and its target, when it was last measured")

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the colours from low to high."""
        table = scale_table(theme_of(self).dark)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for stop in range(_STOPS + 1):
            red, green, blue = table[round(255 * stop / _STOPS)].tolist()
            gradient.setColorAt(stop / _STOPS, QColor(red, green, blue))
        QPainter(self).fillRect(self.rect(), gradient)

    def sizeHint(self) -> QSize:
        """Be as high as a swatch."""
        return QSize(80, 10)
