"""Requested pictures, drawn one after the other in the pauses of the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.cube.gl.tiled_image import TiledImage
from app.cube.scene import Stage
from app.cube.state import Bytes
from lattice.log import logger

Take = Callable[[Bytes], None]
Fail = Callable[[Exception], None]


def log_failure(error: Exception) -> None:
    """Report a picture that failed to nobody but the log."""
    logger.error("a picture could not be drawn: %s", error)


@dataclass(frozen=True)
class _Request:
    """A requested picture."""

    width: int
    height: int
    supersample: int
    take: Take
    fail: Fail
    begin: Callable[[], None]


class PictureQueue(QObject):
    """Draws pieces of the picture at its head; while it is `busy`, the colours should stay as they are."""

    idle = pyqtSignal()
    """A picture is complete or given up, and none is being drawn for a moment: colours may change."""

    def __init__(self, stage: Stage) -> None:
        """Draw what a stage shows."""
        super().__init__(stage)
        self._stage = stage
        self._asked: list[_Request] = []
        self._portrait: TiledImage | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw_piece)

    @property
    def busy(self) -> bool:
        """Whether a picture is being drawn."""
        return self._portrait is not None

    def ask(
        self,
        width: int,
        height: int,
        supersample: int,
        take: Take,
        fail: Fail = log_failure,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        """Draw a picture; `take` gets its pixels, to be `shrunk`, or `fail` what went wrong.

        `begin` is called when its colours are settled: until it is complete they stay.

        Raises RuntimeError before anything was shown, and DeviceError where a picture is too large, if it is to be
        drawn at once.
        """
        request = _Request(width, height, supersample, take, fail, begin)
        if not self._asked:
            self._begin(request)
        self._asked.append(request)
        self._timer.start(0)

    def restart(self) -> None:
        """Draw the present picture from its beginning, because what it shows changed."""
        if self._portrait is not None:
            self._portrait.restart()

    def finish(self) -> None:
        """Draw the rest of the present picture at once."""
        present = self._portrait
        while present is not None and self._portrait is present:
            self._draw_piece()

    def finish_all(self) -> None:
        """Draw everything that was requested at once."""
        while self._asked:
            self._draw_piece()

    def close(self) -> None:
        """Draw no more."""
        self._timer.stop()
        self._asked.clear()
        self._portrait = None

    def _begin(self, request: _Request) -> TiledImage:
        stage = self._stage
        self._portrait = stage.with_context(
            lambda: TiledImage(stage.renderer, stage.pose, request.width, request.height, request.supersample)
        )
        request.begin()
        return self._portrait

    def _draw_piece(self) -> None:
        if not self._asked:
            return
        request = self._asked[0]
        try:
            portrait = self._portrait or self._begin(request)
            if not self._stage.with_context(portrait.draw):
                self._timer.start(0)
                return
            pixels = self._stage.with_context(portrait.pixels)
        except Exception as error:  # whatever went wrong, the next pictures and colours must not wait for this one
            self._end()
            request.fail(error)
            return
        self._end()
        request.take(pixels)

    def _end(self) -> None:
        """Leave the present picture, whatever became of it."""
        portrait, self._portrait = self._portrait, None
        self._asked.pop(0)
        if self._asked:
            self._timer.start(0)
        else:
            self._timer.stop()
        if portrait is not None:
            portrait.drop()
        self.idle.emit()
