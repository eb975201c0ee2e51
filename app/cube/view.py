"""The widget that shows the cube: colours and settings in, clicks and hovered cells out."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QContextMenuEvent, QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.cube.camera.barrier import inside, near_side
from app.cube.camera.picking import pick
from app.cube.camera.pose import half_view
from app.cube.camera.projection import Projection
from app.cube.color.legend import Legend
from app.cube.color.looks import look
from app.cube.mouse import MouseControl
from app.cube.overlay.layer import OverlayLayer
from app.cube.overlay.overlays import LegendOverlay
from app.cube.picture import CubePicture
from app.cube.state import Cell, Dimensions, Plane

STOPPED = (
    "The camera stops in front of the cells. X, Y and Z cut into the cube, O makes its cells fainter, R shows it whole."
)
INSIDE = "The camera is inside the cube. The wheel backwards or - goes out again, R shows it whole."
RING, MIDDLE_RINGS = 4.0, 6
"""Logical pixels between the rings around the middle in which a cell is looked for, and how many there are."""


class CubeView(CubePicture):
    """The picture of a cube that answers to the mouse, with its legend, gizmo and hover label on top."""

    hovered = pyqtSignal(object)
    """The cell under the mouse, (x, y, z), or None. Sent when it changes."""
    picked = pyqtSignal(object)
    """The clicked cell, or None for a click on the ground. `set_picked` is up to the listener."""
    frame_drawn = pyqtSignal(float)
    """Milliseconds that a new picture took."""
    camera_moved = pyqtSignal()
    menu_requested = pyqtSignal(object, QPoint)
    """A context menu is requested for a cell, or for None, the ground, at a place of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the view."""
        super().__init__(parent)
        self._mouse_control = MouseControl(self._stage)
        self._hovered: Cell | None = None
        self._mouse: QPointF | None = None
        self._closed = self._inside = False
        self.frames_drawn = 0
        """New pictures drawn so far."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stage.native)
        self._stage.native.setMinimumSize(160, 120)
        self._stage.native.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mouse_control.pointed.connect(self._point)
        self._mouse_control.clicked.connect(self._click)
        self._mouse_control.double_clicked.connect(self._double_click)
        self._mouse_control.pressed.connect(self.setFocus)
        self._mouse_control.menu_requested.connect(lambda at: self._request_menu(self.cell_at(at), at.toPoint()))
        self._mouse_control.stopped.connect(lambda: self.notice.emit(STOPPED))
        self._overlays = OverlayLayer(self)
        self._overlays.gizmo.axis_clicked.connect(self.look)
        self.plane_handle = self._overlays.plane_handle
        """Knob of the cutting plane in the picture."""
        self._stage.frame_drawn.connect(self._on_frame)
        self._stage.moved.connect(self._on_camera)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_dimensions(self, dimensions: Dimensions) -> None:
        """Show a lattice of another size; no cell is under the mouse until it moves."""
        if dimensions != self.state.dimensions:
            super().set_dimensions(dimensions)
            self._set_hovered(None)
            self._place_handle()

    def set_theme(self, dark: bool) -> None:
        """Use the dark or the light ground."""
        self._overlays.set_look(look(dark))
        super().set_theme(dark)

    def set_faces(self, painted: str = "", read: str = "") -> None:
        """Mark faces, see `CubePicture.set_faces`, with a word beside each arrow."""
        super().set_faces(painted, read)
        self._place_face_labels()

    def set_guides_visible(self, visible: bool) -> None:
        """Show the wire box, the axes, the planes' outlines and the marked faces with their words, or not."""
        super().set_guides_visible(visible)
        self._place_face_labels()

    @property
    def legend(self) -> LegendOverlay:
        """The key to the colours."""
        return self._overlays.legend

    def set_legend(self, legend: Legend | None) -> None:
        """Show the key to the colours in the lower right corner, or none."""
        self._overlays.set_legend(legend)

    def set_hover_text(self, text: str) -> None:
        """Show words beside the mouse while a cell is hovered; empty shows none."""
        self._overlays.set_text(text if self._hovered is not None else "")

    def cell_at(self, position: QPointF) -> Cell | None:
        """Return the first visible cell at a position of the widget, in logical pixels."""
        ratio = self._stage.native.devicePixelRatioF()
        view = Projection(self._stage.pose, *self._stage.size)
        x, y = position.x() * ratio + 0.5, position.y() * ratio + 0.5
        return pick(self._state, self._stage.renderer.cube.own_alpha, view, x, y)

    @property
    def middle_cell(self) -> Cell | None:
        """The first visible cell in the middle of the picture; in a gap between cells, one beside it."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        for ring in range(MIDDLE_RINGS):
            for x, y in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
                cell = self.cell_at(middle + RING * ring * QPointF(x, y))
                if cell is not None:
                    return cell
        return None

    def near_side(self, axis: int) -> int:
        """Return +1 if the + side of an axis, 0 to 2, is turned towards the viewer, -1 if the - side is."""
        return near_side(self._state, self._stage.destination, axis)

    def orbit_by(self, degrees: tuple[float, float]) -> None:
        """Turn the camera around z, and up."""
        self.set_pose(self._stage.destination.orbited(*degrees), animated=False)

    def pan_by(self, shares: tuple[float, float]) -> None:
        """Move the camera to the right, and up, by shares of the picture's width and height."""
        pose = self._stage.destination
        half_x, half_y = half_view(pose, *self._stage.size)
        self.set_pose(pose.panned(2.0 * half_x * shares[0], 2.0 * half_y * shares[1]), animated=False)

    def zoom_by(self, notches: float) -> None:
        """Come nearer as by so many notches of the wheel."""
        self._mouse_control.zoom(notches)

    def set_planes(self, planes: tuple[Plane, ...] | list[Plane], cut: bool = False) -> None:
        """Hide what is behind free planes (at most 3), the first of which gets a handle in the picture."""
        super().set_planes(planes, cut)
        self._place_handle()

    def close_view(self) -> None:
        """Disconnect everything and stop all timers; the widget can't be used afterwards."""
        if self._closed:
            return
        self._closed = True
        self._pictures.close()
        self._mouse_control.stop()
        self.legend.stop()
        self._stage.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave nothing running."""
        self.close_view()
        super().closeEvent(event)

    # Events

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the whole picture in step."""
        super().resizeEvent(event)
        self._overlays.place()
        self._place_handle()
        self._place_face_labels()
        self._stage.invalidate()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Answer the menu key for the picked cell; the mouse's button also pans, so its release is what counts."""
        if event is not None and event.reason() == QContextMenuEvent.Reason.Keyboard:
            cell = self._state.picked
            self._request_menu(cell, self._spot(cell) if cell is not None else self.rect().center())

    def _request_menu(self, cell: Cell | None, at: QPoint) -> None:
        self.menu_requested.emit(cell, self.mapToGlobal(at))

    def _spot(self, cell: Cell) -> QPoint:
        """Return where a cell's centre is on the widget, or the nearest place of the widget to it."""
        ratio = self._stage.native.devicePixelRatioF()
        x, y, _ = Projection(self._stage.pose, *self._stage.size).project(np.array([cell]) + 0.5)[0] / ratio
        return QPoint(min(max(round(x), 0), self.width()), min(max(round(y), 0), self.height()))

    def _place_handle(self) -> None:
        plane = self._state.planes[0] if self._state.planes else None
        view = Projection(self._stage.pose, *self._stage.size)
        self.plane_handle.place(plane, view, self._stage.native.devicePixelRatioF())

    def _point(self, position: QPointF | None) -> None:
        self._mouse = position
        self._set_hovered(None if position is None else self.cell_at(position))
        self._overlays.set_mouse(position)

    def _click(self, position: QPointF) -> None:
        self.picked.emit(self.cell_at(position))

    def _double_click(self, position: QPointF) -> None:
        cell = self.cell_at(position)
        if cell is None:
            self.home()
        else:
            self.focus_on(cell)

    def _set_hovered(self, cell: Cell | None) -> None:
        if cell == self._hovered:
            return
        self._hovered = cell
        self._stage.hovered = cell
        self._stage.refresh()
        self._overlays.set_hovered(cell)
        self.hovered.emit(cell)

    def _on_camera(self) -> None:
        self._overlays.gizmo.set_basis(*self._stage.pose.axes())
        self._place_handle()
        self._place_face_labels()
        was_inside, self._inside = self._inside, inside(self._state, self._stage.pose)
        if self._inside and not was_inside:
            self.notice.emit(INSIDE)
        self.camera_moved.emit()

    def _place_face_labels(self) -> None:
        """Put the words of the marked faces beside them, on the side away from the cube."""
        ratio = self._stage.native.devicePixelRatioF()
        self._overlays.set_faces([spot.scaled(1.0 / ratio) for spot in self.face_spots(*self._stage.size)])

    def _on_frame(self, milliseconds: float) -> None:
        self.frames_drawn += 1
        self.frame_drawn.emit(milliseconds)
        if self._mouse is not None:
            self._point(self._mouse)
