"""The action that starts, pauses and resumes: what it says and what it does in each state of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.run.controller import RunController
from app.run.summary import RunSummary
from app.session.preferences import Preferences
from lattice.config import SimpleProjectConfig

KEY = "Space"
STEPS_KEY = "training_embedding.training_steps"


@dataclass(frozen=True)
class StartLook:
    """How the action is shown."""

    text: str
    icon: str
    tooltip: str = ""
    """Empty: the usual one."""
    awaited: bool = False
    """Whether what was requested is waited for."""
    longer: bool = False
    """Whether it raises the training steps of a finished run."""


class StartActions:
    """Start, Pause, or, once the run is finished, as many training steps again."""

    def __init__(self, controller: RunController, preferences: Preferences) -> None:
        """Serve a run.

        Args:
            controller: of the run.
            preferences: where it is remembered whether to train at launch.
        """
        self._controller, self._preferences = controller, preferences
        self._raised: tuple[int, int] | None = None
        """Training steps that were raised here last, and by how many."""
        controller.raised = self.to_arrays
        controller.opened.connect(lambda summary: self.take_arrays(summary.raised))

    def act(self) -> None:
        """Do what the action says."""
        summary = self._finished()
        if summary is None:
            self._controller.toggle()
            return
        longer, more = self._longer(summary), self._more(summary)
        self._raised = longer, more
        self._controller.apply(summary.config.replaced({STEPS_KEY: longer}))
        self._controller.start()

    def next_config(self) -> tuple[SimpleProjectConfig | None, str]:
        """Return the settings that a press brings into force, None where it changes none, and when, in words."""
        summary = self._finished()
        if summary is None:
            return None, ""
        return summary.config.replaced({STEPS_KEY: self._longer(summary)}), f"after {self.look().text}"

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a saved run needs to be raised by as many training steps again: `steps` int32 [2], or nothing."""
        return {} if self._raised is None else {"steps": np.array(self._raised, dtype=np.int32)}

    def take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over `to_arrays` of the run that was opened; anything else is as if nothing had been raised."""
        steps = arrays.get("steps")
        fits = steps is not None and steps.shape == (2,) and steps.dtype.kind == "i" and bool((steps > 0).all())
        self._raised = (int(steps[0]), int(steps[1])) if fits and steps is not None else None

    def set_autostart(self, on: bool) -> None:
        """Train at the next launch, or not."""
        self._preferences.autostart = on

    def look(self) -> StartLook:
        """Return what pressing it would do, or what it waits for."""
        controller = self._controller
        summary, training = self._finished(), controller.state == "training"
        if summary is not None:
            return StartLook(f"Train {self._more(summary):,} more", "start", self._longer_tip(summary), longer=True)
        text = {"pause": "Pausing", "start": "Starting", "": "Pause" if training else "Start"}[controller.awaited]
        return StartLook(text, "pause" if training else "start", awaited=bool(controller.awaited))

    def _finished(self) -> RunSummary | None:
        """Return the run if it is finished and nothing was requested yet."""
        controller = self._controller
        return controller.summary if controller.state == "finished" and not controller.awaited else None

    def _done(self, summary: RunSummary) -> int:
        """Return the training steps of the schedule that are done; a rebuilt student began a new one."""
        begun = summary.total_steps - summary.config.training_embedding.training_steps
        return self._controller.training_step - begun

    def _longer(self, summary: RunSummary) -> int:
        return self._done(summary) + self._more(summary)

    def _more(self, summary: RunSummary) -> int:
        """Return how many training steps a press adds: as many as the run was set to, before presses raised that."""
        steps = summary.config.training_embedding.training_steps
        return self._raised[1] if self._raised is not None and self._raised[0] == steps else steps

    def _longer_tip(self, summary: RunSummary) -> str:
        from lattice.training.schedule import longer_schedule_text

        optimizer, steps = summary.config.optimizer, summary.config.training_embedding.training_steps
        done, longer = self._done(summary), self._longer(summary)
        told = longer_schedule_text(done, steps, longer, optimizer).replace(" then spans", "\nthen spans")
        return f"Raise the training steps from {steps:,} to {longer:,} and go on at once ({KEY}).\n{told}"
