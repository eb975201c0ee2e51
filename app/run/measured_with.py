"""Whether something that was measured still says something about the run, after edits, undos and redos."""

from __future__ import annotations

from app.run.edit_text import settings_text
from app.run.messages import Applied
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.training.outdated import outdates_scores, score_changes


class MeasuredWith:
    """Follows a run's settings from those with which something was measured.

    What was measured is outdated while settings that it depends on differ, and for good once the student is another
    one, unless the student that was measured is brought back.
    """

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._config: SimpleProjectConfig | None = None
        self._lost = ""

    def measured(self, config: SimpleProjectConfig) -> None:
        """Begin at the settings that were in force when it was measured."""
        self._config, self._lost = config, ""

    def outdated_by(self, message: Applied) -> str:
        """Follow an edit, undo or redo; return in few words what makes the measurement outdated, or nothing."""
        if self._config is None:
            return ""
        now = message.summary.config
        changes = self._config.changes_to(now)
        if message.brought_back:
            self._lost = ""
        elif message.restarts_scores and not self._lost:
            self._lost = settings_text(now, message.changed)
        if self._lost or not outdates_scores(changes, edit_cost(changes)):
            return self._lost
        return settings_text(now, score_changes(changes))
