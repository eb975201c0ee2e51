"""About how long scoring every sample will take, from what was measured of the present cube."""

from __future__ import annotations

from lattice.training.reports import EvalReport, StepReport
from lattice.training.sample_report import SampleReport
from lattice.units import rough_time


class SampleTiming:
    """Knows the seconds per sample of a forward pass, by the best measurement so far."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self.forget()

    def forget(self) -> None:
        """Forget what was measured of another cube."""
        self._scored = self._stepped = self._watched = 0.0

    def scored(self, report: SampleReport) -> None:
        """Learn from scoring samples."""
        self._scored = report.seconds / len(report.samples_S)

    def evaluated(self, report: EvalReport, seconds: float) -> None:
        """Learn from an evaluation, which took `seconds` without fitting baselines."""
        self._scored = seconds / max(report.samples, 1)

    def stepped(self, report: StepReport, samples: int) -> None:
        """Learn from a training step on so many samples: its forward pass, or all of it where that is not known."""
        self._stepped = report.phase_seconds.get("forward", report.seconds) / max(samples, 1)

    def watched(self, seconds: float) -> None:
        """Learn from watching one sample, which takes longer than one of many."""
        self._watched = seconds

    @property
    def measured(self) -> bool:
        """Whether a batch was timed, and not just a single sample."""
        return bool(self._scored or self._stepped)

    def text(self, samples: int) -> str:
        """Return about how long so many samples will take, such as `about 3 s`; empty while nothing is known."""
        if each := self._scored or self._stepped:
            return f"about {rough_time(each * samples)}"
        return f"at most about {rough_time(self._watched * samples)}" if self._watched else ""
