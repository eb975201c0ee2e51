"""The cosine of each sample, as far as it was measured: one place that the list, the data map and the menu ask.

Shapes: N samples of the data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.run.commands import ScoreSamples
from app.run.controller import RunController
from app.run.measured_with import MeasuredWith
from app.run.messages import Applied, Failed, Observed, StepsDone
from app.run.sample_timing import SampleTiming
from app.run.summary import RunSummary
from lattice.units import count_text, plural

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport
    from lattice.training.sample_report import SampleReport

_NONE = -1
"""In place of a measurement, for a sample without one."""


@dataclass
class _Measurement:
    """When some samples were scored, and what has outdated that since."""

    step: int
    measured_with: MeasuredWith
    outdated: str = ""


class SampleScores(QObject):
    """Takes what evaluations measure of held-out samples, and scores all samples on request."""

    measured = pyqtSignal()
    """There are other numbers, or none any more."""
    changed = pyqtSignal()
    """The same numbers, but what is said of them is something else; follows `measured`, too."""

    def __init__(
        self,
        controller: RunController,
        notify: Callable[[str], None] = lambda _text: None,
        parent: QObject | None = None,
    ) -> None:
        """Follow a run; `notify` is told how scoring ended."""
        super().__init__(parent)
        self._controller, self._notify = controller, notify
        self.scoring = False
        """Whether all samples are being scored."""
        self._timing = SampleTiming()
        self._dataset: object = None
        self.cosines_N: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        """The newest cosine of each sample, -1 to 1; NaN where none was measured."""
        self._which_N: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._measurements: dict[int, _Measurement] = {}
        self._next = 0
        self._fresh = False
        controller.opened.connect(self._take_run)
        controller.applied.connect(self._take_edit)
        controller.stepped.connect(self._take_steps)
        controller.evaluated.connect(self._take_evaluation)
        controller.observed.connect(self._take_observation)

    @property
    def known(self) -> int:
        """Samples that have a cosine."""
        return int(np.count_nonzero(self._which_N != _NONE))

    @property
    def outdated(self) -> str:
        """What makes any of the numbers belong to the past, in a few words; empty if they are of the run as it is."""
        steps = sorted({measurement.step for measurement in self._measurements.values()})
        edits = [measurement.outdated for measurement in self._measurements.values() if measurement.outdated]
        if not edits and all(step == self._controller.training_step for step in steps):
            return ""
        at = f"at step {steps[0]:,}" if len(steps) == 1 else f"at steps {steps[0]:,} to {steps[-1]:,}"
        return f"{at}, measured before: {edits[-1]}" if edits else at

    def outdated_of(self, sample: int) -> str:
        """Say the same of one sample's number; empty also if it has none."""
        measurement = self._measurements.get(int(self._which_N[sample]))
        if measurement is None:
            return ""
        at = f"at step {measurement.step:,}"
        if measurement.outdated:
            return f"{at}, measured before: {measurement.outdated}"
        return "" if measurement.step == self._controller.training_step else at

    def words(self) -> str:
        """Return how many samples are scored and when, and about how long scoring all takes, in one line."""
        total, known = len(self.cosines_N), self.known
        if self.scoring:
            return f"Scoring {plural(total, 'sample')}; Cancel is in the status bar"
        at = f" ({self.outdated})" if self.outdated else ""
        said = f"Scored: {count_text(known)} of {count_text(total)}{at}" if known else "No sample is scored yet"
        time = self._timing.text(total)
        return f"{said}. All take {time}" if time and (known < total or at) else said

    def tip(self) -> str:
        """Return what scoring every sample does, and about how long it takes."""
        time = self._timing.text(len(self.cosines_N))
        takes = f"Takes {time}" if time else "How long it takes is known after a training step or an evaluation"
        return (
            "Compute the cosine between the cube's answer and its target for every sample, trained on and held out,\n"
            f"with the cube as it is and all of its cells. {takes}; training waits meanwhile, Cancel is in the status\n"
            "bar, and what is scored until then is kept"
        )

    def score_all(self) -> None:
        """Request that every sample is scored; one request at a time."""
        if self.scoring or self._controller.summary is None:
            return
        self.scoring = True
        self.changed.emit()
        self._controller.request(ScoreSamples(), self._take_report, self._end)

    def _take_report(self, report: SampleReport) -> None:
        self.scoring = False
        self._timing.scored(report)
        self._put(report.samples_S, report.cosines_S, report.training_step)
        done, total = len(report.samples_S), report.total
        if report.complete:
            self._notify(f"{plural(total, 'sample')} scored at step {report.training_step:,}")
        else:
            self._notify(f"Cancelled: {count_text(done)} of {count_text(total)} samples are scored, and that is kept")

    def _end(self, _failure: Failed | None) -> None:
        self.scoring = False
        self.changed.emit()

    def _take_evaluation(self, report: EvalReport) -> None:
        summary = self._controller.summary
        self._timing.evaluated(report, self._controller.scoring_seconds)
        if report.cosines_S is None or summary is None:
            self.changed.emit()
        else:
            scored = summary.dataset.validation_indices[: len(report.cosines_S)].cpu().numpy()
            self._put(scored, report.cosines_S, report.training_step)

    def _put(self, samples_S: NDArray[np.int64], cosines_S: NDArray[np.float32], step: int) -> None:
        summary = self._controller.summary
        if summary is None or summary.dataset is not self._dataset:
            return
        number = self._next
        self._next += 1
        measurement = self._measurements[number] = _Measurement(step, MeasuredWith(self._controller.students))
        measurement.measured_with.measured(summary.config)
        self.cosines_N[samples_S] = cosines_S
        self._which_N[samples_S] = number
        alive = set(np.flatnonzero(np.bincount(self._which_N - _NONE)).tolist())
        self._measurements = {key: each for key, each in self._measurements.items() if key - _NONE in alive}
        self._fresh = True
        self.measured.emit()
        self.changed.emit()

    def _take_run(self, summary: RunSummary) -> None:
        self._dataset = summary.dataset
        self._timing.forget()
        self._forget(len(summary.dataset))

    def _take_edit(self, message: Applied) -> None:
        if message.restarts_scores:
            self._timing.forget()
        if message.summary.dataset is not self._dataset:
            self._take_run(message.summary)
            return
        for measurement in self._measurements.values():
            measurement.outdated = measurement.measured_with.outdated(message.summary.config)
        self._fresh = self._any_fresh()
        self.changed.emit()

    def _take_steps(self, message: StepsDone) -> None:
        summary, timed = self._controller.summary, self._timing.measured
        if summary is not None:
            settings = summary.config.training_embedding
            self._timing.stepped(message.reports[-1], settings.batch_size * settings.accumulation)
        fresh = self._any_fresh()
        if fresh != self._fresh or timed != self._timing.measured:
            self._fresh = fresh
            self.changed.emit()

    def _take_observation(self, message: Observed) -> None:
        before = self._timing.text(1)
        self._timing.watched(message.seconds)
        if not before:
            self.changed.emit()

    def _any_fresh(self) -> bool:
        step = self._controller.training_step
        return any(measurement.step == step for measurement in self._measurements.values())

    def _forget(self, samples: int) -> None:
        self.cosines_N = np.full(samples, np.nan, dtype=np.float32)
        self._which_N = np.full(samples, _NONE, dtype=np.int32)
        self._measurements.clear()
        self._fresh = False
        self.measured.emit()
        self.changed.emit()
