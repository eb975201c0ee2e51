"""Two ways to bring the cube's picture into the window.

On a graphics card the picture stays there: an OpenGL widget, which Qt puts together with the other widgets on the
card. Where OpenGL is computed by the processor, that putting together would itself be computed, for the whole window
and for every label that changes (measured: 46 ms of processor time per changed label at 1600 x 1000). There the
picture is drawn off screen and shown like any other image.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

import numpy as np
from OpenGL import GL
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget
from vispy import app as vispy_app
from vispy import gloo
from vispy.gloo.context import FakeCanvas, forget_canvas, set_current_canvas

from app.cube.gl.missing import MissingCanvas
from app.cube.gl.quick_calls import keep_lock
from app.cube.gl.requirements import shortcoming
from app.cube.gl.target import Target
from app.platform.priorities import shorten_time_slice, threads_named
from lattice.log import logger

CHOICE = "CELLCUBE_CANVAS"
"""Environment variable that overrides the choice: `widget` or `image`."""
_UNUSED_DPI = 96
_PAINTERS = "llvmpipe"
"""How Mesa calls the threads in which it draws."""
_COMPUTED = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic", "basic render")


class Canvas(Protocol):
    """What the stage needs of a canvas."""

    native: QWidget

    @property
    def ready(self) -> bool:
        """Whether there is a context to draw with."""

    @property
    def drawable(self) -> bool:
        """Whether there is a context already, if only for drawing off screen."""

    def set_current(self) -> None:
        """Make the context current, for drawing outside of a paint event."""

    def update(self) -> None:
        """Have the picture drawn and shown soon."""

    def close(self) -> None:
        """Draw no more."""


def make_canvas(draw: Callable[[], None]) -> Canvas:
    """Return the canvas that suits this machine; it calls `draw` with its framebuffer current."""
    keep_lock()
    choice = os.environ.get(CHOICE, "")
    if choice == "widget":
        return WidgetCanvas(draw)
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create():  # a widget would be black, and on some platforms the whole window with it
        return MissingCanvas()
    if not context.makeCurrent(surface):
        return WidgetCanvas(draw)
    name = _string(GL.GL_RENDERER)
    problem = shortcoming(
        _string(GL.GL_VERSION), _string(GL.GL_SHADING_LANGUAGE_VERSION), _string(GL.GL_EXTENSIONS), name
    )
    if problem:  # the first picture would end the program
        context.doneCurrent()
        return MissingCanvas(problem)
    if choice != "image" and not any(word in name.lower() for word in _COMPUTED):
        context.doneCurrent()
        return WidgetCanvas(draw)
    logger.debug("OpenGL is computed by the processor (%s): the cube is drawn off screen", name)
    for thread in threads_named(_PAINTERS):  # the window's thread waits for them, as for its own work
        shorten_time_slice(thread)
    return ImageCanvas(draw, context, surface)


def _string(name: int) -> str:
    """Return what the current context says of itself; empty where it says nothing."""
    try:
        return (GL.glGetString(name) or b"").decode(errors="replace")
    except GL.GLError:  # a core profile has no list of extensions, an old context no shading language
        return ""


class WidgetCanvas:
    """An OpenGL widget."""

    def __init__(self, draw: Callable[[], None]) -> None:
        """Make the widget; nothing is drawn before it is shown."""
        # VisPy would swap buffers with Python's lock held; Qt shows the picture by itself.
        # Without a figure it asks programs of the desktop for the resolution, which only its texts would need.
        self._canvas = vispy_app.Canvas(
            app="pyqt6", keys=None, autoswap=False, show=False, size=(320, 240), dpi=_UNUSED_DPI
        )
        self.native: QWidget = self._canvas.native
        self._draw = draw
        self._canvas.events.draw.connect(self._on_draw)

    @property
    def ready(self) -> bool:
        """Whether there is a context to draw with."""
        return bool(self._canvas.native.isValid())

    @property
    def drawable(self) -> bool:
        """Qt makes the context when the widget is first shown."""
        return self.ready

    def set_current(self) -> None:
        """Make the context current, for drawing outside of a paint event."""
        self._canvas.set_current()

    def update(self) -> None:
        """Have the picture drawn and shown soon."""
        self.native.update()

    def close(self) -> None:
        """Draw no more; Qt frees what it owns by itself."""
        self._canvas.events.draw.disconnect(self._on_draw)
        self._canvas.close()

    def _on_draw(self, _event: object) -> None:
        self._draw()


class ImageCanvas:
    """Draws off screen and shows the picture as an image."""

    def __init__(self, draw: Callable[[], None], context: QOpenGLContext, surface: QOffscreenSurface) -> None:
        """Take over a context that is current on `surface`."""
        self._draw = draw
        self._context, self._surface = context, surface
        self._gloo = FakeCanvas()
        self._screen = Target()
        self._stale = True
        self._closed = False
        self._image = QImage()
        self._pixels = np.empty((0, 0, 4), np.uint8)
        self.native: QWidget = _ImageWidget(self._picture)

    @property
    def ready(self) -> bool:
        """Whether it was drawn on: before that, the camera does not know its place."""
        return not self._closed and not self._image.isNull()

    @property
    def drawable(self) -> bool:
        """The context came with the canvas."""
        return not self._closed

    def set_current(self) -> None:
        """Make the context current."""
        self._context.makeCurrent(self._surface)
        set_current_canvas(self._gloo)

    def update(self) -> None:
        """Have the picture drawn and shown soon."""
        self._stale = True
        self.native.update()

    def close(self) -> None:
        """Draw no more and free the context."""
        if not self._closed:
            self._closed = True
            forget_canvas(self._gloo)
            self._context.doneCurrent()

    def _picture(self, width: int, height: int) -> QImage:
        """Return the picture for so many pixels; drawn only if it is stale, not for every uncovered corner."""
        if not self._closed and (self._stale or (self._image.width(), self._image.height()) != (width, height)):
            self._stale = False
            self.set_current()
            self._screen.resize(width, height)
            with self._screen.framebuffer:
                self._draw()
                gloo.flush()
                self._read(width, height)
        return self._image

    def _read(self, width: int, height: int) -> None:
        pixels = np.empty((height, width, 4), np.uint8)
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 4)
        GL.glReadPixels(0, 0, width, height, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, pixels)
        # OpenGL's first row is the lowest. The image only borrows the pixels, so they are kept beside it.
        self._pixels = np.ascontiguousarray(pixels[::-1])
        self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)  # type: ignore[call-overload]


class _ImageWidget(QWidget):
    """Shows the image; opaque, so that Qt draws nothing behind it."""

    def __init__(self, picture: Callable[[int, int], QImage]) -> None:
        super().__init__()
        self._picture = picture
        self._painted = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)

    def grabFramebuffer(self) -> QImage:
        """Return the picture in pixels of the device."""
        ratio = self.devicePixelRatioF()
        # Qt rounds to the nearest whole pixel, half up.
        return self._picture(max(1, int(self.width() * ratio + 0.5)), max(1, int(self.height() * ratio + 0.5)))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Show the newest picture; in the very first turn, in which Qt paints the whole window, only its ground."""
        if not self._painted:
            self._painted = True
            painter = QPainter(self)
            painter.fillRect(self.rect(), self.palette().window())
            painter.end()
            QTimer.singleShot(0, self.update)
            return
        image = self.grabFramebuffer()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(self)
        if event is not None:
            painter.setClipRegion(event.region())
        painter.drawImage(0, 0, image)
        painter.end()
