"""Commands about a run that diverged: go back to the last state whose loss was sound, or go on."""

from __future__ import annotations

from dataclasses import replace

from app.run.active_run import ActiveRun
from app.run.handlers.edits import applied
from app.run.messages import WorkDone, WorkProgress
from app.run.sound_commands import GoBack, GoOn
from lattice.errors import CellcubeError
from lattice.log import logger


def go_back(run: ActiveRun, command: GoBack) -> None:
    """Bring back the last sound state, with its settings, and pause; what goes on being watched is the same.

    Raises:
        CellcubeError: none is kept, or it can't be read; the present run stays as it is.
    """
    present, kept = run.need_trainer(), run.sound.kept
    if kept is None:
        raise CellcubeError("no earlier state of this run is kept: open a checkpoint, or reset the run")
    if command.training_step not in (None, kept.training_step):
        raise CellcubeError(
            f"the state of training step {command.training_step:,} is no longer kept; "
            f"the last one whose loss was sound is that of step {kept.training_step:,}"
        )
    changed, step = tuple(present.config.changes_to(kept.config)), present.training_step
    run.queue.clear_cancel()
    run.out.send(WorkProgress(f"Going back to training step {kept.training_step:,}", 0, None))
    with run.undo.before(present, kept.config, run.watched, another_run=True) as left:
        trainer = run.factory.bring_back(kept, present, run.work_progress)
    run.training = False
    run.sound.release()
    run.take(trainer, run.watched)
    run.sound.adopt(kept)
    logger.info("Went back from training step %d to %d, the last state whose loss was sound", step, kept.training_step)
    run.out.send(WorkDone())
    message = applied(run, "rebuild", changed, way="back", not_kept=left.problem)
    run.out.send(replace(message, brought_back=True, step_left=step))


def go_on(run: ActiveRun, _command: GoOn) -> None:
    """Let a later sound state take the place of the one from before the divergence."""
    run.sound.go_on()
