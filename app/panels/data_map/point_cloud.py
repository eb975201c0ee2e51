"""The points of the data map as one item of its plot."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter

from app.panels.data_map.raster import PointRaster
from app.panels.data_map.view_box import MapBox


class PointCloud(pg.GraphicsObject):
    """Draws a `PointRaster` over the whole view; the picture is kept until the view or the points change."""

    def __init__(self, box: MapBox) -> None:
        """Draw into `box`."""
        super().__init__()
        self.raster = PointRaster()
        self._box = box
        self._drawn: tuple[object, ...] = ()
        self._image = QImage()

    def changed(self) -> None:
        """Draw again: points or colours are others."""
        self._drawn = ()
        self.update()

    def boundingRect(self) -> QRectF:
        """Cover the view."""
        return self._box.viewRect()

    def viewRangeChanged(self) -> None:
        """Follow the view."""
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, *_arguments: object) -> None:
        """Draw the points in device pixels."""
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        place = self._box.sceneBoundingRect()
        size = max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio))
        view = view_of(self._box)
        if self._drawn != (view, size, ratio):
            pixels = self.raster.draw(view, size, ratio)
            format_ = QImage.Format.Format_ARGB32_Premultiplied
            self._image = QImage(pixels.data, size[0], size[1], 4 * size[0], format_)  # type: ignore[call-overload]
            self._image.setDevicePixelRatio(ratio)
            self._drawn = (view, size, ratio)
        painter.save()
        painter.resetTransform()
        painter.drawImage(place.topLeft(), self._image)
        painter.restore()


def view_of(box: MapBox) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of what is in view."""
    (left, right), (bottom, top) = box.viewRange()
    return left, bottom, right, top
