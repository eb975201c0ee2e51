"""The middle of the window: banners, cube with its legend, timeline."""

from __future__ import annotations

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.cube.view import CubeView
from app.widgets.banner import Banner
from app.window.timeline import Timeline


class CentralArea(QWidget):
    """Never floats and is never re-parented: that would destroy the cube's graphics context."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create all parts, empty."""
        super().__init__(parent)
        self.alarm = Banner()
        """For what stands until it is answered; nothing else is said in its place."""
        self.banner = Banner()
        self.cube = CubeView()
        self.timeline = Timeline()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.alarm)
        layout.addWidget(self.banner)
        layout.addWidget(self.cube, 1)
        layout.addWidget(self.timeline)

    def close_parts(self) -> None:
        """Stop everything that runs by itself."""
        self.timeline.set_playing(False)
        self.cube.close_view()
