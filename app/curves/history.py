"""Everything a run has reported so far, by name, with the edits that were applied on the way."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.curves.pyramid import Series
from app.curves.spikes import WINDOW, spikes_in
from lattice.parsing import parse_json
from lattice.training.divergence import DivergenceWatch
from lattice.training.reports import EvalReport, StartScores, StepReport
from lattice.training.score_rows import identity_counts, notes_of
from lattice.units import count_text

_MARKS, _RANK = "marks", "rank"
_LARGEST_STEP = 2**31 - 1
"""Curves are stored with training steps as int32."""
_SCORES = ("cosine.", "retrieval.", "error.")
_BASELINES = ("mlp", "pca", "linear", "identity")


class Mark(NamedTuple):
    """An edit that was applied during the run, or that its loss diverged."""

    training_step: int
    text: str


class History:
    """Curves by name: `loss.total`, `cosine.validation`, `learning_rate`, `gradient.local`, `gate.distant`, ...

    Every curve has its own positions on the axis of training steps, because evaluations are rarer than steps
    and a loss may be switched on late.
    """

    def __init__(self) -> None:
        """Create an empty history."""
        self.series: dict[str, Series] = {}
        self.marks: list[Mark] = []
        self.spikes: list[Mark] = []
        """Of the total loss."""
        self.remarks: dict[str, str] = {}
        """By curve, what the last report says of it: of a baseline its rank or size, of the rate what it means."""
        self.rank: int | None = None
        """Of the baselines PCA and linear, once there was an evaluation."""
        self.identity_counts = False
        """Whether handing on the input is a baseline worth showing."""
        self.outdated = ""
        """The edit before which the newest scores were measured; empty if they are of the run as it is."""
        self._broken: set[str] = set()
        """Curves that the edits broke off since the newest scores."""
        self._divergence = DivergenceWatch()

    def append(self, report: StepReport) -> None:
        """Add one training step; one that is not after the last replaces what came after it."""
        step = report.training_step
        if step <= self.last_step("loss.total"):
            self.truncate(step - 1)
        for name, value in _values_of(report):
            self.of(name).append(step, value)
        self.remarks["steps_per_second"] = f"{count_text(report.cell_updates_per_second)} cell updates per second"
        if (diverged := self._divergence.take(step, report.losses["total"])) is not None:
            self.mark_edit(step, diverged)
        self._find_spikes(since=step)

    def append_evaluation(self, report: EvalReport) -> None:
        """Add the scores of one evaluation; a second one at the same training step replaces the first.

        A history that begins with it gets the scores before training, too, if the report knows them.
        """
        start = report.start
        if start is not None and start.training_step < report.training_step and "cosine.validation" not in self.series:
            for name, value in _scores_of(start):
                self.of(name).append(start.training_step, value)
        for name, value in _evaluated(report):
            series = self.of(name)
            broken = bool(np.isnan(series.y[series.x == report.training_step]).any())
            series.truncate(report.training_step - 1)
            if broken:
                series.append(report.training_step, math.nan)
            series.append(report.training_step, value)
        self.remarks |= {f"cosine.{name}": note for name, note in notes_of(report).items()}
        self.rank, self.outdated = report.baseline_rank, ""
        self.identity_counts = identity_counts(report)

    def outdate_scores(self, training_step: int, edit: str) -> None:
        """Let all scores end here: what comes after is measured differently. A break is not a number."""
        self._divergence = DivergenceWatch()
        if not self.outdated:
            self._broken.clear()
        for name, series in self.series.items():
            if _is_score(name) and len(series) and math.isfinite(series.y[-1]):
                series.append(training_step, math.nan)
                self.outdated = edit
                self._broken.add(name)

    def count_again(self) -> None:
        """Let the newest scores count again: the edit that outdated them was taken back, and nothing measured since."""
        self.outdated = ""
        for name in self._broken:
            series = self.of(name)
            if len(series) > 1 and math.isnan(series.y[-1]):
                series.drop_last()
        self._broken.clear()

    def mark_edit(self, training_step: int, text: str) -> None:
        """Remember an applied edit; several at one training step share a mark."""
        if self.marks and self.marks[-1].training_step == training_step:
            if text not in self.marks[-1].text.split(", "):
                self.marks[-1] = Mark(training_step, f"{self.marks[-1].text}, {text}")
        else:
            self.marks.append(Mark(training_step, text))

    def last_step(self, name: str | None = None) -> float:
        """Return the newest training step of one curve, or of all; -1 if there is none."""
        if name is not None:
            series = self.series.get(name)
            return float(series.x[-1]) if series else -1.0
        return max((float(series.x[-1]) for series in self.series.values() if len(series)), default=-1.0)

    def newest(self, *names: str) -> list[float | None]:
        """Return the newest value of each curve; None where there is none, or none since a break."""
        found = (self.series.get(name) for name in names)
        return [float(series.y[-1]) if series and math.isfinite(series.y[-1]) else None for series in found]

    def shown_value(self, name: str, training_step: float | None) -> float | None:
        """Return the value that a legend shows of a curve, at a training step or the newest one, broken off or not.

        None if there is none.
        """
        series = self.series.get(name)
        if not series:
            return None
        if training_step is not None:
            return series.value_at(training_step)
        before_break = self.is_outdated(name) and len(series) > 1
        return float(series.y[-2 if before_break else -1])

    def is_outdated(self, name: str) -> bool:
        """Whether the newest score of a curve was measured before an edit that changed what scores measure."""
        series = self.series.get(name)
        scored = _is_score(name)
        return bool(self.outdated and scored and series and math.isnan(series.y[-1]))

    def first_step(self) -> float:
        """Return the oldest training step of all curves; 0 if there is none."""
        return min((float(series.x[0]) for series in self.series.values() if len(series)), default=0.0)

    def truncate(self, last_step: float) -> None:
        """Forget everything after a training step, as when an older checkpoint is resumed."""
        for series in self.series.values():
            series.truncate(last_step)
        self.marks = [mark for mark in self.marks if mark.training_step <= last_step]
        self.spikes = [mark for mark in self.spikes if mark.training_step <= last_step]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return copies of everything as arrays: `NAME/x`, `NAME/y`, `rank`, and the marks as UTF-8 bytes of JSON."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, series in self.series.items():
            arrays[f"{name}/x"] = series.x.astype(np.int32)
            arrays[f"{name}/y"] = series.y.astype(np.float32)
        if self.rank is not None:
            arrays[_RANK] = np.array([self.rank], dtype=np.int32)
        arrays[_MARKS] = np.frombuffer(json.dumps(self.marks).encode(), dtype=np.uint8).copy()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> History:
        """Rebuild a history from `to_arrays`; entries that it does not know or that make no curve are left out."""
        history = cls()
        for key, x in arrays.items():
            name, _, part = key.rpartition("/")
            y = arrays.get(f"{name}/y")
            if part == "x" and y is not None and _make_a_curve(x, y):
                history.of(name).extend(x, y)
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            pairs = parse_json(np.asarray(arrays.get(_MARKS, ()), dtype=np.uint8).tobytes().decode() or "[]")
            history.marks = [Mark(int(step), str(text)) for step, text in pairs]
        rank = np.asarray(arrays.get(_RANK, ()))
        if rank.shape == (1,) and rank.dtype.kind == "i" and rank[0] > 0:
            history.rank = int(rank[0])
        history._find_spikes()
        return history

    def _find_spikes(self, since: float = -1.0) -> None:
        """Mark the spikes of the total loss from a training step on."""
        series = self.series.get("loss.total")
        if series is None:
            return
        begin = max(int(np.searchsorted(series.x, since)) - WINDOW - 1, 0)
        breaks = [float(mark.training_step) for mark in self.marks]
        self.spikes += [Mark(*found) for found in spikes_in(series.x[begin:], series.y[begin:], breaks, since)]

    def of(self, name: str) -> Series:
        """Return the curve of a name, a new one if there is none yet."""
        return self.series.setdefault(name, Series())


def _is_score(name: str) -> bool:
    """Say whether a curve is a score of an evaluation; the cosine over a training batch is none."""
    return name.startswith(_SCORES) and name != "cosine.train"


def _scores_of(scored: EvalReport | StartScores) -> Iterator[tuple[str, float]]:
    yield "cosine.validation", scored.student.cosine
    yield "cosine.t0", scored.t0.cosine
    yield "retrieval.at_1", scored.student.retrieval_at_1
    yield "retrieval.at_5", scored.student.retrieval_at_5
    yield "error.validation", scored.student.nmse


def _evaluated(report: EvalReport) -> Iterator[tuple[str, float]]:
    yield from _scores_of(report)
    for name in _BASELINES:
        scores = getattr(report, name)
        if scores is not None:
            yield f"cosine.{name}", scores.cosine


def _make_a_curve(x: NDArray[Any], y: NDArray[Any]) -> bool:
    whole = x.ndim == 1 and x.shape == y.shape and x.dtype.kind in "iuf" and y.dtype.kind in "iuf"
    return whole and bool((np.abs(x) <= _LARGEST_STEP).all() and (np.diff(x) >= 0).all())


def _values_of(report: StepReport) -> Iterator[tuple[str, float]]:
    for name, value in report.losses.items():
        yield f"loss.{name}", value
    yield "cosine.train", report.train_cosine
    yield "learning_rate", report.learning_rate
    yield "gradient.total", report.gradient_norm
    for name, value in report.gradient_norms.items():
        yield f"gradient.{name}", value
    for name, value in report.gate_shares.items():
        yield f"gate.{name}", value
    if report.seconds > 0:
        yield "steps_per_second", 1.0 / report.seconds
