"""The run's course: scores end where another network takes the place of the one they were measured on."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.curves import history as history_module
from app.curves.history import History
from app.curves.pyramid import Series
from app.run.curve_table import write_csv
from lattice.training.reports import StartScores
from tests.app.reports import eval_report, scores, step_report


def broken(at: int = 20) -> History:
    """Scores at 10 and 20, and another size at `at`."""
    history = History()
    for step in (10, 20):
        history.append(step_report(step))
        history.append_evaluation(eval_report(step, 0.9))
    history.outdate_scores(at, "6 cells")
    return history


def test_scores_end_at_a_break() -> None:
    history = broken()
    assert history.newest("cosine.validation", "cosine.t0") == [None, None]
    assert math.isnan(history.of("cosine.validation").value_at(25))
    assert history.newest("cosine.pca", "retrieval.at_1", "error.validation") == [None] * 3
    assert history.newest("cosine.train") != [None]
    history.outdate_scores(21, "7 cells")
    assert len(history.of("cosine.validation")) == 3


def test_a_score_at_the_very_step_of_the_break_comes_after_it() -> None:
    history = broken()
    history.append_evaluation(eval_report(20, 0.1))
    history.append_evaluation(eval_report(20, 0.2))
    np.testing.assert_allclose(history.of("cosine.validation").y, [0.9, math.nan, 0.2])


def test_nothing_is_broken_where_nothing_was_scored() -> None:
    history = History()
    history.outdate_scores(0, "6 cells")
    assert history.newest("cosine.validation") == [None]
    assert history.last_step() == -1
    assert history.outdated == ""


def test_a_break_is_kept_in_arrays_and_leaves_an_empty_cell_in_a_table(tmp_path: Path) -> None:
    arrays = broken(at=22).to_arrays()
    assert History.from_arrays(arrays).newest("cosine.validation") == [None]
    path = tmp_path / "curves.csv"
    write_csv(path, arrays)
    with path.open(encoding="utf-8") as file:
        rows = {row["training_step"]: row["cosine.validation"] for row in csv.DictReader(file)}
    assert rows == {"10": "0.9", "20": "0.9", "22": ""}


def test_scores_count_again_once_the_edit_is_taken_back() -> None:
    history = broken()
    history.count_again()
    assert history.outdated == ""
    assert history.newest("cosine.validation", "cosine.pca") == pytest.approx([0.9, history.of("cosine.pca").y[-1]])
    np.testing.assert_allclose(history.of("cosine.validation").y, [0.9, 0.9])
    history.count_again()
    assert len(history.of("cosine.validation")) == 2


def test_what_an_older_edit_broke_off_stays_so() -> None:
    history = broken()
    history.of("cosine.mlp").append(10, 0.8)
    history.of("cosine.mlp").append(20, math.nan)
    history.append_evaluation(eval_report(30, 0.3))
    history.outdate_scores(31, "7 cells")
    history.count_again()
    assert history.newest("cosine.validation", "cosine.mlp") == [pytest.approx(0.3), None]


def test_old_scores_are_shown_as_such_until_there_are_new_ones() -> None:
    history = broken()
    assert history.outdated == "6 cells"
    assert history.shown_value("cosine.validation", None) == pytest.approx(0.9)
    assert history.is_outdated("cosine.pca")
    assert not history.is_outdated("cosine.train")
    assert math.isnan(history.shown_value("cosine.validation", 20) or 0.0)
    history.append_evaluation(eval_report(30, 0.3))
    assert history.shown_value("cosine.validation", None) == pytest.approx(0.3)
    assert not history.is_outdated("cosine.validation")
    assert history.shown_value("cosine.nothing", None) is None


def test_a_history_that_begins_late_gets_the_scores_before_training() -> None:
    start = StartScores(0, scores(0.1), scores(0.05))
    history = History()
    for step in (40, 50):
        history.append_evaluation(replace(eval_report(step, 0.9), start=start))
    assert history.of("cosine.validation").x.tolist() == [0, 40, 50]
    np.testing.assert_allclose(history.of("cosine.t0").y[0], 0.05)
    assert history.of("cosine.linear").x.tolist() == [40, 50]


def test_every_figure_of_an_evaluation_has_a_curve() -> None:
    history = History()
    history.append_evaluation(replace(eval_report(5, 0.9), mlp=scores(0.8)))
    report = scores(0.9)
    expected = {
        "cosine.mlp": 0.8,
        "retrieval.at_1": report.retrieval_at_1,
        "retrieval.at_5": report.retrieval_at_5,
        "error.validation": report.nmse,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(history.newest(name)[0], value, rtol=1e-6)


def test_a_remark_says_what_a_rate_means() -> None:
    history = History()
    history.append(step_report(3))
    history.append_evaluation(eval_report(3))
    assert history.remarks["steps_per_second"] == "4.00 million cell updates per second"
    assert history.remarks["cosine.pca"] == "rank 296"


def test_identity_counts_where_it_is_not_the_task_itself() -> None:
    history = History()
    history.append_evaluation(eval_report(5))
    assert not history.identity_counts
    history.append_evaluation(replace(eval_report(10), identity=scores(0.45)))
    assert history.identity_counts
    history.append_evaluation(replace(eval_report(15), identity=scores(0.45), fair=("pca", "linear")))
    assert not history.identity_counts


def test_a_loss_that_diverges_is_marked() -> None:
    history, words = History(), "diverged: the loss is 600, 1,200 times its best of 0.5 at training step 1"
    for step in (1, 2, 3, 4):
        history.append(replace(step_report(step), diverged=words if step == 3 else ""))
    assert [(mark.training_step, mark.text) for mark in history.marks] == [(3, words)]


def test_a_mark_of_a_step_that_never_was_is_forgotten_with_it() -> None:
    history = broken(at=10)
    history.mark_edit(1000, "not finite: update left out")
    history.truncate(999)
    assert history.marks == []


def test_edits_at_one_training_step_share_a_mark_and_what_is_taken_back_leaves_it() -> None:
    history = History()
    history.mark_edit(67, "diverged")
    for told, now in (("", "lattice steps 6"), ("lattice steps 6", "lattice steps 6, clip norm 2.0")):
        history.mark_edit(67, now, told)
        assert history.marks == [(67, f"diverged, {now}")]
    history.mark_edit(67, "", "lattice steps 6, clip norm 2.0")
    assert history.marks == [(67, "diverged")]
    history.mark_edit(70, "clip norm 2.0")
    history.mark_edit(70, "", "clip norm 2.0")
    assert history.marks == [(67, "diverged")], "nothing is left of the edit"


def test_the_rank_of_the_baselines_comes_back_with_the_curves():
    history = History()
    history.append_evaluation(eval_report(50))
    assert History.from_arrays(history.to_arrays()).rank == 296
    assert History.from_arrays({"rank": np.array([1.5])}).rank is None


def stored(count: int = 300, curves: int = 4) -> dict[str, np.ndarray]:
    """A course whose total loss has a spike at training step 200."""
    arrays: dict[str, np.ndarray] = {}
    for name in ("loss.total", *(f"gradient.{i}" for i in range(curves - 1))):
        arrays[f"{name}/x"] = np.arange(1, count + 1, dtype=np.int32)
        arrays[f"{name}/y"] = np.full(count, 0.5, dtype=np.float32)
    arrays["loss.total/y"][199] = 9.0
    return arrays


def test_a_long_course_is_made_ready_in_parts_of_one_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "SAMPLES_A_TURN", 300)
    history = History.from_arrays(stored())
    turns = 1
    while not history.prepare():
        turns += 1
    assert turns == 3 * 4 + 1  # three parts a curve, and one that looks for spikes
    assert history.prepared
    assert [spike.training_step for spike in history.spikes] == [200]


def test_a_course_that_is_not_ready_yet_is_complete_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = stored()
    monkeypatch.setattr(history_module, "SAMPLES_A_TURN", 1)
    history = History.from_arrays(arrays)
    assert not history.prepared
    assert (history.first_step(), history.last_step(), history.newest("gradient.2")) == (1.0, 300.0, [0.5])
    assert all(history.to_arrays()[name] is array for name, array in arrays.items() if name.startswith("gradient"))
    history.append(step_report(301, total=0.25))
    history.of("gradient.2").append(301, 0.75)
    assert history.of("gradient.2").last == (301.0, 0.75)
    assert len(history.of("gradient.2")) == 301
    np.testing.assert_array_equal(history.to_arrays()["gradient.2/x"], np.arange(1, 302))
    np.testing.assert_array_equal(history.of("gradient.2").y[-2:], [0.5, 0.75])
    np.testing.assert_array_equal(history.of("loss.total").y[-2:], [0.5, 0.25])
    assert arrays["gradient.2/x"].size == 300
    while not history.prepare():
        pass
    assert [spike.training_step for spike in history.spikes] == [200]


def test_spikes_of_what_was_forgotten_meanwhile_are_not_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "SAMPLES_A_TURN", 1)
    history = History.from_arrays(stored())
    history.truncate(150)
    while not history.prepare():
        pass
    assert (history.last_step(), history.spikes) == (150.0, [])


def test_curves_that_are_appended_to_together_do_not_all_grow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    grown: dict[int, list[int]] = {}
    make_room = Series._make_room

    def noted(series: Series, needed: int) -> None:
        if needed > len(series._x):
            grown.setdefault(needed, []).append(len(series))
        make_room(series, needed)

    monkeypatch.setattr(Series, "_make_room", noted)
    history = History()
    names = [f"curve {i}" for i in range(12)]
    for step in range(1, 6001):
        for name in names:
            history.of(name).append(step, 0.0)
    assert all(len(history.of(name)) == 6000 for name in names)
    large = [sizes for needed, sizes in grown.items() if needed > 1000]
    assert len(large) > 12
    assert max(len(sizes) for sizes in large) == 1
