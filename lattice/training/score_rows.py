"""One report as rows of name, score and remark: what the terminal, the status bar and the legend all say.

Knows no tensors, so that a window can use it before torch is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lattice.training.reports import EvalReport, Scores
from lattice.units import plural, significant

NAMES = {
    "student": "validation",
    "t0": "without rollout",
    "start": "before training",
    "mlp": "MLP",
    "linear": "linear",
    "pca": "PCA",
    "identity": "identity",
}
"""What each scored thing is called everywhere, by its name in `EvalReport`."""

RANKED = ("pca", "linear")
"""Baselines of limited rank, which stands behind their names."""
PLAIN_IDENTITY = 0.999
"""Where handing on the input scores so much, it is the task itself, and no baseline."""


@dataclass(frozen=True)
class ScoreRow:
    """One scored thing."""

    key: str
    name: str
    scores: Scores
    note: str = ""
    """What to know about it; empty if the name says all."""


def score_rows(report: EvalReport) -> tuple[ScoreRow, ...]:
    """Return everything that was scored, the student's validation score first, then what it is compared with."""
    rows = [ScoreRow("student", NAMES["student"], report.student), ScoreRow("t0", NAMES["t0"], report.t0)]
    if report.start is not None and report.start.training_step < report.training_step:
        rows.append(ScoreRow("start", NAMES["start"], report.start.student))
    notes = notes_of(report)
    for key in ("mlp", "linear", "pca", "identity"):
        scores: Scores | None = getattr(report, key)
        if scores is not None:
            rows.append(ScoreRow(key, NAMES[key], scores, notes[key]))
    return tuple(rows)


def best_baseline(report: EvalReport) -> ScoreRow:
    """Return what the cube must beat most of all: of fair baselines and MLP, the one with the highest cosine."""
    key = best_rival({key: scores.cosine for key, scores in report.baselines.items()}) or "t0"
    return ScoreRow(key, ranked_name(key, report.baseline_rank), getattr(report, key))


def best_rival(cosines: Mapping[str, float]) -> str | None:
    """Return which of fair baselines and MLP has the highest cosine; None if none of them counts."""
    rivals = [key for key, cosine in cosines.items() if key != "identity" or cosine < PLAIN_IDENTITY]
    return max(rivals, key=lambda key: cosines[key], default=None)


def ranked_name(key: str, rank: int | None) -> str:
    """Return what a baseline is called, with its rank where it has one and that is known."""
    return f"{NAMES[key]}-{rank}" if key in RANKED and rank is not None else NAMES[key]


def identity_counts(report: EvalReport) -> bool:
    """Say whether handing on the input is a baseline; where it scores almost 1, it is the task itself."""
    return "identity" in report.fair and report.identity.cosine < PLAIN_IDENTITY


def notes_of(report: EvalReport) -> dict[str, str]:
    """Return a remark on each baseline: where its rank comes from, what it was fitted to, and whether it is fair."""
    rank = f"rank {report.baseline_rank}"
    if report.baseline_place:
        rank += f": {report.baseline_place}"
    notes = {
        "mlp": f"{report.mlp_parameters:,} parameters (cube {report.student_parameters:,}), trained on "
        "the same batches",
        "linear": f"{rank}{_draws_text(report)}",
        "pca": rank,
        "identity": "the input, handed on",
    }
    for key in ("linear", "pca", "identity"):
        if key not in report.fair:
            notes[key] += "; no fair comparison for this objective"
    return notes


def _draws_text(report: EvalReport) -> str:
    if not report.draws_seen:
        return ""
    fitted = f"; fitted to {plural(report.linear_draws, 'draw')} of noise"
    if report.draws_seen > report.linear_draws:
        fitted += f", the most that are taken (the cube has seen {significant(report.draws_seen)})"
    return fitted
