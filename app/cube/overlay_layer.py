"""What lies on top of the cube's picture: the legend, the orientation gizmo, and the words beside the mouse."""

from __future__ import annotations

from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QWidget

from app.cube.gizmo import OrientationGizmo
from app.cube.legend import Legend
from app.cube.looks import Look
from app.cube.overlays import HoverLabel, LegendOverlay
from app.cube.state import Cell

_MARGIN = 12
"""Logical pixels between an overlay and the view's edge."""


class OverlayLayer:
    """Owns the widgets and keeps them in their places on a view."""

    def __init__(self, view: QWidget) -> None:
        """Put the widgets onto a view."""
        self._view = view
        self.legend = LegendOverlay(view)
        self.gizmo = OrientationGizmo(view)
        self._label = HoverLabel(view)
        self._text = ""
        self._mouse: QPointF | None = None

    def set_look(self, look: Look) -> None:
        """Use another ground's colours."""
        for part in (self.legend, self.gizmo, self._label):
            part.set_look(look)

    def set_legend(self, legend: Legend | None) -> None:
        """Show the key to the colours in the lower right corner, or none."""
        self.legend.set_legend(legend)
        self.place()

    def set_hovered(self, cell: Cell | None) -> None:
        """Name the hovered cell, until there are other words for it."""
        self.set_text("" if cell is None else f"({cell[0]}, {cell[1]}, {cell[2]})")

    def set_text(self, text: str) -> None:
        """Show words beside the mouse; empty shows none."""
        self._text = text
        self._place_label()

    def set_mouse(self, position: QPointF | None) -> None:
        """Follow the mouse, in the view's logical pixels; None: it is elsewhere."""
        self._mouse = position
        self._place_label()

    def place(self) -> None:
        """Put everything where it belongs on a view of this size."""
        view, size = self._view, self.legend.sizeHint()
        left, top = view.width() - size.width() - _MARGIN, view.height() - size.height() - _MARGIN
        self.legend.setGeometry(left, top, size.width(), size.height())
        self.gizmo.move(_MARGIN, view.height() - self.gizmo.height() - _MARGIN)
        for part in (self.legend, self.gizmo, self._label):
            part.raise_()

    def _place_label(self) -> None:
        if self._mouse is None or not self._text:
            self._label.hide()
        else:
            self._label.show_at(self._mouse, self._text)
