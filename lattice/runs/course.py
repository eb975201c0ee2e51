"""The course of a run: which of its states and figures led to the one that goes on."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property

from lattice.runs.peek import Peek


@dataclass(frozen=True)
class Course:
    """A run, and the sessions that led to it: a copy of the run that went on by itself has another last one."""

    run_id: str
    sessions: tuple[tuple[str, int], ...]
    """Id and first training step of each, the oldest first; the last one is at work."""

    def includes(self, run_id: str, session_id: str, training_step: int) -> bool:
        """Say whether something of a session's training step belongs to this course.

        Sessions that the list lacks, because it begins later, count up to its first step. Without a session, as in
        files of an older version, the run alone decides.
        """
        if run_id != self.run_id:
            return False
        return not session_id or training_step <= self._ends.get(session_id, self._start)

    def includes_state(self, head: Peek) -> bool:
        """Say whether a checkpoint belongs to this course."""
        session = head.sessions[-1][0] if head.sessions else ""
        return self.includes(head.run_id, session, head.training_step)

    @cached_property
    def _ends(self) -> dict[str, int]:
        ends = [*(first for _, first in self.sessions[1:]), sys.maxsize]
        return {name: end for (name, _), end in zip(self.sessions, ends, strict=False)}

    @property
    def _start(self) -> int:
        return self.sessions[0][1] if self.sessions else sys.maxsize
