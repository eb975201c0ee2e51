"""Runs the background work of the data map: rows from the worker, the survey, and the planes that were requested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from app.panels.data_map.survey import MOST_POINTS, Layout, Norms, Projection, glance, survey, umap
from app.platform.background_job import BackgroundJob
from app.run.commands import ReadRows
from app.run.controller import RunController
from lattice.data.survey.findings import QUICK_ROWS, NearDuplicates, NearestCosines, log_near_duplicates

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.survey.rows import SurveyRows


class Surveyor(QObject):
    """Looks for near-duplicates in any data, and at everything once somebody looks at the map."""

    plane_found = pyqtSignal(object)
    norms_found = pyqtSignal(object)
    nearest_found = pyqtSignal(object)
    near_duplicates_found = pyqtSignal(object)
    said = pyqtSignal(str)
    """What is being done, in words; empty when it is over."""
    layout_ended = pyqtSignal(str)
    """A plane that took long is there or failed, as do all without rows; why it failed, or empty."""

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        """Wait for data."""
        super().__init__(parent)
        self._controller = controller
        self._dataset: EmbeddingDataset | None = None
        self._rows: SurveyRows | None = None
        self._looked = False
        self._wanted: Projection = "pca"
        self._logged = ""
        self.planes: dict[str, Layout] = {}
        self.job, self.layout_job = BackgroundJob(self), BackgroundJob(self)
        for job in (self.job, self.layout_job):
            job.arrived.connect(self._take)
        self.job.progressed.connect(lambda *state: None if self.layout_job.running else self._tell(*state))
        self.layout_job.progressed.connect(self._tell)
        self.job.ended.connect(lambda problem: None if self.layout_job.running else self.said.emit(problem))
        self.layout_job.ended.connect(self.layout_ended)

    def begin(self, dataset: EmbeddingDataset, *, seen: bool) -> None:
        """Take other data; `seen`: somebody looks at the map."""
        self.job.cancel()
        self.layout_job.cancel()
        self._dataset, self._rows, self._looked, self._logged, self.planes = dataset, None, False, "", {}
        self._wanted = "pca"
        if seen:
            self.look()
        else:
            self._read(QUICK_ROWS, lambda rows: None if self._looked else self.job.start(glance(rows)), self.said.emit)

    def look(self) -> None:
        """Survey the data, once; again if its rows could not be read."""
        if self._dataset is not None and not self._looked:
            self._looked = True
            self.said.emit("Reading the samples...")
            self._read(MOST_POINTS, self._survey, self._give_up)

    def lay_out(self, projection: Projection) -> bool:
        """Begin the work for a plane that is not there yet, once the rows are read; return whether there is any."""
        self.layout_job.cancel()
        self._wanted = projection
        self._begin_layout()
        if self._wanted == "umap" and self._rows is None:
            self.look()
        return self._wanted == "umap" and "umap" not in self.planes

    def close(self) -> None:
        """Leave no work running."""
        self.job.close()
        self.layout_job.close()

    def _begin_layout(self) -> None:
        """Lay out the samples by UMAP, if that is wanted and possible now."""
        if self._wanted == "umap" and self._rows is not None and "umap" not in self.planes:
            self.layout_job.start(umap(self._rows))

    def _read(self, most: int, then: Callable[[SurveyRows], None], failed: Callable[[str], None]) -> None:
        """Get rows from the worker, which owns them; an answer about other data is dropped."""
        dataset = self._dataset

        def take(rows: SurveyRows) -> None:
            if dataset is not None and self._dataset is dataset and rows.total == len(dataset):
                then(rows)

        def fail() -> None:
            if self._dataset is dataset:
                failed("The samples can't be read.")

        self._controller.request(ReadRows(most), take, lambda _failure: fail())

    def _survey(self, rows: SurveyRows) -> None:
        self._rows = rows
        self.job.start(survey(rows))
        self._begin_layout()

    def _give_up(self, problem: str) -> None:
        """End what waits for the rows; the next look reads them again."""
        self._looked, self._wanted = False, "pca"
        self.layout_ended.emit(problem)

    def _take(self, found: object) -> None:
        if isinstance(found, Layout):
            self.planes[found.projection] = found
            self.plane_found.emit(found)
        elif isinstance(found, Norms):
            self.norms_found.emit(found)
        elif isinstance(found, NearestCosines):
            self.nearest_found.emit(found)
        elif isinstance(found, NearDuplicates):
            if found.sentence() != self._logged:
                self._logged = found.sentence()
                log_near_duplicates(found)
            self.near_duplicates_found.emit(found)

    def _tell(self, what: str, done: int, total: int) -> None:
        self.said.emit(f"{what}: {done:,} of {total:,}" if total else f"{what}...")
