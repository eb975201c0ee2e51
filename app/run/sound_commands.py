"""What the window requests about a run that diverged, and what it is told of the state that it can go back to."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.command import Command


@dataclass(frozen=True)
class GoBack(Command[None]):
    """Bring back the last state whose loss was sound, with its settings, and pause; undoing that is an undo."""

    training_step: int | None = None
    """Of the state that is meant: refused if another one is kept by now. None: whichever is kept."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The run can't go back"


@dataclass(frozen=True)
class GoOn(Command[None]):
    """Go on in spite of a divergence: a later sound state may take the place of the one from before it."""


@dataclass(frozen=True)
class SoundKept:
    """Which state of the run is kept to go back to."""

    training_step: int | None
    """None if there is none."""
