"""Applied edits as marks of a course, and what they mean for its scores."""

from __future__ import annotations

from app.curves.history import History
from app.run.edit_text import StepEdits, edit_text
from app.run.messages import Applied


def mark_applied(history: History, edits: StepEdits, message: Applied) -> None:
    """Mark an edit with those of the same training step; scores that measure something else end there."""
    step = message.summary.training_step
    told = edits.text_at(step)
    history.mark_edit(step, edits.take(message), told)
    if message.outdates_scores:
        history.outdate_scores(step, edit_text(message))
