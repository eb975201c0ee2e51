"""The trackers of the worker's run: chosen by the window, opened again for every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.run.trainer_protocol import Trainer
from lattice.training.reports import EvalReport, StepReport

if TYPE_CHECKING:
    from lattice.tracking.tracking import Tracking


class RunTrackers:
    """Used from the worker's thread only; what a tracker does happens in threads of their own."""

    def __init__(self) -> None:
        """Track nothing."""
        self.names: tuple[str, ...] = ()
        self._tracking: Tracking | None = None

    def choose(self, names: tuple[str, ...], trainer: Trainer | None) -> None:
        """Track with these from now on; raises `CellcubeError` where one can't be had, and nothing changes then."""
        from lattice.tracking.tracking import check_trackers

        self.names = check_trackers(names)
        if trainer is not None:
            self.begin(trainer)

    def begin(self, trainer: Trainer) -> None:
        """Let another run take the place of the one that was tracked."""
        if self.names or self._tracking is not None:
            from lattice.tracking.tracking import start_tracking

            self._tracking = start_tracking(
                self.names, trainer.config, trainer.run_id, trainer.training_step, None, self._tracking
            )

    def stepped(self, report: StepReport) -> None:
        """Hand on the figures of a training step."""
        if self._tracking is not None:
            self._tracking.stepped(report)

    def evaluated(self, report: EvalReport, trainer: Trainer) -> None:
        """Hand on scores, and a picture of the cube with the first held-out sample."""
        if self._tracking is not None:
            self._tracking.evaluated(report, trainer)

    def close(self) -> None:
        """Let the trackers write what waits, at the program's end."""
        if self._tracking is not None:
            self._tracking.close()
        self._tracking = None
