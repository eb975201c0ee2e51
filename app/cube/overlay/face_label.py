"""A word beside a marked face: what is done there."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QLabel, QWidget

from app.cube.color.looks import Look, look
from app.cube.overlay.legend_painting import overlay_colors

_APART = 4.0
"""Logical pixels between a label and what it names."""


class FaceLabel(QLabel):
    """Sharp text in the colour of the mark; the mouse passes through it."""

    def __init__(self, word: str, parent: QWidget) -> None:
        """Make a hidden label; `word` is `painted` or `read`."""
        super().__init__(word, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"The face that the cube is {word} on" if word == "painted" else "The face that is read")
        font = self.font()
        font.setBold(True)
        self.setFont(font)
        self.set_look(look(dark=True))
        self.hide()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        color = QColor.fromRgbF(*(new.painted if self.text() == "painted" else new.read))
        panel, outline, _, _ = overlay_colors(new.dark)
        self.setStyleSheet(
            f"QLabel {{ color: {color.name()}; background: {panel.name(QColor.NameFormat.HexArgb)};"
            f" border: 1px solid {outline.name(QColor.NameFormat.HexArgb)}; border-radius: 4px; padding: 1px 5px; }}"
        )

    def show_beside(self, spot: QPointF, outward: QPointF) -> None:
        """Show the word beside a spot, in logical pixels, towards a direction of length 1; inside the parent."""
        parent = self.parentWidget()
        assert parent is not None
        self.adjustSize()
        width, height = self.width(), self.height()
        left = spot.x() + outward.x() * (0.5 * width + _APART) - 0.5 * width
        top = spot.y() + outward.y() * (0.5 * height + _APART) - 0.5 * height
        self.move(
            round(min(max(left, 0.0), parent.width() - width)), round(min(max(top, 0.0), parent.height() - height))
        )
        self.setVisible(parent.rect().contains(spot.toPoint()))
