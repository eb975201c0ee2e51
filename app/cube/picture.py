"""The picture of a cube: what it shows, from where, and its copies in files. Its mouse and overlays are `view.py`'s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.cube.camera.pose import Pose, facing, fitted, home
from app.cube.camera.projection import Projection
from app.cube.color.looks import look
from app.cube.gl.face_marks import FaceMark, label_spot
from app.cube.gl.tiled_image import whole_image
from app.cube.overlay.face_label import FaceSpot
from app.cube.picture_queue import PictureQueue, log_failure
from app.cube.scene import Stage
from app.cube.state import Bytes, Cell, CubeState, Dimensions, Plane, Range, Shape

T = TypeVar("T")


class CubePicture(QWidget):
    """Draws one lattice. All methods are for the GUI's thread; each returns at once and shows within a frame."""

    notice = pyqtSignal(str)
    """Something that the picture can't show as requested."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the picture, without a place on the widget."""
        super().__init__(parent)
        self._state = CubeState()
        self._stage = Stage(self)
        self._pictures = PictureQueue(self._stage)
        self._colors_in_wait: Bytes | None = None
        self._noticed_block = 1
        self._pictures.idle.connect(self._take_waiting_colors)
        self._stage.ready.connect(self._check_size)

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
        self._stage.renderer.set_look(look(dark))
        self._redraw()

    def set_faces(self, painted: str = "", read: str = "") -> None:
        """Mark the face that the lattice is painted on and the one it is read from, such as `-x`; empty marks none."""
        named = ((painted, True), (read, False))
        marks = tuple(FaceMark.of(face, inward=inward) for face, inward in named if face)
        if marks != self._stage.renderer.marks:
            self._stage.renderer.marks = marks
            self._redraw()

    def set_guides_visible(self, visible: bool) -> None:
        """Draw the wire box, the axes and the planes' outlines, or not."""
        self._stage.renderer.guides = visible
        self._redraw()

    def face_spots(self, width: int, height: int) -> list[FaceSpot]:
        """Return where the words of the marked faces belong in a picture of so many pixels, seen as now."""
        view, renderer = Projection(self._stage.pose, width, height), self._stage.renderer
        marks = renderer.marks if renderer.guides else ()
        spots = ((mark.word, label_spot(view, self._state.dimensions, mark)) for mark in marks)
        return [FaceSpot(word, QPointF(*spot[0]), QPointF(*spot[1])) for word, spot in spots if spot is not None]

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

    # Copies in files

    @property
    def smoothed(self) -> bool:
        """Whether the picture on the screen is the smoothed one, which takes a moment without changes."""
        return self._stage.smoothed

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the picture on the screen, in pixels of the device: more than logical ones if scaled."""
        return self._stage.size

    def image(self, width: int, height: int, supersample: int = 2) -> Bytes:
        """Return the picture at any size, uint8 [height, width, 3], without legend. Works once the view was shown."""
        pose, renderer = self._stage.pose, self._stage.renderer
        return self._stage.with_context(lambda: whole_image(renderer, pose, width, height, supersample))

    def take_picture(
        self,
        width: int,
        height: int,
        supersample: int,
        take: Callable[[Bytes], None],
        fail: Callable[[Exception], None] = log_failure,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw a picture in pieces without blocking the window, then call `take` with its pixels, to be `shrunk`.

        The picture shows a single moment, at which `begin` is called: colours that come meanwhile wait, and what else
        changes draws it again.
        Raises RuntimeError before the view was shown, and DeviceError for a size that the device can't hold; what
        goes wrong later is handed to `fail`.
        """
        self._pictures.ask(width, height, supersample, take, fail, begin)

    def finish_pictures(self) -> None:
        """Draw all requested pictures at once."""
        self._pictures.finish_all()

    def with_context(self, work: Callable[[], T]) -> T:
        """Run something that draws off screen, with this view's OpenGL context current, and return its result."""
        return self._stage.with_context(work)

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

    def _take_waiting_colors(self) -> None:
        waiting, self._colors_in_wait = self._colors_in_wait, None
        if waiting is not None:
            self.set_colors(waiting)

    def _check_size(self, _limit: int = 0) -> None:
        block = self._stage.renderer.cube.block
        if block != self._noticed_block:
            self._noticed_block = block
            if block > 1:
                self.notice.emit(f"This graphics device shows one colour per {block} x {block} x {block} cells.")
