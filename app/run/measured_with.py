"""Whether something that was measured still says something about the run, after edits, undos and redos."""

from __future__ import annotations

import itertools

from app.run.edit_text import edit_text, settings_text
from app.run.messages import Applied
from lattice.config import SimpleProjectConfig
from lattice.training.outdated import score_changes


class RunStudents:
    """Counts the students that edits made of a run; undo and redo bring back the one that was there.

    One for a window: an undo is understood only by what followed the edit that it undoes.
    """

    def __init__(self) -> None:
        """Begin with the first student."""
        self.present = 0
        """Number of the student that is there."""
        self._new = itertools.count(1)
        self._before: dict[str, list[int]] = {"undo": [], "redo": []}
        self._left: dict[int, str] = {}

    def left_by(self, student: int) -> str:
        """Return in few words the newest edit that put another student in a student's place; empty without one."""
        return self._left.get(student, "")

    def follow(self, message: Applied) -> None:
        """Follow an edit, undo or redo."""
        was = self.present
        self.present = self._after(message)
        if self.present != was:
            self._left[was] = edit_text(message)

    def _after(self, message: Applied) -> int:
        if message.way in ("apply", "back"):
            if message.cost is None:
                return self.present
            self._before["undo"].append(self.present)
            self._before["redo"].clear()
            return next(self._new) if message.restarts_scores else self.present
        there, back = self._before[message.way], self._before["redo" if message.way == "undo" else "undo"]
        back.append(self.present)
        return there.pop() if there else next(self._new)


class MeasuredWith:
    """The settings and the student with which something was measured.

    What was measured is outdated while settings that it depends on differ, and while the student is another one.
    """

    def __init__(self, students: RunStudents) -> None:
        """Begin with nothing measured; `students` are those of the run that is measured."""
        self._students = students
        self._config: SimpleProjectConfig | None = None
        self._student = 0

    def measured(self, config: SimpleProjectConfig) -> None:
        """Take the settings that were in force when it was measured, and the present student."""
        self._config, self._student = config, self._students.present

    def outdated(self, config: SimpleProjectConfig) -> str:
        """Return in few words what makes the measurement outdated now that `config` is in force, or nothing."""
        if self._config is None:
            return ""
        if self._student != self._students.present:
            return self._students.left_by(self._student)
        return settings_text(config, score_changes(self._config.changes_to(config)))
