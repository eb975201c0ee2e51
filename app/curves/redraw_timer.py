"""When the curves are drawn again: at most once a second, and of a long stored course once it is ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget

REFRESH_MS = 1000
"""Between two redraws while training, of some 13 ms of processor time each; zooming and hovering act at once."""


class RedrawTimer(QTimer):
    """Draws some time after changes, one part in each turn of the event loop, so that no key waits for all of them.

    A long course is made ready before, likewise.
    """

    def __init__(self, prepare: Callable[[], bool], draw: Callable[[], Iterator[object]], parent: QWidget) -> None:
        """Prepare; nothing is drawn before `soon`.

        Args:
            prepare: does the next part of what drawing needs, and returns whether everything is ready.
            draw: draws in as many parts as it yields.
            parent: owner.
        """
        super().__init__(parent)
        self._prepare, self._draw = prepare, draw
        self._parts: Iterator[object] | None = None
        self._changed = False
        self.setSingleShot(True)
        self.timeout.connect(self._due)

    def soon(self) -> None:
        """Redraw within a second; many calls make one redraw, and one more if they come while it is under way."""
        self._changed = True
        if not self.isActive():
            self.start(REFRESH_MS)

    def draw_now(self) -> None:
        """Draw all parts at once; nothing is due after it."""
        self.forget()
        for _ in self._draw():
            pass

    def forget(self) -> None:
        """Draw nothing any more."""
        self.stop()
        self._parts, self._changed = None, False

    def _due(self) -> None:
        if not self._prepare():
            self.start(0)
            return
        if self._parts is None:
            self._parts, self._changed = self._draw(), False
        if next(self._parts, self) is not self:
            self.start(0)
            return
        self._parts = None
        if self._changed:
            self.start(REFRESH_MS)
