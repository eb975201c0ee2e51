"""The tooltip of the status bar's score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.curves.history import History
from app.window.score_tip import score_tip, stored_baseline
from tests.app.reports import eval_report, scores

REPORT = replace(eval_report(50, 0.9), mlp=scores(0.85), baseline_place="296 painted cells with 1 scalar each")


def test_everything_that_was_scored_is_told() -> None:
    tip = score_tip(REPORT)
    for part in ("validation", "without rollout", "MLP", "linear", "PCA", "identity", "0.900", "0.850", "rank 296"):
        assert part in tip
    assert "Retrieval at 1: 73 %, at 5: 90 %" in tip
    assert "Relative squared error: 0.190" in tip
    assert "512 held-out samples" in tip
    assert "Measured before" not in tip


def test_scores_from_before_an_edit_say_so_and_texts_are_escaped() -> None:
    assert "<b>Measured before: objective a&lt;b</b>" in score_tip(REPORT, "objective a<b")


def test_the_best_baseline_stands_beside_a_stored_score_too() -> None:
    history = History()
    assert stored_baseline(history, ("pca",)) is None
    history.append_evaluation(REPORT)
    stored = History.from_arrays(history.to_arrays())
    fair = ("identity", "pca", "linear")
    assert stored_baseline(stored, fair) == ("linear-296", float(np.float32(0.955))), "an identity of 1 does not count"
    assert stored_baseline(stored, ()) == ("MLP", float(np.float32(0.85)))
    stored.append_evaluation(replace(eval_report(60), mlp=None))
    assert stored_baseline(stored, ()) is None, "the MLP was switched off before the newest scores"
