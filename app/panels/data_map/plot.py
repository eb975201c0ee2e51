"""The samples as points of a plane: moved, zoomed, hovered, chosen by click or keys, and caught with a lasso."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from app.panels.data_map.coloring import Coloring
from app.panels.data_map.point_cloud import PointCloud, view_of
from app.panels.data_map.raster import Floats, inside_polygon, nearest_point, next_point, to_pixels
from app.panels.data_map.view_box import MapBox
from app.widgets.theme import theme_of

_REACH = 10.0
"""Logical pixels within which a click or the mouse finds a point."""
_ROOM = 0.06
"""Empty share beside the outermost points."""
_ZOOM = 1.25
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_CLOSER, _FARTHER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal), (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)
_OWN_KEYS = {*_ARROWS, *_CHOOSE, *_CLOSER, *_FARTHER, Qt.Key.Key_Home, Qt.Key.Key_Escape}


class MapPlot(pg.PlotWidget):
    """The plane with its points; samples are meant by their place in the map, 0 to M - 1."""

    point_chosen = pyqtSignal(int)
    lassoed = pyqtSignal(object)
    """Which points lie within the lasso, bool [M]."""
    escaped = pyqtSignal()

    def __init__(self, describe: Callable[[int], str], parent: QWidget | None = None) -> None:
        """Create an empty plane; `describe` says in words what a point is."""
        # Qt announces its style while the base is made, and pyqtgraph looks up unknown names in the plot.
        self._rings: pg.ScatterPlotItem | None = None
        self.box = MapBox()
        super().__init__(parent, viewBox=self.box)
        self._describe = describe
        self._watched = self._current = -1
        self.setFrameShape(self.Shape.NoFrame)
        self.hideButtons()
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Data map")
        self.cloud = PointCloud(self.box)
        self.addItem(self.cloud, ignoreBounds=True)
        rings = pg.ScatterPlotItem(pxMode=True, brush=None)
        rings.setZValue(10)
        self.addItem(rings, ignoreBounds=True)
        self._rings = rings
        self.box.clicked.connect(self._click)
        # The ring around the point under the pointer lies above the box and takes the clicks that are meant for it.
        rings.sigClicked.connect(lambda _rings, _points, event: self._click(event.scenePos()))
        self.box.lassoed.connect(lambda corners: self.lassoed.emit(inside_polygon(self.points, corners)))
        self._restyle()

    @property
    def points(self) -> Floats:
        """Where the points lie, [M, 2]."""
        return self.cloud.raster.points_N2

    def set_points(self, points_M2: Floats) -> None:
        """Show other points, all of them in view."""
        self.cloud.raster.set_points(points_M2)
        self._watched = self._current = -1
        self.fit()
        self._changed()

    def set_coloring(self, coloring: Coloring) -> None:
        """Colour the points."""
        raster = self.cloud.raster
        raster.colors_3N, raster.ranks_N, raster.background_N = (
            coloring.colors_3M, coloring.ranks_M, coloring.background_M,
        )  # fmt: skip
        self.cloud.changed()

    def set_kept(self, kept_M: NDArray[np.bool_] | None) -> None:
        """Dim the points that a filter leaves out; None: there is no filter."""
        self.cloud.raster.kept_N = kept_M
        self.cloud.changed()

    def set_watched(self, point: int) -> None:
        """Ring the watched sample; -1 where it is not in the map."""
        self._watched = point
        self._draw_rings()

    def set_lasso(self, on: bool) -> None:
        """Let a drag draw a lasso instead of moving the view."""
        self.box.lasso_on = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def fit(self) -> None:
        """Bring all points into view."""
        if len(self.points) == 0:
            return
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        span = np.maximum(high - low, 1e-6)
        rect = QRectF(float(low[0]), float(low[1]), float(span[0]), float(span[1]))
        self.box.setRange(rect, padding=_ROOM)

    def in_view(self) -> NDArray[np.bool_]:
        """Return which points are in view, [M]."""
        left, bottom, right, top = view_of(self.box)
        x, y = self.points.T
        return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)

    def point_at(self, scene: QPointF) -> int | None:
        """Return the point at a place of the scene, None if there is none."""
        at = scene - self.box.sceneBoundingRect().topLeft()
        return nearest_point(self._places(), at.x(), at.y(), _REACH)

    def place_of(self, point: int) -> QPointF:
        """Return where a point lies in the scene, in logical pixels."""
        x, y = self._places()[point].tolist()
        return QPointF(x, y) + self.box.sceneBoundingRect().topLeft()

    def event(self, event: QEvent | None) -> bool:
        """Keep the keys of the map from becoming shortcuts."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, ev: QKeyEvent | None) -> None:
        """Walk from point to point, choose one, zoom, show all, or end the filter."""
        key = None if ev is None else ev.key()
        if key in _ARROWS:
            self._walk(*_ARROWS[Qt.Key(key)])
        elif key in _CHOOSE:
            if self._current >= 0:
                self.point_chosen.emit(self._current)
        elif key in _CLOSER or key in _FARTHER:
            factor = 1 / _ZOOM if key in _CLOSER else _ZOOM
            self.box.scaleBy((factor, factor))
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(ev)

    def mouseMoveEvent(self, ev: QMouseEvent | None) -> None:
        """Say what is under the mouse."""
        super().mouseMoveEvent(ev)
        if ev is not None and ev.buttons() == Qt.MouseButton.NoButton:
            self._hover(ev.position())

    def leaveEvent(self, ev: QEvent | None) -> None:
        """Ring nothing when the mouse is away."""
        super().leaveEvent(ev)
        self._go_to(-1)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._restyle()

    def sizeHint(self) -> QSize:
        """Take what room there is."""
        return QSize(420, 220)

    def minimumSizeHint(self) -> QSize:
        """Fit a low, narrow dock."""
        return QSize(160, 90)

    def _places(self) -> Floats:
        place = self.box.sceneBoundingRect()
        return to_pixels(self.points, view_of(self.box), (max(1, round(place.width())), max(1, round(place.height()))))

    def _hover(self, position: QPointF) -> None:
        point = self.point_at(self.mapToScene(position.toPoint()))
        self._go_to(-1 if point is None else point)
        if point is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(self.mapToGlobal(position.toPoint()), self._describe(point), self)

    def _click(self, scene: QPointF) -> None:
        point = self.point_at(scene)
        if point is not None:
            self.point_chosen.emit(point)

    def _walk(self, right: int, down: int) -> None:
        if len(self.points) == 0:
            return
        start = self._current if self._current >= 0 else self._watched
        places = self._places()
        if start < 0:
            middle = self.box.sceneBoundingRect().center() - self.box.sceneBoundingRect().topLeft()
            start = nearest_point(places, middle.x(), middle.y(), float("inf")) or 0
        else:
            start = next_point(places, start, right, down)
        self._go_to(start)
        self._bring_into_view(start)
        at = self.mapFromScene(self.place_of(start)) + QPoint(8, 8)
        QToolTip.showText(self.mapToGlobal(at), self._describe(start), self)

    def _bring_into_view(self, point: int) -> None:
        left, bottom, right, top = view_of(self.box)
        x, y = self.points[point].tolist()
        if not (left <= x <= right and bottom <= y <= top):
            self.box.translateBy((x - (left + right) / 2, y - (bottom + top) / 2))

    def _go_to(self, point: int) -> None:
        if point != self._current:
            self._current = point
            self._draw_rings()

    def _draw_rings(self) -> None:
        if self._rings is None:
            return
        colors = theme_of(self)
        rings = [(self._watched, 15, colors.text), (self._current, 12, colors.accent)]
        spots = [
            {"pos": self.points[point].tolist(), "size": size, "pen": pg.mkPen(color, width=2)}
            for point, size, color in rings
            if point >= 0
        ]
        self._rings.setData(spots)

    def _changed(self) -> None:
        self.cloud.changed()
        self._draw_rings()

    def _restyle(self) -> None:
        if self._rings is None:
            return
        colors = theme_of(self)
        self.setBackground(colors.panel)
        self.box.set_outline_color(colors.accent)
        self._draw_rings()
