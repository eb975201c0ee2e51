"""Scores of single samples for tests of panels, with a controller that answers when it is told to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from app.run.measured_with import RunStudents
from app.run.messages import Applied
from app.session.sample_scores import SampleScores
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.training.sample_report import SampleReport
from tests.app.fakes import fake_dataset, small_config
from tests.app.reports import eval_report, step_report


class Controller(QObject):
    """Has the signals and values of a `RunController` that `SampleScores` uses."""

    opened = pyqtSignal(object)
    applied = pyqtSignal(object)
    stepped = pyqtSignal(object)
    evaluated = pyqtSignal(object)
    observed = pyqtSignal(object)

    def __init__(self, dataset=None) -> None:
        super().__init__()
        self.training_step, self.scoring_seconds = 0, 0.02
        self.students = RunStudents()
        self.summary = SimpleNamespace(dataset=dataset or fake_dataset(), config=small_config())
        self.requested: list[object] = []
        self.open()

    def open(self) -> None:
        self.opened.emit(self.summary)

    def request(self, command, done=None, failed=None) -> int:
        self.requested.append(command)
        self.done, self.failed = done, failed
        return len(self.requested)

    def answer(self, samples: Iterable[int], cosines: Iterable[float], step: int, seconds: float = 0.4) -> None:
        self.done(report(samples, cosines, step, len(self.summary.dataset), seconds))

    def go_to(self, step: int, forward: float = 0.04) -> None:
        """Report a training step whose forward pass took so many seconds."""
        self.training_step = step
        self.stepped.emit(SimpleNamespace(reports=[step_report(step, phase_seconds={"forward": forward})]))

    def watch_in(self, seconds: float) -> None:
        self.observed.emit(SimpleNamespace(seconds=seconds))

    def evaluate(self, cosines: Iterable[float], step: int) -> None:
        self.training_step = step
        rows = np.array(list(cosines), dtype=np.float32)
        self.evaluated.emit(replace(eval_report(step), samples=len(rows), cosines_S=rows))

    def edit(self, config: SimpleProjectConfig, way: str = "apply", dataset=None) -> None:
        cost = edit_cost(self.summary.config.changes_to(config))
        changed = tuple(self.summary.config.changes_to(config))
        self.summary = SimpleNamespace(dataset=dataset or self.summary.dataset, config=config)
        message = Applied(self.summary, cost, changed, way=way)
        self.students.follow(message)
        self.applied.emit(message)


def scored(dataset=None) -> SampleScores:
    """Return scores of a run that has none yet; its `controller` plays the worker."""
    controller = Controller(dataset)
    said: list[str] = []
    scores = SampleScores(controller, said.append)
    scores.controller, scores.said = controller, said
    controller.open()
    return scores


def report(samples: Iterable[int], cosines: Iterable[float], step: int, total: int, seconds: float) -> SampleReport:
    which, values = np.array(list(samples), dtype=np.int64), np.array(list(cosines), dtype=np.float32)
    return SampleReport(step, which, values, total, seconds * len(which) / total)


def take_scores(scores: SampleScores, samples: Iterable[int], cosines: Iterable[float]) -> None:
    """Let `scores` take what scoring some samples gave, at the present training step."""
    scores.score_all()
    scores.controller.answer(samples, cosines, scores.controller.training_step)
