"""What lies on top of the cube's picture: legend, orientation gizmo, the words beside marked faces and the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QPointF, QRect, QSize
from PyQt6.QtWidgets import QWidget

from app.cube.color.legend import Legend
from app.cube.color.looks import Look
from app.cube.overlay.face_label import FaceLabel, FaceSpot
from app.cube.overlay.gizmo import FULL_SIZE, SMALL_SIZE, OrientationGizmo
from app.cube.overlay.overlays import HoverLabel, LegendOverlay
from app.cube.overlay.plane_handle import PlaneHandle
from app.cube.state import Cell

MARGIN, FOLDED_MARGIN = 12, 6
"""Logical pixels between an overlay, or the folded legend, and the view's edge."""
_CUBE_SHARE = 0.84
"""Side of the square in the middle in which the whole cube lies, as a share of the view's shorter side."""
HEART_SHARE = 0.5
"""The same of the square that nothing may lie on, however small the view is."""


def middle(view: QSize, share: float = _CUBE_SHARE) -> QRect:
    """Return the square in the middle of a view that is kept free, by default of all but small overlays."""
    side = round(share * min(view.width(), view.height()))
    return QRect((view.width() - side) // 2, (view.height() - side) // 2, side, side)


def at_right(view: QSize, size: QSize, margin: int = MARGIN) -> QRect:
    """Return a place of this size in the lower right corner of a view."""
    return QRect(QPoint(view.width() - size.width() - margin, view.height() - size.height() - margin), size)


def at_left(view: QSize, size: QSize, margin: int = MARGIN) -> QRect:
    """Return a place of this size in the lower left corner of a view."""
    return QRect(QPoint(margin, view.height() - size.height() - margin), size)


class OverlayLayer:
    """Owns the widgets and keeps them in their places on a view."""

    def __init__(self, view: QWidget) -> None:
        """Put the widgets onto a view."""
        self._view = view
        self.legend = LegendOverlay(view)
        self.gizmo = OrientationGizmo(view)
        self.faces = {word: FaceLabel(word, view) for word in ("painted", "read")}
        """Labels of the marked faces, by their words."""
        self._label = HoverLabel(view)
        self.plane_handle = PlaneHandle(view)
        self._folded_in: tuple[QSize, QSize] | None = None
        """Size of the view, and of the legend in full, when the legend was last folded; None while it is not."""
        self._text = ""
        self._mouse: QPointF | None = None
        self._spots: dict[str, FaceSpot] = {}

    def set_look(self, look: Look) -> None:
        """Use another ground's colours."""
        for part in (self.legend, self.gizmo, self._label, self.plane_handle):
            part.set_look(look)
        for label in self.faces.values():
            label.set_look(look)

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

    def set_faces(self, spots: Sequence[FaceSpot]) -> None:
        """Show the words of the marked faces beside their spots, in the view's logical pixels."""
        self._spots = {spot.word: spot for spot in spots}
        self._place_faces()

    def place(self) -> None:
        """Put everything where it belongs on a view of this size; what would lie on the cube gets smaller."""
        view = self._view.size()
        gizmo = self._place_gizmo(view)
        legend = self.legend
        full = at_right(view, legend.full_size)
        if full.intersects(middle(view)) or full.left() < gizmo:
            self._folded_in = view, full.size()
        elif not self._only_lower(view, full.size()):
            self._folded_in = None
        if self._folded_in is not None:
            legend.fold(view.width() - gizmo - MARGIN - FOLDED_MARGIN)
            legend.setGeometry(at_right(view, legend.sizeHint(), FOLDED_MARGIN))
        else:
            legend.fold(None)
            legend.setGeometry(full)
        self._place_faces()
        for part in (self.plane_handle, legend, self.gizmo, self._label):
            part.raise_()

    def _only_lower(self, view: QSize, full: QSize) -> bool:
        """Return whether a view in which the same legend was folded lost height alone, as to a banner above it.

        The cube is smaller then, so the legend would miss it, and would grow because there is less room.
        """
        if self._folded_in is None:
            return False
        before, legend = self._folded_in
        return legend == full and view.width() == before.width() and view.height() <= before.height()

    def _place_gizmo(self, view: QSize) -> int:
        """Put the gizmo where it belongs; return where it ends at the right."""
        place = at_left(view, QSize(FULL_SIZE, FULL_SIZE))
        if place.intersects(middle(view)):
            place = at_left(view, QSize(SMALL_SIZE, SMALL_SIZE), FOLDED_MARGIN)
        fits = not place.intersects(middle(view, HEART_SHARE))
        self.gizmo.setFixedSize(place.size())
        self.gizmo.move(place.topLeft())
        self.gizmo.setVisible(fits)
        return place.right() if fits else 0

    def _taken(self) -> list[QRect]:
        """Return where legend and gizmo lie, which other words give way to."""
        return [part.geometry() for part in (self.legend, self.gizmo) if not part.isHidden()]

    def _place_faces(self) -> None:
        taken = self._taken()
        for word, label in self.faces.items():
            label.show_at(self._spots.get(word), taken)
            if not label.isHidden():
                taken.append(label.geometry())

    def _place_label(self) -> None:
        if self._mouse is None or not self._text:
            self._label.hide()
        else:
            self._label.show_at(self._mouse, self._text, self._taken())
