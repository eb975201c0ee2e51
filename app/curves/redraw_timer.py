"""When the curves are drawn again: at most once a second, and of a long stored course once it is ready to be drawn."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget

REFRESH_MS = 1000
"""Between two redraws while training, of some 13 ms of processor time each; zooming and hovering act at once."""


class RedrawTimer(QTimer):
    """Calls for a redraw some time after changes; makes a long course ready in parts, one a turn of the event loop."""

    def __init__(self, prepare: Callable[[], bool], redraw: Callable[[], None], parent: QWidget) -> None:
        """Prepare; nothing is drawn before `soon`.

        Args:
            prepare: does the next part of what drawing needs, and returns whether everything is ready.
            redraw: draws.
            parent: owner.
        """
        super().__init__(parent)
        self._prepare, self._redraw = prepare, redraw
        self.setSingleShot(True)
        self.timeout.connect(self._due)

    def soon(self) -> None:
        """Redraw within a second; many calls make one redraw."""
        if not self.isActive():
            self.start(REFRESH_MS)

    def _due(self) -> None:
        if self._prepare():
            self._redraw()
        else:
            self.start(0)
