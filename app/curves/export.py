"""Pictures of plots as files: curves, legends and named axes, without what is there to be pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, QSize
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QWidget

from app.curves.plot import CurvePlot
from app.curves.plot_area import PlotArea
from app.widgets.theme import theme_of
from lattice.atomic import atomic_path
from lattice.errors import CellcubeError

PICTURE_SCALE = 2.0
"""Pixels of a PNG per logical pixel on screen."""


PLOT_SIZE = QSize(560, 340)
"""Least size of each plot in a picture, in logical pixels."""


def save_plots(area: PlotArea, plots: Sequence[CurvePlot], path: Path, redraw: Callable[[], None]) -> None:
    """Write plots as `.png` or `.svg`, without buttons and with titles at both axes.

    A PNG has twice the size of the page, which is enlarged to at least 560 x 340 logical pixels a plot.

    Args:
        area: page that the plots are on; it is as it was afterwards.
        plots: those that are shown.
        path: file to write.
        redraw: draws the curves for the size that the plots have then.

    Raises:
        CellcubeError: see `save_widget_image`.
    """
    page, columns = area.page, area.columns
    size, rows = page.size(), -(-len(plots) // columns)
    try:
        for plot in plots:
            plot.set_printed(True)
        area.setWidgetResizable(False)
        page.resize(size.expandedTo(QSize(PLOT_SIZE.width() * columns, PLOT_SIZE.height() * rows)))
        _lay_out(page, plots)
        redraw()
        _lay_out(page, plots)
        save_widget_image(page, path)
    finally:
        for plot in plots:
            plot.set_printed(False)
        area.setWidgetResizable(True)
        page.resize(size)
        _lay_out(page, plots)
        redraw()


def _lay_out(page: QWidget, plots: Sequence[CurvePlot]) -> None:
    """Place everything now, for there is no turn of the event loop before the picture is taken."""
    for widget in (page, *plots):
        layout = widget.layout()
        assert layout is not None
        layout.invalidate()
        layout.activate()


def save_widget_image(widget: QWidget, path: Path) -> None:
    """Write a widget as `.png` or `.svg`, chosen by the file's suffix, on the theme's ground.

    Raises:
        CellcubeError: the suffix is another one, or the file can't be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".png", ".svg"):
        raise CellcubeError(f"can't save {path.name} as a picture: expected a name that ends in .png or .svg")
    try:
        with atomic_path(path) as temporary:
            if suffix == ".png":
                _write_png(widget, temporary)
            else:
                _write_svg(widget, temporary)
    except OSError as error:
        raise CellcubeError(f"can't write the picture {path}: {error}") from None


def _write_png(widget: QWidget, path: Path) -> None:
    image = QImage(widget.size() * PICTURE_SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(PICTURE_SCALE)
    image.fill(QColor(theme_of(widget).panel))
    _render(widget, QPainter(image))
    if not image.save(str(path), "PNG"):
        raise OSError("the picture could not be encoded")


def _write_svg(widget: QWidget, path: Path) -> None:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(QRect(QPoint(0, 0), widget.size()))
    generator.setTitle("Cellcube")
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), QColor(theme_of(widget).panel))
    _render(widget, painter)


def _render(widget: QWidget, painter: QPainter) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    widget.render(painter, QPoint(0, 0), flags=QWidget.RenderFlag.DrawChildren)
    painter.end()
