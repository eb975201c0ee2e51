"""The run's course: scores end where another network takes the place of the one they were measured on."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np

from app.curves.history import History
from app.run.curve_table import write_csv
from tests.app.reports import eval_report, step_report


def broken(at: int = 20) -> History:
    """Scores at 10 and 20, and a new network at `at`."""
    history = History()
    for step in (10, 20):
        history.append(step_report(step))
        history.append_evaluation(eval_report(step, 0.9))
    history.break_scores(at)
    return history


def test_scores_end_at_a_break() -> None:
    history = broken()
    assert history.newest("cosine.validation", "cosine.t0") == [None, None]
    assert math.isnan(history.of("cosine.validation").value_at(25))
    assert history.newest("cosine.pca") == [0.93]
    history.break_scores(21)
    assert len(history.of("cosine.validation")) == 3


def test_a_score_at_the_very_step_of_the_break_comes_after_it() -> None:
    history = broken()
    history.append_evaluation(eval_report(20, 0.1))
    history.append_evaluation(eval_report(20, 0.2))
    np.testing.assert_array_equal(history.of("cosine.validation").y, [0.9, math.nan, 0.2])


def test_nothing_is_broken_where_nothing_was_scored() -> None:
    history = History()
    history.break_scores(0)
    assert history.newest("cosine.validation") == [None]
    assert history.last_step() == -1


def test_a_break_is_kept_in_arrays_and_leaves_an_empty_cell_in_a_table(tmp_path: Path) -> None:
    arrays = broken(at=22).to_arrays()
    assert History.from_arrays(arrays).newest("cosine.validation") == [None]
    path = tmp_path / "curves.csv"
    write_csv(path, arrays)
    with path.open(encoding="utf-8") as file:
        rows = {row["training_step"]: row["cosine.validation"] for row in csv.DictReader(file)}
    assert rows == {"10": "0.9", "20": "0.9", "22": ""}


def test_a_loss_that_diverges_is_marked() -> None:
    history = History()
    for step, loss in enumerate((0.5, 400.0, 600.0, 700.0), 1):
        report = step_report(step)
        history.append(dataclasses.replace(report, losses={**report.losses, "total": loss}))
    assert [(mark.training_step, mark.text) for mark in history.marks] == [
        (3, "diverged: the loss is 600, 1,200 times its best of 0.5 at training step 1")
    ]
