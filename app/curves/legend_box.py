"""Where a plot's title and chips stand: in lines above the curves, or beside them at the heights of the lines' ends."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QPoint, QRect, QSize
from PyQt6.QtWidgets import QLabel, QToolButton, QWidget

from app.curves.legend import LegendChip
from app.widgets.flow_layout import FlowLayout

LEAST_WIDTH = 340
"""Width of a plot, in logical pixels, from which on its chips stand beside it."""
_CLOSEST = 14
"""Least distance of two chips that stand beside the curves."""


class LegendBox(QWidget):
    """The legend of one plot."""

    def __init__(self, title: QLabel, button: QToolButton, parent: QWidget | None = None) -> None:
        """Create the legend with a title, and a button behind it."""
        super().__init__(parent)
        self._flow = _LegendLayout(self, title, button)

    @property
    def beside(self) -> bool:
        """Whether the chips stand beside the curves."""
        return self._flow.beside

    def add_chip(self, chip: LegendChip) -> None:
        """Add a chip at the end."""
        self._flow.addWidget(chip)

    def height_beside(self) -> int:
        """Return the height of the title and of all chips, one below the other, in pixels."""
        return self._flow.height_beside()

    def set_beside(self, beside: bool) -> None:
        """Put the chips beside the curves, or in lines."""
        self._flow.beside = beside
        self._flow.invalidate()

    def set_ends(self, ends: Mapping[QWidget, float]) -> None:
        """Set at which heights the lines end, in pixels from the top; chips of other lines stand at the bottom.

        Nothing moves under the mouse.
        """
        if not self.underMouse():
            self._flow.ends = dict(ends)
            if self.beside:
                self._flow.setGeometry(self.rect())


class _LegendLayout(FlowLayout):
    """Lines of words, or a column whose chips stand where they are wanted."""

    def __init__(self, parent: QWidget, title: QLabel, button: QToolButton) -> None:
        super().__init__(parent, spacing=1)
        self._title, self._button = title, button
        self.beside = False
        self.ends: dict[QWidget, float] = {}
        self.addWidget(title)
        self.addWidget(button)

    def hasHeightForWidth(self) -> bool:
        """Say that only lines wrap."""
        return not self.beside

    def minimumSize(self) -> QSize:
        """Return what a column needs, or the largest item."""
        return QSize(self._width_beside(), self.height_beside()) if self.beside else super().minimumSize()

    def sizeHint(self) -> QSize:
        """Return what a column needs, or a single line."""
        return self.minimumSize() if self.beside else super().sizeHint()

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        if self.beside:
            self._place_beside(rect)

    def height_beside(self) -> int:
        """Return the height of the title and of all chips, one below the other."""
        return self._head() + _CLOSEST * len(self._chips()) + 4

    def _chips(self) -> list[QWidget]:
        widgets = (item.widget() for item in self._shown())
        return [widget for widget in widgets if widget is not None and widget not in (self._title, self._button)]

    def _head(self) -> int:
        shown = not self._button.isHidden()
        return max(self._title.sizeHint().height(), self._button.sizeHint().height() if shown else 0) + 2

    def _width_beside(self) -> int:
        head = self._title.sizeHint().width() + 6
        head += 0 if self._button.isHidden() else self._button.sizeHint().width()
        return max([head, *(chip.sizeHint().width() for chip in self._chips())])

    def _place_beside(self, rect: QRect) -> None:
        title, button = self._title.sizeHint(), self._button.sizeHint()
        row = self._head() - 2
        self._title.setGeometry(QRect(QPoint(rect.x() + 4, rect.y() + (row - title.height()) // 2), title))
        place = QPoint(rect.right() - button.width() + 1, rect.y() + (row - button.height()) // 2)
        self._button.setGeometry(QRect(place, button))
        bottom = rect.height() - _CLOSEST / 2 - 2
        order = sorted(self._chips(), key=lambda chip: self.ends.get(chip, float("inf")))
        middles = spread([min(self.ends.get(chip, bottom), bottom) for chip in order], _CLOSEST,
                         self._head() + _CLOSEST / 2, bottom)  # fmt: skip
        for chip, middle in zip(order, middles, strict=True):
            size = QSize(rect.width(), min(chip.sizeHint().height(), _CLOSEST + 2))
            chip.setGeometry(QRect(QPoint(rect.x(), rect.y() + round(middle) - size.height() // 2), size))


def spread(wanted: list[float], distance: float, low: float, high: float) -> list[float]:
    """Return rising places near the wanted ones, at least `distance` apart, between `low` and `high` where they fit."""
    places: list[float] = []
    for value in wanted:
        places.append(max(value, places[-1] + distance if places else low))
    limit = high
    for index in range(len(places) - 1, -1, -1):
        places[index] = max(min(places[index], limit), low + index * distance)
        limit = places[index] - distance
    return places
