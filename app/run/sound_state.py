"""The last state of a run whose loss was sound, kept in a file to go back to where training diverges.

A state is written now and then during training, and before settings are applied that act at once. What is written
counts once the loss of the next training step, which is the loss of those weights, is sound as well. From a divergence
on nothing takes its place until a person decides. Used from the worker's thread only.
"""

from __future__ import annotations

import time

from app.run.commands import Observe
from app.run.kept_files import sound_folder
from app.run.message_batcher import MessageBatcher
from app.run.messages import WorkDone, WorkProgress
from app.run.sound_commands import SoundKept
from app.run.trainer_protocol import Trainer
from app.run.undo_snapshot import UndoSnapshot, delete, keep_run
from lattice.errors import CellcubeError, NonFiniteError
from lattice.log import logger
from lattice.training.divergence import is_sound
from lattice.training.reports import StepReport

LEAST_SECONDS, MOST_SECONDS = 1.0, 60.0
"""Time between two states: as long as the run has been trained, within these limits."""
COST_FACTOR = 100.0
"""That time is at least so many times what writing the last one took: it costs at most 1 % of training."""


class SoundState:
    """Keeps one state, and one that is yet to be confirmed."""

    def __init__(self, out: MessageBatcher) -> None:
        """Begin without a state; which one is kept is reported through `out`."""
        self._out = out
        self.kept: UndoSnapshot | None = None
        self._candidate: UndoSnapshot | None = None
        self._begin()

    def _begin(self) -> None:
        self._held = self._warned = False
        self._sound = True
        self._began: float | None = None
        self._due = 0.0

    @property
    def held(self) -> bool:
        """Whether a divergence waits for a person's decision."""
        return self._held

    def stepped(self, trainer: Trainer, report: StepReport, watched: Observe | None) -> None:
        """Follow a training step: confirm or drop what was written before it, and write when it is time."""
        now = time.monotonic()
        if self._began is None:
            self._began, self._due = now, now + LEAST_SECONDS
        self._sound = is_sound(report)
        self._held = self._held or bool(report.diverged)
        candidate, self._candidate = self._candidate, None
        if candidate is not None and (self._held or not self._sound):
            delete(candidate)
        elif candidate is not None:
            delete(self.kept)
            self.kept = candidate
            self._out.send(SoundKept(candidate.training_step))
        if now >= self._due:
            self._keep(trainer, watched)

    def before_edit(self, trainer: Trainer, watched: Observe | None) -> None:
        """Write the run as it is before settings are applied that act at once."""
        self._keep(trainer, watched)

    def hold(self, error: Exception) -> None:
        """Keep what is kept until a person decides, if an error says that numbers are not finite."""
        self._held = self._held or isinstance(error, NonFiniteError)

    def go_on(self) -> None:
        """Let a later sound state take the place of the one from before a divergence."""
        self._held = False

    def forget(self) -> None:
        """Delete what is kept: another run or another student goes on."""
        self._drop_candidate()
        known, self.kept = self.kept, None
        delete(known)
        self._begin()
        if known is not None:
            self._out.send(SoundKept(None))

    def release(self) -> UndoSnapshot | None:
        """Hand out the state that is kept, and its file with it."""
        kept, self.kept = self.kept, None
        return kept

    def adopt(self, kept: UndoSnapshot) -> None:
        """Keep a state that `release` handed out, as that of the run from now on."""
        self.forget()
        self.kept = kept
        self._out.send(SoundKept(kept.training_step))

    def _keep(self, trainer: Trainer, watched: Observe | None) -> None:
        step = trainer.training_step
        known = [state.training_step for state in (self.kept, self._candidate) if state is not None]
        if self._held or not self._sound or step in known:
            return
        began = time.monotonic()
        self._out.send(WorkProgress(f"Keeping the state of training step {step:,}", 0, None))
        self._drop_candidate()
        try:
            self._candidate = keep_run(trainer, watched, sound_folder())
        except (CellcubeError, OSError) as error:
            if not self._warned:
                logger.warning("the state of training step %d can't be kept to go back to: %s", step, error)
            self._warned = True
        now = time.monotonic()
        trained = 0.0 if self._began is None else now - self._began
        wait = min(max(trained, LEAST_SECONDS), MOST_SECONDS)
        self._due = now + max(wait, COST_FACTOR * (now - began))
        self._out.send(WorkDone())

    def _drop_candidate(self) -> None:
        delete(self._candidate)
        self._candidate = None
