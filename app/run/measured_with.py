"""Whether something that was measured still says something about the run, after edits, undos and redos."""

from __future__ import annotations

import itertools

from app.run.edit_text import edit_text, settings_text
from app.run.messages import Applied
from lattice.config import SimpleProjectConfig
from lattice.training.outdated import score_changes


class MeasuredWith:
    """Follows a run's settings and student from those with which something was measured.

    What was measured is outdated while settings that it depends on differ, and while the student is another one:
    students are counted, and undo and redo bring back the one that was there.
    """

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._config: SimpleProjectConfig | None = None
        self._new = itertools.count(1)
        self._student = self._measured_student = 0
        self._students: dict[str, list[int]] = {"undo": [], "redo": []}
        self._restart = ""

    def measured(self, config: SimpleProjectConfig) -> None:
        """Begin at the settings that were in force when it was measured, and at the present student."""
        self._config, self._measured_student = config, self._student

    def outdated_by(self, message: Applied) -> str:
        """Follow an edit, undo or redo; return in few words what makes the measurement outdated, or nothing."""
        now, was = message.summary.config, self._student
        self._follow(message)
        if self._config is None:
            return ""
        if self._student != self._measured_student:
            if was == self._measured_student:
                self._restart = edit_text(message)
            return self._restart
        return settings_text(now, score_changes(self._config.changes_to(now)))

    def _follow(self, message: Applied) -> None:
        if message.way in ("apply", "back"):
            if message.cost is None:
                return
            self._students["undo"].append(self._student)
            self._students["redo"].clear()
            if message.restarts_scores:
                self._student = next(self._new)
            return
        there, back = self._students[message.way], self._students["redo" if message.way == "undo" else "undo"]
        back.append(self._student)
        self._student = there.pop() if there else next(self._new)
