"""Pictures that were asked for, drawn one after the other in the pauses of the event loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.cube.portrait import Portrait
from app.cube.stage import Stage

Bytes = NDArray[np.uint8]
Take = Callable[[Bytes], None]


class PictureQueue(QObject):
    """Draws pieces of the picture at its head; while it is `busy`, the colours should stay as they are."""

    idle = pyqtSignal()
    """A picture is complete, and none is being drawn for a moment: colours may change."""

    def __init__(self, stage: Stage) -> None:
        """Draw what a stage shows."""
        super().__init__(stage)
        self._stage = stage
        self._asked: list[tuple[int, int, int, Take]] = []
        self._portrait: Portrait | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw_piece)

    @property
    def busy(self) -> bool:
        """Whether a picture is being drawn."""
        return self._portrait is not None

    def ask(self, width: int, height: int, supersample: int, take: Take) -> None:
        """Draw a picture; `take` gets its pixels, to be `shrunk`. Raises RuntimeError before anything was shown."""
        self._asked.append((width, height, supersample, take))
        if not self.busy:
            self._next()

    def close(self) -> None:
        """Draw no more."""
        self._timer.stop()
        self._asked.clear()
        self._portrait = None

    def _next(self) -> None:
        width, height, supersample, _take = self._asked[0]
        stage = self._stage
        try:
            self._portrait = stage.with_context(
                lambda: Portrait(stage.renderer, stage.pose, width, height, supersample)
            )
        except RuntimeError:
            self._asked.clear()
            raise
        self._timer.start(0)

    def _draw_piece(self) -> None:
        portrait = self._portrait
        if portrait is None:
            return
        if not self._stage.with_context(portrait.draw):
            self._timer.start(0)
            return
        pixels = self._stage.with_context(portrait.pixels)
        *_size, take = self._asked.pop(0)
        self._portrait = None
        self.idle.emit()
        take(pixels)
        if self._asked and not self.busy:
            self._next()
