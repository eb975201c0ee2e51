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
from app.curves.spikes import spikes_in, spikes_in_parts
from app.run.reported import evaluated, is_score, make_a_curve, scores_before, values_of
from lattice.parsing import parse_json
from lattice.training.reports import EvalReport, StepReport
from lattice.training.score_rows import identity_counts, notes_of
from lattice.units import count_text

_MARKS, _RANK = "marks", "rank"
SAMPLES_A_TURN = 400_000
"""Samples that `prepare` goes through at least, in 5 to 20 ms."""
_GROWTH, _GROWTH_SPREAD = 1.5, 0.61803
"""Curves grow by factors from 1.5 to 2.5; multiples of the golden ratio, less their whole part, never come close."""


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
        self._parts: Iterator[int] = iter(())
        """What `prepare` has left to do."""
        self.prepared = True
        """Whether all curves can be drawn, and all spikes are known; False of a long course that was stored."""

    def append(self, report: StepReport) -> None:
        """Add one training step; one that is not after the last replaces what came after it."""
        step = report.training_step
        if step <= self.last_step("loss.total"):
            self.truncate(step - 1)
        for name, value in values_of(report):
            self.of(name).append(step, value)
        self.remarks["steps_per_second"] = f"{count_text(report.cell_updates_per_second)} cell updates per second"
        if report.diverged:
            self.mark_edit(step, report.diverged)
        self._find_spikes(since=step)

    def append_evaluation(self, report: EvalReport) -> None:
        """Add the scores of one evaluation; a second one at the same training step replaces the first.

        A history that begins with it gets the scores before training, too, if the report knows them.
        """
        for step, name, value in list(scores_before(report, first="cosine.validation" not in self.series)):
            self.of(name).append(step, value)
        for name, value in evaluated(report):
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
        if not self.outdated:
            self._broken.clear()
        for name, series in self.series.items():
            if is_score(name) and len(series) and math.isfinite(series.last[1]):
                series.append(training_step, math.nan)
                self.outdated = edit
                self._broken.add(name)

    def count_again(self) -> None:
        """Let the newest scores count again: the edit that outdated them was taken back, and nothing measured since."""
        self.outdated = ""
        for name in self._broken:
            series = self.of(name)
            if len(series) > 1 and math.isnan(series.last[1]):
                series.drop_last()
        self._broken.clear()

    def mark_edit(self, training_step: int, text: str, instead_of: str = "") -> None:
        """Remember an applied edit; several at one training step share a mark.

        Args:
            training_step: newest training step that was done without it.
            text: the edit in few words; empty if it only took back another one.
            instead_of: what was told of this training step so far, which `text` includes.
        """
        told = ""
        if self.marks and self.marks[-1].training_step == training_step:
            told = self.marks.pop().text
            if instead_of and f", {told}, ".count(f", {instead_of}, "):
                told = f", {told}, ".replace(f", {instead_of}, ", ", ", 1).strip(", ")
        if text and f", {text}, " not in f", {told}, ":
            told = f"{told}, {text}" if told else text
        if told:
            self.marks.append(Mark(training_step, told))

    def last_step(self, name: str | None = None) -> float:
        """Return the newest training step of one curve, or of all; -1 if there is none."""
        if name is not None:
            series = self.series.get(name)
            return series.last[0] if series else -1.0
        return max((series.last[0] for series in self.series.values() if len(series)), default=-1.0)

    def newest(self, *names: str) -> list[float | None]:
        """Return the newest value of each curve; None where there is none, or none since a break."""
        found = (self.series.get(name) for name in names)
        return [series.last[1] if series and math.isfinite(series.last[1]) else None for series in found]

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
        return float(series.y[-2]) if before_break else series.last[1]

    def is_outdated(self, name: str) -> bool:
        """Whether the newest score of a curve was measured before an edit that changed what scores measure."""
        series = self.series.get(name)
        scored = is_score(name)
        return bool(self.outdated and scored and series and math.isnan(series.last[1]))

    def first_step(self) -> float:
        """Return the oldest training step of all curves; 0 if there is none."""
        return min((series.first_x for series in self.series.values() if len(series)), default=0.0)

    def truncate(self, last_step: float, *, before_edit: bool = False) -> None:
        """Forget everything after a training step, as when an older checkpoint is resumed.

        With `before_edit` also the marks of edits that were applied at that step.
        """
        for series in self.series.values():
            series.truncate(last_step)
        self.marks = [mark for mark in self.marks if mark.training_step < last_step + (0 if before_edit else 1)]
        self.spikes = [mark for mark in self.spikes if mark.training_step <= last_step]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays: `NAME/x`, `NAME/y`, `rank`, and the marks as UTF-8 bytes of JSON.

        They stay as they are when the history goes on; nobody may change them.
        """
        arrays: dict[str, NDArray[Any]] = {}
        for name, series in self.series.items():
            arrays[f"{name}/x"], arrays[f"{name}/y"] = series.to_arrays()
        if self.rank is not None:
            arrays[_RANK] = np.array([self.rank], dtype=np.int32)
        arrays[_MARKS] = np.frombuffer(json.dumps(self.marks).encode(), dtype=np.uint8).copy()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> History:
        """Rebuild a history from `to_arrays`; entries that it does not know or that make no curve are left out.

        Of a long course only the first part is `prepared`. It is complete all the same: what is needed earlier is
        made ready then.
        """
        history = cls()
        for key, x in arrays.items():
            name, _, part = key.rpartition("/")
            y = arrays.get(f"{name}/y")
            if part == "x" and y is not None and make_a_curve(x, y):
                history.of(name).adopt(x, y)
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            pairs = parse_json(np.asarray(arrays.get(_MARKS, ()), dtype=np.uint8).tobytes().decode() or "[]")
            history.marks = [Mark(int(step), str(text)) for step, text in pairs]
        rank = np.asarray(arrays.get(_RANK, ()))
        if rank.shape == (1,) and rank.dtype.kind == "i" and rank[0] > 0:
            history.rank = int(rank[0])
        history._parts, history.prepared = history._prepare(), False
        history.prepare()
        return history

    def prepare(self) -> bool:
        """Do the next part of what drawing a long course needs; return whether everything is `prepared`."""
        gone_through = 0
        while not self.prepared and gone_through < SAMPLES_A_TURN:
            samples = next(self._parts, None)
            self.prepared = samples is None
            gone_through += samples or 0
        return self.prepared

    def _prepare(self) -> Iterator[int]:
        """Yield the samples that each part went through."""
        for series in list(self.series.values()):
            yield from series.prepare()
        losses = self.series.get("loss.total")
        if losses is not None:
            for found, samples in spikes_in_parts(losses.x, losses.y, self._breaks()):
                known = {*self.spikes, *(Mark(*spike) for spike in found)}
                self.spikes = sorted(mark for mark in known if mark.training_step <= losses.last[0])
                yield samples

    def _find_spikes(self, since: float) -> None:
        """Mark the spikes of the total loss from a training step on."""
        series = self.of("loss.total")
        self.spikes += [Mark(*found) for found in spikes_in(series.x, series.y, self._breaks(), since)]

    def _breaks(self) -> list[float]:
        return [float(mark.training_step) for mark in self.marks]

    def of(self, name: str) -> Series:
        """Return the curve of a name, a new one if there is none yet."""
        if name not in self.series:
            self.series[name] = Series(_GROWTH + len(self.series) * _GROWTH_SPREAD % 1.0)
        return self.series[name]
