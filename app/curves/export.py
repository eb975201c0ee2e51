"""Pictures of plots as files: curves, legends and named axes, without what is there to be pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QGridLayout, QWidget

from app.curves.choices import CurveChoices
from app.curves.plot import CurvePlot
from app.curves.specs import spec_of
from app.run.summary import RunSummary
from app.widgets.labels import wrapped_label
from app.widgets.theme import theme_of
from lattice.atomic import atomic_path
from lattice.errors import CellcubeError

PICTURE_SCALE = 2.0
"""Pixels of a PNG per logical pixel on screen."""


PLOT_SIZE = QSize(560, 340)
"""Size of each plot in a picture, in logical pixels; higher where its legend needs it."""
MARGIN = 12
"""Logical pixels around all plots of a picture, and between them."""


def save_plots(
    keys: Sequence[str],
    choices: CurveChoices,
    columns: int,
    path: Path,
    redraw: Callable[[CurvePlot], None],
    caption: str = "",
) -> None:
    """Write plots as `.png` or `.svg`, without buttons and hidden curves, with titles at both axes.

    They are drawn on a page of their own, each 560 x 340 logical pixels large, and closed afterwards: what is on screen
    is not touched. A PNG has twice as many pixels.

    Args:
        keys: the plots.
        choices: their axes and curves.
        columns: plots side by side.
        path: file to write.
        redraw: draws the curves of a plot for the size that it has then.
        caption: a line below all plots.

    Raises:
        CellcubeError: there are no plots, or see `save_widget_image`.
    """
    if not keys:
        raise CellcubeError("no plot is chosen, so there is nothing to draw: choose one in the Curves panel")
    page = QWidget()
    page.setObjectName("scrolled")
    grid = QGridLayout(page)
    grid.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
    grid.setSpacing(MARGIN)
    plots = [CurvePlot(spec_of(key)) for key in keys]
    for index, plot in enumerate(plots):
        plot.choose(choices)
        plot.print_only()
        row, column = divmod(index, columns)
        grid.addWidget(plot, row, column)
        grid.setRowMinimumHeight(row, PLOT_SIZE.height())
        grid.setColumnMinimumWidth(column, PLOT_SIZE.width())
    line = wrapped_label(caption, "muted")
    line.setVisible(bool(caption))
    grid.addWidget(line, len(plots), 0, 1, columns)
    try:
        page.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        page.show()
        for _pass in range(2):  # what is drawn decides about the legends, and their room about what is drawn
            for plot in plots:
                redraw(plot)
            _lay_out(page, plots)
            page.resize(page.minimumSizeHint())
        save_widget_image(page, path)
    finally:
        page.close()
        page.deleteLater()


def caption_of(summary: RunSummary) -> str:
    """Return what a picture of the curves says of its run: name, size, data and seed."""
    config = summary.config
    sides = "x".join(map(str, config.lattice.dimensions))
    return f"{summary.name}, {sides} cells, {summary.dataset.source}, seed {config.training_embedding.seed}"


def _lay_out(page: QWidget, plots: Sequence[QWidget]) -> None:
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
