"""One report as rows of names, scores and remarks."""

from __future__ import annotations

from dataclasses import replace

from lattice.training.reports import EvalReport, Scores, StartScores
from lattice.training.score_rows import score_rows


def scores(cosine: float) -> Scores:
    return Scores(cosine, 0.5, 0.1, 0.2)


REPORT = EvalReport(
    training_step=600,
    samples=512,
    student=scores(0.6),
    t0=scores(0.2),
    identity=scores(0.45),
    pca=scores(0.46),
    linear=scores(0.61),
    baseline_rank=64,
    baseline_place="64 painted cells with 1 scalar each",
    seconds=0.1,
    mlp=scores(0.59),
    mlp_parameters=302_601,
    student_parameters=302_459,
)


def test_every_scored_thing_has_a_row_and_the_student_is_first() -> None:
    rows = score_rows(replace(REPORT, start=StartScores(0, scores(0.05), scores(0.04))))
    assert [(row.name, row.scores.cosine) for row in rows] == [
        ("validation", 0.6),
        ("without rollout", 0.2),
        ("before training", 0.05),
        ("MLP", 0.59),
        ("linear", 0.61),
        ("PCA", 0.46),
        ("identity", 0.45),
    ]


def test_what_is_not_there_has_none() -> None:
    untrained = replace(REPORT, training_step=0, mlp=None, start=StartScores(0, scores(0.6), scores(0.2)))
    assert [row.key for row in score_rows(untrained)] == ["student", "t0", "linear", "pca", "identity"]


def test_remarks_name_size_rank_draws_and_unfair_comparisons() -> None:
    seen = replace(REPORT, draws_seen=3.2, linear_draws=4, fair=("identity", "linear"))
    notes = {row.key: row.note for row in score_rows(seen)}
    assert notes["mlp"] == "302,601 parameters (cube 302,459), trained on the same batches"
    assert notes["linear"] == "rank 64: 64 painted cells with 1 scalar each; fitted to 4 draws of noise"
    assert notes["pca"].endswith("; no fair comparison for this objective")
    assert "draw" not in {row.key: row.note for row in score_rows(REPORT)}["linear"]
    many = {row.key: row.note for row in score_rows(replace(REPORT, draws_seen=41.0, linear_draws=32))}
    assert many["linear"].endswith("32 draws of noise, the most that are taken (the cube has seen 41.0)")
