"""The status bar's score, and its tooltip: every score of the last evaluation with its name, value and remark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from app.curves.history import History
from lattice.training.reports import EvalReport
from lattice.training.score_rows import best_rival, ranked_name, score_rows
from lattice.units import percent_text, score_text, significant

_LONGEST_EDIT = 28
"""Characters of an edit beside the scores; the tooltip has all of it."""


def scores_text(named: Sequence[tuple[str, float | None]], outdated: str, measured_at: int | None) -> str:
    """Return scores in one line; empty if none is known.

    Args:
        named: names and validation cosines, None where there is none.
        outdated: the edit before which they were measured; empty if they are of the run as it is.
        measured_at: training step to name; None where it is the present one.
    """
    told = ", ".join(f"{name} {score_text(at)}" for name, at in named if at is not None)
    if told and measured_at is not None:
        told += f" (at step {measured_at:,})"
    return f"{told} (measured before: {_shortened(outdated)})" if told and outdated else told


def stored_baseline(history: History, fair: Iterable[str]) -> tuple[str, float] | None:
    """Return name and cosine of the best baseline of a run's newest scores, as stored with it; None without one.

    Args:
        history: of the run.
        fair: the baselines that are fair for its objective, beside the MLP.
    """
    at = history.last_step("cosine.validation")
    keys = [key for key in ("mlp", *fair) if history.last_step(f"cosine.{key}") == at]
    found = zip(keys, history.newest(*(f"cosine.{key}" for key in keys)), strict=True)
    cosines = {key: cosine for key, cosine in found if cosine is not None}
    best = best_rival(cosines)
    return None if best is None else (ranked_name(best, history.rank), cosines[best])


def score_tip(report: EvalReport, outdated: str = "") -> str:
    """Return the tooltip as HTML.

    Args:
        report: of the last evaluation.
        outdated: the edit before which it was made; empty if it is of the run as it is.
    """
    old = f"<p><b>Measured before: {escape(outdated)}</b></p>" if outdated else ""
    rows = "".join(
        f"<tr><td>{row.name}</td><td align='right'>&nbsp;{score_text(row.scores.cosine)}</td>"
        f"<td>&nbsp;&nbsp;{escape(row.note)}</td></tr>"
        for row in score_rows(report)
    )
    student = report.student
    return (
        f"{old}<p>Mean cosine with the teacher on {report.samples:,} held-out samples, from -1 to 1, at training step "
        f"{report.training_step:,}:</p><table>{rows}</table>"
        f"<p>Retrieval at 1: {percent_text(student.retrieval_at_1)}, at 5: {percent_text(student.retrieval_at_5)}. "
        f"Relative squared error: {significant(student.nmse)} of the targets' deviation from their mean.</p>"
        "<p>What validation has above <i>without rollout</i> is what the cells' talking adds.</p>"
    )


def _shortened(edit: str) -> str:
    """Return an edit in at most `_LONGEST_EDIT` characters."""
    return edit if len(edit) <= _LONGEST_EDIT else f"{edit[: _LONGEST_EDIT - 3].rstrip()}..."
