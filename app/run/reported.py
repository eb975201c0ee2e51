"""Which curves a report adds to, and by how much: names and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.training.reports import EvalReport, StartScores, StepReport

_LARGEST_STEP = 2**31 - 1
"""Curves are stored with training steps as int32."""
_SCORES = ("cosine.", "retrieval.", "error.")
_BASELINES = ("mlp", "pca", "linear", "identity")


def is_score(name: str) -> bool:
    """Say whether a curve is a score of an evaluation; the cosine over a training batch is none."""
    return name.startswith(_SCORES) and name != "cosine.train"


def scores_of(scored: EvalReport | StartScores) -> Iterator[tuple[str, float]]:
    """Yield what is scored of the student alone."""
    yield "cosine.validation", scored.student.cosine
    yield "cosine.t0", scored.t0.cosine
    yield "retrieval.at_1", scored.student.retrieval_at_1
    yield "retrieval.at_5", scored.student.retrieval_at_5
    yield "error.validation", scored.student.nmse


def scores_before(report: EvalReport, *, first: bool) -> Iterator[tuple[int, str, float]]:
    """Yield the scores before training, with their training step, if the `first` report of a run knows them."""
    start = report.start
    if first and start is not None and start.training_step < report.training_step:
        yield from ((start.training_step, name, value) for name, value in scores_of(start))


def evaluated(report: EvalReport) -> Iterator[tuple[str, float]]:
    """Yield the scores of an evaluation, with those of the baselines."""
    yield from scores_of(report)
    for name in _BASELINES:
        scores = getattr(report, name)
        if scores is not None:
            yield f"cosine.{name}", scores.cosine


def make_a_curve(x: NDArray[Any], y: NDArray[Any]) -> bool:
    """Say whether two arrays are training steps, rising, and one number for each."""
    whole = x.ndim == 1 and x.shape == y.shape and x.dtype.kind in "iuf" and y.dtype.kind in "iuf"
    return whole and bool((np.abs(x) <= _LARGEST_STEP).all() and (np.diff(x) >= 0).all())


def values_of(report: StepReport) -> Iterator[tuple[str, float]]:
    """Yield what one training step reports."""
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
