"""The canvas: keeps one finished picture, draws a new one only when something changed, and smooths it when idle."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget
from vispy import gloo
from vispy.gloo import gl

from app.cube.camera.flight import CameraFlight
from app.cube.camera.pose import Pose, home
from app.cube.gl.adaptive_resolution import AdaptiveResolution
from app.cube.gl.canvas import make_canvas
from app.cube.gl.missing import MissingCanvas
from app.cube.gl.renderer import Renderer
from app.cube.gl.shader import SOON_NEEDED
from app.cube.gl.target import Target
from app.cube.state import Cell
from lattice.errors import DeviceError

T = TypeVar("T")

FRAME_MS = 33
IDLE_MS = 300
_IDLE_SHARE, _LONGEST_IDLE_MS = 12.0, 1200.0
_BAND_MS = 12.0
"""Time that one piece of the smoothed picture may take, so that the program stays responsive."""
_SMOOTH = 2
_MOST_PIXELS = 24_000_000
"""The smoothed picture is left out where it would need more pixels than this."""
_WARM_MS = 120
_GL_MAX_3D_TEXTURE_SIZE = 0x8073


class Stage(QObject):
    """Owns the OpenGL widget, the timers and the camera. `native` is the widget to embed."""

    frame_drawn = pyqtSignal(float)
    """Milliseconds that a new picture took; not sent when a finished one was merely shown again."""
    ready = pyqtSignal(int)
    """Sent once: the largest side of a 3D texture here."""
    moved = pyqtSignal()
    """The camera moved."""

    def __init__(self, parent: QObject) -> None:
        """Make the canvas, and rehearse off screen where it can be drawn to already. Timers go when the parent goes."""
        super().__init__(parent)
        self._canvas = make_canvas(self._on_draw)
        self.native: QWidget = self._canvas.native
        self.renderer = Renderer()
        self.governor = AdaptiveResolution()
        self.hovered: Cell | None = None
        self._live, self._fine = Target(), Target()
        self._camera = CameraFlight(Pose((4.0, 4.0, 4.0), 0.0, 0.0, 20.0))
        self._placed = False
        self._stale = True
        self._fine_rows, self._fine_ready = 0, False
        self._band_ms = 0.0
        self._drawn_pose: Pose | None = None
        self._drawn_size = (0, 0)
        self._last_tick = 0.0
        self._known_limit = self._closed = False
        self._due = False
        """Whether the canvas was told to paint, and has not yet."""
        self._tick = self._timer(self._on_tick)
        self._idle = self._timer(self._smooth_band)
        self._warming = self._timer(self._warm_next)
        self._cold = list(SOON_NEEDED)
        if self._canvas.drawable:
            self._canvas.set_current()
            self.renderer.rehearse()

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    @property
    def pose(self) -> Pose:
        """Where the camera stands now."""
        return self._camera.pose

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of the device."""
        ratio = self.native.devicePixelRatioF()
        # Qt rounds to the nearest whole pixel, half up; VisPy's own figure is one less at some scale factors.
        return max(1, int(self.native.width() * ratio + 0.5)), max(1, int(self.native.height() * ratio + 0.5))

    @property
    def smoothed(self) -> bool:
        """Whether the picture on the screen is the smoothed one."""
        return self._fine_ready

    def set_pose(self, pose: Pose, *, animated: bool = False) -> None:
        """Move the camera, at once or along a short path."""
        self._placed = True
        if animated and self.native.isVisible():
            self._camera.fly(pose)
        else:
            self._camera.jump(pose)
            self.moved.emit()
        self.invalidate()

    def go_home(self) -> None:
        """Show the whole lattice from the usual side, as soon as the picture's size is known."""
        if self.native.isVisible():
            dimensions, flat = self.renderer.cube.state.dimensions, self.pose.orthographic
            self.set_pose(home(dimensions, *self.size, orthographic=flat))
        else:
            self._camera.stop()
            self._placed = False

    @property
    def destination(self) -> Pose:
        """Where the camera stands, or is on its way to."""
        return self._camera.destination

    def invalidate(self) -> None:
        """Draw a new picture; many calls within a frame's time make one picture."""
        self._stale = True
        self._drop_fine()
        self.refresh()

    def refresh(self) -> None:
        """Show the picture again, a frame's time after the last one, because what lies on top of it changed."""
        if self._closed or self._due or self._tick.isActive():
            return
        wait = math.ceil(FRAME_MS - (time.perf_counter() - self._last_tick) * 1000.0)
        if wait > 0 or self._camera.flying:
            self._tick.start(max(0, wait))
        else:
            self._on_tick()  # no timer: Qt paints it together with the words beside it that change now

    def with_context(self, work: Callable[[], T]) -> T:
        """Run something that draws, outside of a paint event, and return its result."""
        if isinstance(self._canvas, MissingCanvas):
            raise DeviceError(f"the cube can't be drawn. {self._canvas.problem}")
        if not self._canvas.ready:
            raise RuntimeError("the cube can be drawn only once its view was shown")
        self._canvas.set_current()
        return work()

    def close(self) -> None:
        """Stop the timers, forget the canvas, free nothing that Qt frees by itself."""
        self._closed = True
        for timer in (self._tick, self._idle, self._warming):
            timer.stop()
        self._canvas.close()

    def _on_tick(self) -> None:
        self._last_tick = time.perf_counter()
        if self._camera.advance():
            self._stale = True
            self.moved.emit()
        self._due = not isinstance(self._canvas, MissingCanvas)
        self._canvas.update()

    def _on_draw(self) -> None:
        """Paint event: draw what is stale, then show the newest picture."""
        self._due = False
        # VisPy clears alpha after each paint event; a grabbed window would show through where that left 0.
        gloo.set_state(scissor_test=False, clear_color=(0.0, 0.0, 0.0, 1.0))
        if not self._known_limit:
            self._learn_limit()
        width, height = self.size
        if not self._placed:
            flat = self.pose.orthographic
            self._camera.jump(home(self.renderer.cube.state.dimensions, width, height, orthographic=flat))
            self._placed = True
            self.moved.emit()
        if self._stale or self._drawn_size != (width, height):
            self._draw_live(width, height)
        self.renderer.show(self._fine if self._fine_ready else self._live, self.pose, (width, height), self.hovered)
        if self._camera.flying:
            self.refresh()

    def _draw_live(self, width: int, height: int) -> None:
        begun, cube, moving = time.perf_counter(), self.renderer.cube, self.pose != self._drawn_pose
        programs, scale = cube.programs, self.governor.scale(moving=moving)
        self._live.resize(max(1, round(width * scale)), max(1, round(height * scale)))
        self._drop_fine()
        self.renderer.redraw_scene(self._live, self.pose, (width, height))
        self.renderer.finish(self._live, self.pose)
        # Waiting here lets other threads run; Qt would wait later with Python's lock held.
        gloo.flush()
        gl.glFinish()
        milliseconds = (time.perf_counter() - begun) * 1000.0
        self._stale, self._drawn_pose, self._drawn_size = False, self.pose, (width, height)
        if cube.programs == programs:
            self.governor.frame(milliseconds, scale, moving=moving)
        if cube.empty:
            self.governor.expect_other()
        if scale < _SMOOTH and _SMOOTH**2 * width * height <= _MOST_PIXELS:
            # An expensive smooth picture is drawn after a pause in proportion to its time.
            self._idle.start(int(min(max(IDLE_MS, _IDLE_SHARE * self._fine_ms), _LONGEST_IDLE_MS)))
        self.frame_drawn.emit(milliseconds)

    @property
    def _fine_ms(self) -> float:
        """Estimated time that the smoothed picture takes."""
        return max(1.0, _SMOOTH**2 * self.governor.full_ms)

    def _drop_fine(self) -> None:
        self._idle.stop()
        self._fine_ready = False
        self._fine_rows = 0

    def _smooth_band(self) -> None:
        """Draw the next piece of the smoothed picture; show it when it is complete."""
        if self._stale or self._closed or not self.native.isVisible():
            return
        self._canvas.set_current()
        width, height = self.size
        self._fine.resize(_SMOOTH * width, _SMOOTH * height)
        begun, rows = time.perf_counter(), self._fine.size[1]
        if self._fine_rows >= rows:
            self.renderer.finish(self._fine, self.pose)
            self._fine_ready = True
            self.refresh()
            return
        band = max(16, int(rows * _BAND_MS / max(self._fine_ms, self._band_ms)))
        piece = self._fine_rows, min(band, rows - self._fine_rows)
        self.renderer.draw_scene(self._fine, self.pose, (width, height), piece)
        self._fine_rows += band
        gloo.flush()
        gl.glFinish()
        # What a whole picture would take at this band's speed: a machine that is busy elsewhere gets smaller ones.
        self._band_ms = (time.perf_counter() - begun) * 1000.0 * rows / band
        self._idle.start(0)

    def _warm_next(self) -> None:
        """Compile one more shader while nothing else is to be done."""
        if not self._tick.isActive() and not self._idle.isActive() and self.native.isVisible():
            features = self._cold.pop(0)
            self.with_context(lambda: self.renderer.warm(features, self.pose))
        if self._cold:
            self._warming.start(_WARM_MS)

    def _learn_limit(self) -> None:
        limit, self._known_limit = int(gl.glGetParameter(_GL_MAX_3D_TEXTURE_SIZE)), True
        self.renderer.cube.set_limit(limit)
        self._warming.start(_WARM_MS)
        self.ready.emit(limit)
