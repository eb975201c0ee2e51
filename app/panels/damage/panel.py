"""The Damage panel: what the cube's answers depend on, for one watched sample and for all held-out ones."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.damage.erase_box import EraseBox
from app.panels.damage.score_plot import ScorePlot
from app.panels.panel import Panel
from app.panels.spec import PanelServices
from app.run.commands import MeasureDamage
from app.run.measured_with import MeasuredWith
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.labels import wrapped_label
from lattice.config import SimpleProjectConfig
from lattice.config.training import DAMAGED_CELLS
from lattice.units import percent_text, plural, seconds_text

if TYPE_CHECKING:
    from lattice.training.damage_report import DamageReport

INVITATION = (
    "Scores the held-out samples without 2 to 50 % of the cells that damage may erase, and without each layer. "
    "Training waits meanwhile."
)


class DamagePanel(Panel):
    """Erases cells of what is watched, and measures the score against damage in the worker."""

    def __init__(self, services: PanelServices, parent: QWidget | None = None) -> None:
        """Watch the run, the picked cell and what is on screen."""
        super().__init__(parent)
        self._services = services
        self.box = EraseBox(services.display.erased)
        self.measure_button = QPushButton("Measure")
        self.measure_button.setToolTip("Score the cube against damage now; Cancel is in the status bar")
        self.measure_button.setEnabled(False)
        self.measure_button.clicked.connect(self.measure)
        self.note = wrapped_label(INVITATION, "muted")
        self._plots: list[ScorePlot] = []
        self._below = QVBoxLayout()
        self.report: DamageReport | None = None
        self._measured_with = MeasuredWith(services.controller.students)
        services.selection.changed.connect(self.box.set_cell)
        services.display.observation_shown.connect(lambda observation, _step: self.box.show_observation(observation))
        services.controller.evaluated.connect(lambda _report: self._invite())
        self._lay_out()

    @cached_property
    def shares(self) -> ScorePlot:
        """Scores over the share erased; made when something is measured, for a plot takes long to make."""
        return self._add_plot("erased, % of the cells that may be")

    @cached_property
    def layers(self) -> ScorePlot:
        """Scores over the layer erased."""
        return self._add_plot("layer erased")

    def show_run(self, summary: RunSummary) -> None:
        """Forget what was measured of the run before."""
        self.measure_button.setEnabled(True)
        self._forget()
        self._invite()
        self.box.set_cell(self._services.selection.cell)

    def show_applied(self, message: Applied) -> None:
        """Say of what was measured whether it was measured before an edit; else what a measurement takes now."""
        self._describe(self._measured_with.outdated(message.summary.config))
        self._invite()

    def measure(self) -> None:
        """Request a measurement; what was measured before stays on screen until it is there."""
        self.measure_button.setEnabled(False)
        self._services.controller.request(MeasureDamage(), self._take, lambda _failure: self._end())

    def _take(self, report: DamageReport) -> None:
        self._end()
        self.report = report
        summary = self._services.controller.summary
        assert summary is not None, "a run was measured"
        self._measured_with.measured(summary.config)
        by_share, by_layer, intact = report.by_share, report.by_layer, report.intact
        percents = [100 * point.share for point in by_share]
        self.shares.show_scores(percents, [point.cosine for point in by_share], intact)
        self.shares.show()
        if by_layer:
            self.layers.show_scores([each.layer for each in by_layer], [each.cosine for each in by_layer], intact)
        self.layers.setVisible(bool(by_layer))
        self._describe("")

    def _describe(self, outdated: str) -> None:
        """Say what was measured, and the edit before which it was, if it is outdated."""
        report = self.report
        if report is None:
            return
        damage = report.trained_damage
        training = f"training erases {percent_text(damage)} of them" if damage else "training erases none"
        samples = plural(report.samples, "held-out sample")
        said = (
            f"Cosine of {samples} after {plural(report.training_step, 'training step')}, with shares erased of the "
            f"{report.cells:,} cells {DAMAGED_CELLS[report.damaged_cells]} ({training}); layers across {report.axis}. "
            "Dashed: all cells."
        )
        self.note.setText(f"Measured before: {outdated}. {said}" if outdated else said)
        for plot in self._plots:
            plot.set_outdated(bool(outdated))

    def _end(self) -> None:
        self.measure_button.setEnabled(self._services.controller.summary is not None)

    def _invite(self) -> None:
        """Say what a measurement does, and about how long it takes once an evaluation was timed."""
        summary, scoring = self._services.controller.summary, self._services.controller.scoring_seconds
        if self.report is not None or summary is None:
            return
        seconds = scoring * passes(summary.config)
        self.note.setText(
            f"{INVITATION} It takes about {seconds_text(round(seconds) or 1)}." if scoring else INVITATION
        )

    def _forget(self) -> None:
        self.report = None
        for plot in self._plots:
            plot.hide()

    def _add_plot(self, label: str) -> ScorePlot:
        plot = ScorePlot(label)
        plot.hide()
        self._plots.append(plot)
        self._below.addWidget(plot)
        return plot

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 12, 10)
        column.setSpacing(8)
        column.addWidget(_heading("Erase cells to watch"))
        column.addWidget(self.box)
        column.addSpacing(6)
        column.addWidget(_heading("Score against damage"))
        column.addWidget(self.measure_button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.note)
        column.addLayout(self._below)
        column.addStretch()


def passes(config: SimpleProjectConfig) -> int:
    """Return how often a measurement scores the held-out samples, for the layers between the outermost two."""
    from lattice.training.damage import DRAWS, SHARES  # brings torch, which a run has loaded

    layers = max(config.lattice.dimensions[config.layer_axis] - 2, 0)
    return sum(DRAWS if share else 1 for share in SHARES) + layers


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label
