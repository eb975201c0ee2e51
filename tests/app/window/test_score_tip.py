"""The tooltip of the status bar's score."""

from __future__ import annotations

from dataclasses import replace

from app.window.score_tip import score_tip
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
