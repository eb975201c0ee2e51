"""The widgets of the data map: tools over the map, legend beside it, and figures: in its place where it is narrow."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.panels.data_map.figures import MapFigures
from app.panels.data_map.legend import MapLegend
from app.panels.data_map.plot import MapPlot
from app.panels.data_map.tools import MapTools
from app.widgets.labels import ElidedLabel
from app.widgets.scroll_area import scrolled
from app.widgets.theme import set_role

_WIDE, _SIDE = 540, 250
"""Logical pixels: a page as wide as that shows map and figures side by side; width of the figures then."""
_WIDEST, _WIDE_SIDE = 820, 470
"""The same for legend and figures side by side."""
_NARROW, _LEGEND_SIDE = 340, 170
"""The same for the legend alone beside the map."""
_UNLIMITED = (1 << 24) - 1


class MapPage(QWidget):
    """All widgets of the data map, laid out."""

    def __init__(self, describe: Callable[[int], str], parent: QWidget | None = None) -> None:
        """Create all parts, empty; `describe` says in words what a point of the map is."""
        super().__init__(parent)
        self.tools, self.plot = MapTools(), MapPlot(describe)
        self.legend, self.figures = MapLegend(), MapFigures()
        self.note = ElidedLabel()
        set_role(self.note, "muted")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setProperty("link", True)
        self.cancel_button.setToolTip("Stop laying out the samples; the plane on screen stays")
        self.cancel_button.hide()
        self.tools.clear.setEnabled(False)
        self.tools.figures.toggled.connect(lambda _on: self._arrange())
        self._lay_out()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show map and figures side by side where there is room for both."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide, replaced = self.width() >= _WIDE, self.tools.figures.isChecked()
        self.tools.figures.setVisible(not wide)
        # Beside a narrow map there is room for what its colours mean, not for figures.
        self.figures.setVisible(wide or replaced)
        self.legend.setVisible(wide or not replaced)
        self.side.setVisible(wide or replaced or self.width() >= _NARROW)
        self.plot.setVisible(wide or not replaced)
        beside = self.width() >= _WIDEST
        self._inside.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        for part in (self.legend, self.figures):
            self._inside.setAlignment(part, Qt.AlignmentFlag.AlignTop)
        # A least width would keep the panel from getting narrow again.
        narrow = _UNLIMITED if replaced else _LEGEND_SIDE
        self.side.setMaximumWidth((_WIDE_SIDE if beside else _SIDE) if wide else narrow)

    def _lay_out(self) -> None:
        content = QWidget()
        inside = self._inside = QBoxLayout(QBoxLayout.Direction.TopToBottom, content)
        inside.setContentsMargins(4, 2, 8, 8)
        inside.setSpacing(10)
        inside.addWidget(self.legend, 2)
        inside.addWidget(self.figures, 3)
        self.side = scrolled(content)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.cancel_button)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.plot, 1)
        middle.addWidget(self.side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 4, 4)
        column.setSpacing(4)
        column.addWidget(self.tools)
        column.addLayout(middle, 1)
        column.addLayout(foot)
