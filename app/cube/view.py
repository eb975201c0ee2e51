"""The widget that shows the cube: colours and settings in, clicks and hovered cells out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.cube.camera.picking import pick
from app.cube.camera.pose import Pose, facing, fitted, home
from app.cube.camera.projection import Projection
from app.cube.color.legend import Legend
from app.cube.color.looks import TierColors, look
from app.cube.mouse import MouseControl
from app.cube.overlay.layer import OverlayLayer
from app.cube.overlay.overlays import LegendOverlay
from app.cube.picture_queue import PictureQueue, log_failure
from app.cube.scene import Stage
from app.cube.state import Cell, CubeState, Dimensions, Plane, Range, Shape

Bytes = NDArray[np.uint8]
T = TypeVar("T")


class CubeView(QWidget):
    """Shows one lattice. All methods are for the GUI's thread; each returns at once and shows within a frame."""

    hovered = pyqtSignal(object)
    """The cell under the mouse, (x, y, z), or None. Sent when it changes."""
    picked = pyqtSignal(object)
    """The clicked cell, or None for a click on the ground. `set_picked` is up to the listener."""
    frame_drawn = pyqtSignal(float)
    """Milliseconds that a new picture took."""
    notice = pyqtSignal(str)
    """Something that the picture can't show as asked."""
    camera_moved = pyqtSignal()

    def __init__(self, parent: QWidget | None = None, *, tiers: TierColors | None = None) -> None:
        """Make the view; `tiers` colours the picked cell's neighbours."""
        super().__init__(parent)
        self._state = CubeState()
        self._stage = Stage(self, tiers)
        self._mouse_control = MouseControl(self._stage)
        self._hovered: Cell | None = None
        self._mouse: QPointF | None = None
        self._pictures = PictureQueue(self._stage)
        self._colors_in_wait: Bytes | None = None
        self._noticed_block = 1
        self._closed = False
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
        self._overlays = OverlayLayer(self)
        self._overlays.gizmo.axis_clicked.connect(self.look)
        self._pictures.idle.connect(self._take_waiting_colors)
        self._stage.frame_drawn.connect(self._on_frame)
        self._stage.ready.connect(self._check_size)
        self._stage.moved.connect(self._on_camera)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # What is shown

    @property
    def state(self) -> CubeState:
        """What is shown, but for colours and camera."""
        return self._state

    def set_colors(self, rgba_XYZ4: Bytes) -> None:
        """Show new colours, uint8 [X, Y, Z, 4]. They are copied; another size changes the dimensions, too."""
        if self._pictures.busy:
            self._colors_in_wait = rgba_XYZ4
            return
        x, y, z = rgba_XYZ4.shape[:3]
        if (x, y, z) != self._state.dimensions:
            self.set_dimensions((x, y, z))
        self._stage.renderer.cube.set_colors(rgba_XYZ4)
        self._check_size()
        self._stage.invalidate()

    def set_dimensions(self, dimensions: Dimensions) -> None:
        """Show a lattice of another size, empty until its colours come; unpicks, shows all, goes home.

        A picture that is being drawn is completed first: it shows the lattice that goes.
        """
        if dimensions == self._state.dimensions:
            return
        self._colors_in_wait = None
        self._pictures.finish()
        self._change(dimensions=dimensions, picked=None, ranges=None, planes=())
        self._stage.renderer.cube.clear(dimensions)
        self._set_hovered(None)
        self._stage.go_home()

    def set_picked(self, cell: Cell | None) -> None:
        """Mark a cell, and its neighbours while shells are visible."""
        self._change(picked=None if cell is None else (int(cell[0]), int(cell[1]), int(cell[2])))

    def set_thresholds(self, local: float, functional: float, distant: float) -> None:
        """Set the outer distances of the three tiers, in cells."""
        self._change(thresholds=(local, functional, distant))

    def set_shells_visible(self, visible: bool) -> None:
        """Colour the picked cell's neighbours by tier, or not."""
        self._change(shells_visible=visible)

    def set_opacity(self, surface: float, interior: float) -> None:
        """Set how opaque cells on the faces and all other cells are, 0 to 1."""
        self._change(surface_opacity=surface, interior_opacity=interior)

    def set_shape(self, shape: Shape) -> None:
        """Draw cells as a 'box' or a 'sphere'."""
        self._change(shape=shape)

    def set_gap(self, gap: float) -> None:
        """Set the empty share of a cell's side between cells, 0 to 0.9."""
        self._change(gap=gap)

    def set_ranges(
        self, x: Range | None = None, y: Range | None = None, z: Range | None = None, cap: bool = True
    ) -> None:
        """Show the cells [low, high) along each axis; None shows all. `cap`: cells laid bare count as surface."""
        full = [(0, side) for side in self._state.dimensions]
        ranges = (x or full[0], y or full[1], z or full[2])
        self._change(ranges=None if list(ranges) == full else ranges, cap=cap)

    def set_planes(self, planes: tuple[Plane, ...] | list[Plane], cut: bool = False) -> None:
        """Hide what is behind free planes (at most 3): whole cells by their centre, or cut through cells."""
        self._change(planes=tuple(planes), cut=cut)

    def set_isolate(self, isolate: bool) -> None:
        """Show only the picked cell and its shells, inside a faint hull."""
        self._change(isolate=isolate)

    def set_theme(self, dark: bool) -> None:
        """Use the dark or the light ground."""
        new = look(dark)
        self._stage.renderer.set_look(new)
        self._overlays.set_look(new)
        self._redraw()

    def set_guides_visible(self, visible: bool) -> None:
        """Draw the wire box, the axes and the planes' outlines, or not."""
        self._stage.renderer.guides = visible
        self._redraw()

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

    # Camera

    @property
    def pose(self) -> Pose:
        """Where the camera stands."""
        return self._stage.pose

    def set_pose(self, pose: Pose, *, animated: bool = True) -> None:
        """Move the camera."""
        self._stage.set_pose(pose, animated=animated)

    def home(self, *, animated: bool = True) -> None:
        """Show the whole lattice from the usual side."""
        orthographic = self._stage.destination.orthographic
        self.set_pose(home(self._state.dimensions, *self._stage.size, orthographic=orthographic), animated=animated)

    def look(self, axis: int, sign: int) -> None:
        """Look at the face on the + or - side of axis 0 (x), 1 (y) or 2 (z)."""
        azimuth, elevation = facing(axis, sign)
        turned = replace(self._stage.destination, azimuth=azimuth, elevation=elevation)
        self.set_pose(fitted(turned, self._state.dimensions, *self._stage.size))

    def set_orthographic(self, orthographic: bool) -> None:
        """Draw without perspective, or with."""
        self.set_pose(replace(self._stage.destination, orthographic=orthographic), animated=False)

    def focus_on(self, cell: Cell) -> None:
        """Fly to a cell, near enough to see its shells."""
        x, y, z = (at + 0.5 for at in cell)
        distance = 3.6 * (self._state.reach + 1.5) if self._state.picked else 10.0
        self.set_pose(replace(self._stage.destination, target=(x, y, z), distance=distance))

    # Pictures

    @property
    def smoothed(self) -> bool:
        """Whether the picture on the screen is the smoothed one, which takes a moment without changes."""
        return self._stage.smoothed

    def image(self, width: int, height: int, supersample: int = 2) -> Bytes:
        """Return the picture at any size, uint8 [height, width, 3], without legend. Works once the view was shown."""
        pose, renderer = self._stage.pose, self._stage.renderer
        return self._stage.with_context(lambda: renderer.image(pose, width, height, supersample))

    def take_picture(
        self,
        width: int,
        height: int,
        supersample: int,
        take: Callable[[Bytes], None],
        fail: Callable[[Exception], None] = log_failure,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw a picture in pieces while the window goes on, then call `take` with its pixels, to be `shrunk`.

        The picture shows a single moment, at which `begin` is called: colours that come meanwhile wait, and what else
        changes draws it anew.
        Raises RuntimeError before the view was shown, and DeviceError for a size that the device can't hold; what
        goes wrong later is handed to `fail`.
        """
        self._pictures.ask(width, height, supersample, take, fail, begin)

    def finish_pictures(self) -> None:
        """Draw all pictures that were asked for at once."""
        self._pictures.finish_all()

    def with_context(self, work: Callable[[], T]) -> T:
        """Run something that draws off screen, with this view's OpenGL context current, and return its result."""
        return self._stage.with_context(work)

    def cell_at(self, position: QPointF) -> Cell | None:
        """Return the first visible cell at a position of the widget, in logical pixels."""
        ratio = self._stage.native.devicePixelRatioF()
        view = Projection(self._stage.pose, *self._stage.size)
        x, y = position.x() * ratio + 0.5, position.y() * ratio + 0.5
        return pick(self._state, self._stage.renderer.cube.own_alpha, view, x, y)

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
        self._stage.invalidate()

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

    # Inner workings

    def _change(self, **changes: Any) -> None:
        """Take over settings, or raise ValueError and change nothing."""
        state = replace(self._state, **changes)
        if state == self._state:
            return
        self._state = state
        self._stage.renderer.cube.set_state(state)
        self._redraw()

    def _redraw(self) -> None:
        """Draw what changed; a picture that is half drawn would show both sides of the change."""
        self._pictures.restart()
        self._stage.invalidate()

    def _set_hovered(self, cell: Cell | None) -> None:
        if cell == self._hovered:
            return
        self._hovered = cell
        self._stage.hovered = cell
        self._stage.refresh()
        self._overlays.set_hovered(cell)
        self.hovered.emit(cell)

    def _take_waiting_colors(self) -> None:
        waiting, self._colors_in_wait = self._colors_in_wait, None
        if waiting is not None:
            self.set_colors(waiting)

    def _on_camera(self) -> None:
        self._overlays.gizmo.set_basis(*self._stage.pose.axes())
        self.camera_moved.emit()

    def _on_frame(self, milliseconds: float) -> None:
        self.frames_drawn += 1
        self.frame_drawn.emit(milliseconds)
        if self._mouse is not None:
            self._point(self._mouse)

    def _check_size(self, _limit: int = 0) -> None:
        block = self._stage.renderer.cube.block
        if block != self._noticed_block:
            self._noticed_block = block
            if block > 1:
                self.notice.emit(f"This graphics device shows one colour per {block} x {block} x {block} cells.")
