"""How wide and high the panels are: shares of the window that keep the cube the largest thing in it.

The shares follow the window's size until somebody moves a panel or drags a border; from then on Qt keeps that layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QWidget

_SIDE_SHARE, _LEAST_SIDE, _MOST_SIDE = 0.205, 256, 340
"""Width of the panels at the left and at the right: a share of the window's, and bounds in logical pixels."""
LOW = 860
"""Windows lower than this, in logical pixels, show fewer panels at a time, and a larger share is the curves'."""
_CURVES_SHARE, _CURVES_SHARE_LOW = 0.25, 0.29
_BARS = 120
"""Height of all bars and tabs above and below the panels at the right, in logical pixels."""
_INSPECTOR_SHARE, _INSPECTOR_IDLE = 0.52, 0.2
"""Share of the place of the Inspector and the Damage panel, and while neither has anything to show."""


class DockSizes(QObject):
    """Shares out the window among its docks, again whenever its size changes, while it `follows`."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        """Watch a window; `docks` may be filled later."""
        super().__init__(window)
        self._window, self._docks = window, docks
        self._following = False
        self._inspecting = False
        self._pressed: list[QSize] = []
        self._resized = self._timer("window resized", self._share_out)
        self._released = self._timer("border released", self._look_at_borders)
        window.installEventFilter(self)

    @property
    def following(self) -> bool:
        """Whether the docks' sizes follow the window's: nobody has laid them out by hand."""
        return self._following

    def follow(self, on: bool) -> None:
        """Share out the window now and after each change of its size, or leave it to the user and Qt."""
        self._following = on
        if on:
            self._share_out()

    def set_inspecting(self, on: bool) -> None:
        """Give the Inspector's place more room while it shows something, and else leave it to the Sample below."""
        if on != self._inspecting:
            self._inspecting = on
            self._share_out()

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """See the window's size change, and borders between docks being dragged: the window itself hears of that."""
        kind = None if event is None else event.type()
        if kind == QEvent.Type.Resize:
            self._resized.start(0)  # once Qt has laid out the docks
        elif kind == QEvent.Type.MouseButtonPress:
            self._pressed = self._present()
        elif kind == QEvent.Type.MouseButtonRelease:
            self._released.start(0)
        return False

    def _timer(self, name: str, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setObjectName(name)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _present(self) -> list[QSize]:
        return [dock.size() for dock in self._docks.values()]

    def _look_at_borders(self) -> None:
        if self._pressed and self._pressed != self._present():
            self.follow(False)
        self._pressed = []

    def _share_out(self) -> None:
        if not self._following:
            return
        window, docks = self._window, self._docks
        width, height = window.width(), window.height()
        low = height < LOW
        side = max(min(round(width * _SIDE_SHARE), _MOST_SIDE), _LEAST_SIDE)
        window.resizeDocks([docks["lattice"], docks["inspector"]], [side, side], Qt.Orientation.Horizontal)
        curves = round(height * (_CURVES_SHARE_LOW if low else _CURVES_SHARE))
        window.resizeDocks([docks["curves"]], [curves], Qt.Orientation.Vertical)
        if docks["sample"] not in window.tabifiedDockWidgets(docks["inspector"]):
            upper = round((height - _BARS) * (_INSPECTOR_SHARE if self._inspecting else _INSPECTOR_IDLE))
            lower = height - _BARS - upper
            window.resizeDocks([docks["inspector"], docks["sample"]], [upper, lower], Qt.Orientation.Vertical)


class NoTitle(QWidget):
    """Stands for a title bar and takes a single line of pixels; Qt can't lay out one that takes none."""

    def sizeHint(self) -> QSize:
        """Be as low as can be."""
        return QSize(0, 1)

    minimumSizeHint = sizeHint
