"""The middle of the window: banner, cube with its legend, timeline."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.banner import Banner
from app.cube.looks import TierColors, look
from app.cube.overlays import LegendOverlay
from app.cube.view import CubeView
from app.palette import TIER_COLORS
from app.timeline import Timeline

MARGIN = 12


class CentralArea(QWidget):
    """Never floats and is never re-parented: that would destroy the cube's graphics context."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create all parts, empty."""
        super().__init__(parent)
        self.banner = Banner()
        self.cube = CubeView(tiers=TierColors(**TIER_COLORS))
        self.legend = LegendOverlay(self.cube)
        self.timeline = Timeline()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.cube, 1)
        layout.addWidget(self.timeline)
        self.cube.installEventFilter(self)
        self.legend.installEventFilter(self)

    def set_theme(self, dark: bool) -> None:
        """Use the dark or the light ground."""
        self.cube.set_theme(dark)
        self.legend.set_look(look(dark))

    def close_parts(self) -> None:
        """Stop everything that runs by itself."""
        self.timeline.set_playing(False)
        self.legend.stop()
        self.cube.close_view()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the legend in the cube's corner."""
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            room, size = self.cube.size(), self.legend.size()
            self.legend.move(room.width() - size.width() - MARGIN, room.height() - size.height() - MARGIN)
        return False
