"""The tooltip of the status bar's score: every score of the last evaluation with its name, value and remark."""

from __future__ import annotations

from html import escape

from lattice.training.reports import EvalReport
from lattice.training.score_rows import score_rows
from lattice.units import percent_text, score_text, significant


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
