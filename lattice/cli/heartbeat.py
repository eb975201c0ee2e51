"""Lines in the log that say how far a run is, where its output goes to a file and no bar is drawn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from lattice.log import logger
from lattice.units import seconds_text, significant

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport, StepReport

FIRST_SECONDS, EVERY_SECONDS = 10.0, 60.0
"""Until the first line, which tells the pace, and between two."""


class Heartbeat:
    """Says now and then how far the training and its evaluations are."""

    def __init__(
        self, begin: int, end: int, *, wanted: bool | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare for the training steps after `begin` up to `end`.

        Args:
            begin: training steps done already.
            end: the last training step.
            wanted: whether lines are written at all; None: where the standard error is no terminal.
            clock: seconds, rising.
        """
        self._begin, self._end, self._clock = begin, end, clock
        self._wanted = not sys.stderr.isatty() if wanted is None else wanted
        self._due = clock() + FIRST_SECONDS

    def stepped(self, step: int, seconds: float, report: StepReport, evaluation: EvalReport | None) -> None:
        """Say which training step is done, if a line is due; `seconds` is the time of the steps since the begin."""
        if not self._is_due():
            return
        rate = (step - self._begin) / max(seconds, 1e-9)
        told = [f"loss {report.losses['total']:.4f}"]
        if evaluation is not None:
            told.append(f"validation cosine {evaluation.student.cosine:.4f} at step {evaluation.training_step}")
        told += [f"{significant(rate)} steps/s", f"about {seconds_text((self._end - step) / rate)} of training left"]
        logger.info("Training step %d of %d: %s", step, self._end, ", ".join(told))

    def working(self, what: str, done: int, total: int | None) -> None:
        """Say how far other work is, if a line is due."""
        if self._is_due():
            logger.info("%s: %d%s", what[:1].upper() + what[1:], done, "" if total is None else f" of {total}")

    def _is_due(self) -> bool:
        if not self._wanted or self._clock() < self._due:
            return False
        self._due = self._clock() + EVERY_SECONDS
        return True
