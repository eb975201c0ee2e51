"""The data map panel: every sample in a plane, figures beside it, and a filter for the list of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QSignalBlocker, QSize, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.data_map.coloring import color_by_category, color_by_cosine, color_by_split
from app.panels.data_map.page import MapPage
from app.panels.data_map.survey import Layout
from app.panels.data_map.surveyor import Surveyor
from app.panels.data_map.words import sample_words
from app.panels.panel import Panel
from app.panels.spec import PanelServices
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.session.sample_scores import SampleScores
from app.widgets.theme import theme_of
from lattice.units import plural

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

_WAITING = "The samples are laid out when the data is loaded."


class DataMapPanel(Panel):
    """Lays out the samples when it is looked at for the first time; looks for near-duplicates in any case."""

    filter_changed = pyqtSignal(object, str)
    """Samples that the list is to show, ascending int64, and why in words; None and no words: all."""

    def __init__(self, services: PanelServices, parent: QWidget | None = None) -> None:
        """Watch the run and the watched sample."""
        super().__init__(parent)
        self._services = services
        self.dataset: EmbeddingDataset | None = None
        self._scores: SampleScores | None = None
        self._shown: Layout | None = None
        self.surveyor = Surveyor(services.controller, self)
        """Its `near_duplicates_found` brings what every run's data is looked through for."""
        page = MapPage(self.describe)
        self.tools, self.plot, self.legend, self.figures = page.tools, page.plot, page.legend, page.figures
        self.note, self.cancel_button = page.note, page.cancel_button
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        self._connect()
        self._say(_WAITING)

    def show_run(self, summary: RunSummary) -> None:
        """Show the data of a run."""
        if summary.dataset is not self.dataset:
            self._begin(summary.dataset)

    def show_applied(self, message: Applied) -> None:
        """Show other data, if edited settings named some."""
        self.show_run(message.summary)

    def describe(self, point: int) -> str:
        """Return in words which sample a point is."""
        if self.dataset is None or self._shown is None:
            return ""
        rows = self._shown.rows
        return sample_words(self.dataset, int(rows.samples[point]), self._scores, bool(rows.held_out_M[point]))

    def follow(self, scores: SampleScores) -> None:
        """Colour samples by the cosines that `scores` knows."""
        self._scores = scores
        self.legend.score_line.follow(scores)
        scores.measured.connect(self._color_again)
        self._color_again()

    def _color_again(self) -> None:
        if self.tools.colors.currentData() == "cosine":
            self._color()

    def keep(self, kept_M: NDArray[np.bool_], words: str) -> None:
        """Filter the list to some points of the map; to none is no filter."""
        if self._shown is None or not kept_M.any():
            self._services.notify("No sample of the map is in there.")
            return
        self.plot.set_kept(kept_M)
        self.tools.clear.setEnabled(True)
        samples = self._shown.rows.samples[kept_M]
        self._services.notify(f"The Data panel lists {plural(len(samples), 'sample')} {words}.")
        self.filter_changed.emit(samples, words)

    def clear_filter(self) -> None:
        """Let the list show all samples again."""
        if self.tools.clear.isEnabled():
            self.plot.set_kept(None)
            self.tools.clear.setEnabled(False)
            self.filter_changed.emit(None, "")

    def showEvent(self, event: QShowEvent | None) -> None:
        """Lay out the samples when somebody looks."""
        super().showEvent(event)
        self.surveyor.look()

    def changeEvent(self, event: QEvent | None) -> None:
        """Take the colours of the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and self._shown is not None:
            self._color()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no work running."""
        self.surveyor.close()
        super().closeEvent(event)

    def sizeHint(self) -> QSize:
        """Fit below the cube."""
        return QSize(640, 240)

    def minimumSizeHint(self) -> QSize:
        """Fit a low, narrow dock."""
        return QSize(240, 150)

    def _begin(self, dataset: EmbeddingDataset) -> None:
        self.clear_filter()
        self.cancel_button.hide()
        self.dataset, self._shown = dataset, None
        self.figures.set_dataset(dataset)
        with QSignalBlocker(self.tools.projection):  # the surveyor still holds the planes of the data before
            self.tools.choose_projection("pca")
        self.tools.set_categories(dataset.categories is not None and any(dataset.categories))
        self.plot.set_points(np.zeros((0, 2), dtype=np.float32))
        self._say(_WAITING)
        self.surveyor.begin(dataset, seen=self.isVisible())

    def _take_plane(self, plane: Layout) -> None:
        """Show a plane that is wanted, or any while there is none on screen."""
        if self._shown is None or self.tools.projection.currentData() == plane.projection:
            self._show_plane(plane)

    def _show_plane(self, plane: Layout) -> None:
        self.clear_filter()
        self._shown = plane
        self.plot.set_points(plane.points_M2)
        self._color()
        self._mark(self._services.display.sample)
        self._say(plane.note)

    def _choose_plane(self) -> None:
        projection = self.tools.projection.currentData()
        self.cancel_button.setVisible(self.surveyor.lay_out(projection))
        if projection in self.surveyor.planes:
            self._show_plane(self.surveyor.planes[projection])

    def _layout_ended(self, problem: str) -> None:
        """Go back to the plane on screen if the requested one is not to be had."""
        self.cancel_button.hide()
        if problem:
            self._cancel()
            self._say(problem)

    def _cancel(self) -> None:
        """Choose the plane on screen, or the one that comes first."""
        self.tools.choose_projection("pca" if self._shown is None else self._shown.projection)

    def _color(self) -> None:
        if self._shown is None or self.dataset is None:
            return
        rows, color_by = self._shown.rows, self.tools.colors.currentData()
        if color_by == "category" and self.dataset.categories is not None:
            coloring = color_by_category(self.dataset, rows)
        elif color_by == "cosine":
            coloring = color_by_cosine(rows, self._cosines(self.dataset), dark=theme_of(self).dark)
        else:
            coloring = color_by_split(rows)
        self.plot.set_coloring(coloring)
        self.legend.show_coloring(coloring)
        self.legend.score_line.set_wanted(color_by == "cosine")

    def _cosines(self, dataset: EmbeddingDataset) -> NDArray[np.float32]:
        """Return the cosine of each sample of the map's data; NaN also while the scores are of other data already."""
        if self._scores is None or len(self._scores.cosines_N) != len(dataset):
            return np.full(len(dataset), np.nan, dtype=np.float32)
        return self._scores.cosines_N

    def _mark(self, sample: int) -> None:
        if self._shown is None:
            return
        samples = self._shown.rows.samples
        at = int(np.searchsorted(samples, sample))
        self.plot.set_watched(at if at < len(samples) and samples[at] == sample else -1)

    def _choose(self, point: int) -> None:
        if self._shown is not None:
            self._services.display.watch(int(self._shown.rows.samples[point]))

    def _say(self, text: str) -> None:
        if not text and self._shown is not None:
            text = self._shown.note
        self.note.set_full_text(text or _WAITING)

    def _connect(self) -> None:
        tools, surveyor, plot = self.tools, self.surveyor, self.plot
        tools.projection.currentIndexChanged.connect(lambda _index: self._choose_plane())
        tools.colors.currentIndexChanged.connect(lambda _index: self._color())
        tools.lasso.toggled.connect(plot.set_lasso)
        tools.keep_view.clicked.connect(lambda: self.keep(plot.in_view(), "in view in the data map"))
        tools.clear.clicked.connect(self.clear_filter)
        tools.fit.clicked.connect(plot.fit)
        plot.lassoed.connect(lambda kept_M: self.keep(kept_M, "in the lasso"))
        plot.escaped.connect(self.clear_filter)
        plot.point_chosen.connect(self._choose)
        self.cancel_button.clicked.connect(self._cancel)
        self.figures.sample_wanted.connect(self._services.display.watch)
        surveyor.plane_found.connect(self._take_plane)
        surveyor.norms_found.connect(lambda norms: self.figures.show_norms(norms.values_M, norms.part))
        surveyor.nearest_found.connect(self.figures.show_nearest)
        surveyor.near_duplicates_found.connect(self.figures.show_near_duplicates)
        surveyor.said.connect(self._say)
        surveyor.layout_ended.connect(self._layout_ended)
        self._services.display.sample_changed.connect(self._mark)
