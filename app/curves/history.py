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
from lattice.parsing import parse_json
from lattice.training.divergence import DivergenceWatch
from lattice.training.reports import EvalReport, StepReport

_MARKS = "marks"
_LARGEST_STEP = 2**31 - 1
"""Curves are stored with training steps as int32."""
_STUDENTS_SCORES = ("cosine.validation", "cosine.t0")
_EVALUATED = ("student", "t0", "pca", "linear", "identity")


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
        self._divergence = DivergenceWatch()

    def append(self, report: StepReport) -> None:
        """Add one training step; one that is not after the last replaces what came after it."""
        step = report.training_step
        if step <= self.last_step("loss.total"):
            self.truncate(step - 1)
        for name, value in _values_of(report):
            self.of(name).append(step, value)
        if (diverged := self._divergence.take(step, report.losses["total"])) is not None:
            self.mark_edit(step, diverged)

    def append_evaluation(self, report: EvalReport) -> None:
        """Add the scores of one evaluation; a second one at the same training step replaces the first."""
        for model in _EVALUATED:
            name = "validation" if model == "student" else model
            series = self.of(f"cosine.{name}")
            broken = bool(np.isnan(series.y[series.x == report.training_step]).any())
            series.truncate(report.training_step - 1)
            if broken:
                series.append(report.training_step, math.nan)
            series.append(report.training_step, getattr(report, model).cosine)

    def break_scores(self, training_step: int) -> None:
        """Let the student's scores end here: what comes after belongs to another network. A break is not a number."""
        self._divergence = DivergenceWatch()
        for name in _STUDENTS_SCORES:
            series = self.series.get(name)
            if series and math.isfinite(series.y[-1]):
                series.append(training_step, math.nan)

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

    def first_step(self) -> float:
        """Return the oldest training step of all curves; 0 if there is none."""
        return min((float(series.x[0]) for series in self.series.values() if len(series)), default=0.0)

    def truncate(self, last_step: float) -> None:
        """Forget everything after a training step, as when an older checkpoint is resumed."""
        for series in self.series.values():
            series.truncate(last_step)
        self.marks = [mark for mark in self.marks if mark.training_step <= last_step]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return copies of everything as arrays: `NAME/x`, `NAME/y`, and the marks as UTF-8 bytes of JSON."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, series in self.series.items():
            arrays[f"{name}/x"] = series.x.astype(np.int32)
            arrays[f"{name}/y"] = series.y.astype(np.float32)
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
        return history

    def of(self, name: str) -> Series:
        """Return the curve of a name, a new one if there is none yet."""
        return self.series.setdefault(name, Series())


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
