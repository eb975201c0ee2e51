"""What the status bar says that the worker does: the words and the role of their colour, decided in one place."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.messages import Awaited, RunState
from lattice.units import MINUTE, seconds_text

_WORDS: dict[RunState, tuple[str, str]] = {
    "empty": ("No run yet", "muted"),
    "loading": ("Loading", "accent"),
    "paused": ("Paused", "warning"),
    "stepping": ("Computing one training step", "accent"),
    "training": ("Training", "success"),
    "finished": ("Finished", "accent"),
    "failed": ("Stopped by an error", "error"),
}
_LONGEST_WORK = 20
"""Characters of the name of work, which may hold that of a file."""
DIVERGED_TIP = (
    "The loss is more than a thousand times its best. This stands here until the loss is back below that,\n"
    "or the run goes back: Run > Go back to the last sound state"
)


@dataclass(frozen=True)
class Doing:
    """What is known of the worker."""

    state: RunState = "empty"
    awaited: Awaited = ""
    """What was requested and waits for the present training step."""
    seconds_left: float | None = None
    """Until that training step should be over; None if that is unknown."""
    step_seconds: float = 0.0
    """For which a single training step has been computed."""
    work: str = ""
    """What long work is under way, during which training stands; empty if none is that takes a moment."""
    work_seconds: float = 0.0
    """For which it has been."""
    diverged: bool = False
    """Whether the loss is beyond the bound of a divergence."""


def state_words(doing: Doing) -> tuple[str, str]:
    """Return what goes on, and the role of its colour."""
    words, role = _WORDS[doing.state]
    if doing.awaited == "pause":
        about = "" if doing.seconds_left is None else f" (about {_about(doing.seconds_left)})"
        return f"Pausing after this training step{about}", _WORDS["paused"][1]
    if doing.work and doing.state != "loading":
        return f"{_work_words(doing.work)}, {clock_text(doing.work_seconds)}", "accent"
    if doing.awaited == "start":
        words = "Starting after this training step" if doing.state == "stepping" else "Starting"
    if doing.state == "stepping":
        words += f", {clock_text(doing.step_seconds)} so far"
    if doing.diverged and doing.state not in ("empty", "loading"):
        return "Diverged" if doing.state == "training" else f"{words}, diverged", "warning"
    return words, role


def _work_words(work: str) -> str:
    words = f"{work[:1].upper()}{work[1:]}"
    return words if len(words) <= _LONGEST_WORK else f"{words[: _LONGEST_WORK - 3]}..."


def clock_text(seconds: float) -> str:
    """Return a time that has passed as on a clock, such as `0:42` or `1:05:09`."""
    minutes, rest = divmod(int(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _about(seconds: float) -> str:
    return f"{max(round(seconds), 1)} s" if seconds < MINUTE else seconds_text(round(seconds))
