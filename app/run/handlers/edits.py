"""Commands that change the run: open another one, reset it, apply settings, undo and redo that."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

from app.run.active_run import ActiveRun
from app.run.commands import (
    Apply,
    DropReady,
    Observe,
    OpenRun,
    RedoApply,
    ReloadRule,
    Reset,
    RuleReloaded,
    TakeReady,
    UndoApply,
)
from app.run.curve_tensors import stored_raised
from app.run.file_commands import Save
from app.run.messages import Applied, WorkDone, WorkProgress
from app.run.summary import RunSummary
from app.run.trainer_protocol import Trainer
from app.run.undo_history import Way
from lattice.config import EditCost, edit_cost
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.progress import Cancelled


def open_run(run: ActiveRun, command: OpenRun) -> RunSummary:
    """Build or resume a run; the present one can be watched and saved until the new one takes its place.

    A run that is to be held ready does so later, see `take_ready`.
    """
    run.queue.clear_cancel()
    run.out.set_state("loading")
    run.loading = True
    try:
        trainer = run.factory.open(command, run.load_progress)
        run.serve_meanwhile((Save,))
    finally:
        run.loading = False
    if run.queue.cancelled:
        raise Cancelled
    run.ready = (trainer, command) if command.held else None
    if command.held:
        run.out.send(WorkDone())
        return run.factory.summarise(trainer, command.name, command.checkpoint)
    return _take(run, trainer, command)


def take_ready(run: ActiveRun, command: TakeReady) -> RunSummary:
    """Put the run that is held ready in place of the present one; raises `Cancelled` if another one is held by now."""
    if run.ready is None:
        raise CellcubeError("no run is held ready: open it again")
    trainer, request = run.ready
    if request.token != command.held:
        logger.warning("the run opened before '%s' was let go for it and can't take this one's place", request.name)
        raise Cancelled
    run.ready = None
    return _take(run, trainer, request)


def drop_ready(run: ActiveRun, command: DropReady) -> None:
    """Forget the run that is held ready, unless another one is held by now."""
    if run.ready is not None and run.ready[1].token == command.held:
        logger.info("%s is not opened after all: the present run goes on", run.ready[1].name)
        run.ready = None


def _take(run: ActiveRun, trainer: Trainer, request: OpenRun) -> RunSummary:
    run.training = False
    summary = run.open(trainer, request)
    run.out.send(WorkDone())
    return summary


def reset(run: ActiveRun, command: Reset) -> None:
    """Begin the run again with fresh weights; fitting a start to the data takes its time, and may be cancelled."""
    trainer = run.need_trainer()
    run.queue.clear_cancel()
    run.out.set_state("loading")
    run.training = False
    fresh = run.factory.restart(trainer, run.load_progress)
    fresh.extras = fresh.extras | stored_raised(command.raised)
    file = run.checkpoint
    run.open(fresh, OpenRun(file.stem if file is not None and file.name == run.name else run.name))
    run.out.send(WorkDone())


def apply(run: ActiveRun, command: Apply) -> str:
    """Apply settings; what undoing that needs is kept. Return why nothing was applied, if so."""
    trainer = run.need_trainer()
    changed = tuple(trainer.config.changes_to(command.config))
    if any(not key.startswith("logging.") for key in changed):
        run.out.send(WorkProgress("Applying the settings", 0, None))
    run.queue.clear_cancel()
    dataset = trainer.dataset
    if edit_cost(trainer.config.changes_to(command.config)) == "live":
        run.sound.before_edit(trainer, run.watched)
    try:
        with run.undo.before(trainer, command.config, run.watched) as kept:
            if command.only_undoable and kept.problem:
                raise _NotUndoableError(kept.problem)
            cost = trainer.apply(command.config, progress=run.work_progress)
    except _NotUndoableError as error:
        run.out.send(WorkDone())
        return str(error)
    message = applied(run, cost, changed, not_kept=kept.problem)
    run.out.send(WorkDone())
    run.out.send(message)
    if trainer.dataset is not dataset:
        run.watched, run.teacher = Observe(int(trainer.dataset.validation_indices[0])), None
    if message.restarts_scores:
        run.sound.forget()
        run.rates.begin(time.monotonic())
        if run.training:
            run.observe_again()
    return ""


def undo_apply(run: ActiveRun, _command: UndoApply) -> None:
    """Undo the newest edit that was applied, if there is one."""
    _go(run, "undo", "Undoing the last Apply")


def redo_apply(run: ActiveRun, _command: RedoApply) -> None:
    """Apply the edit again that was undone last, if there is one."""
    _go(run, "redo", "Applying again what was undone")


def _go(run: ActiveRun, way: Way, what: str) -> None:
    present, edit = run.need_trainer(), run.undo.next(way)
    if edit is None:
        return
    config = edit.before if way == "undo" else edit.after
    changed, step = tuple(present.config.changes_to(config)), present.training_step
    run.queue.clear_cancel()
    run.out.send(WorkProgress(what, 0, None))
    if edit.snapshot is None:
        cost = present.apply(config, progress=run.work_progress)
        run.undo.pass_on(way)
        run.out.send(WorkDone())
        run.out.send(applied(run, cost, changed, way=way))
        return
    with run.undo.leaving(way, present, run.watched):
        trainer = run.factory.bring_back(edit.snapshot, present, run.work_progress)
    watched = edit.snapshot.watched
    run.take(trainer, watched)
    run.training = run.training and trainer.training_step < trainer.total_steps
    run.out.send(WorkDone())
    message = applied(run, "rebuild", changed, way=way)
    run.out.send(replace(message, brought_back=True, watched=watched, step_left=step))


def applied(
    run: ActiveRun,
    cost: EditCost | None,
    changed: tuple[str, ...],
    *,
    way: Way | Literal["back"] | None = None,
    not_kept: str = "",
) -> Applied:
    """Return the message that settings are in force, with how many edits can be undone and applied again."""
    undo, redo = run.undo.depth("undo"), run.undo.depth("redo")
    return Applied(run.summary(), cost, changed, not_kept, way or "apply", undo_levels=undo, redo_levels=redo)


def reload_rule(run: ActiveRun, _command: ReloadRule) -> RuleReloaded:
    """Go on with the cell rule's class as it is registered now; the one before goes on if that fails."""
    trainer = run.need_trainer()
    outcome = trainer.reload_rule()
    run.undo.forget()
    run.sound.forget()
    run.out.send(applied(run, "rebuild", ("model.rule",), not_kept="the cell rule's plugin was loaded again"))
    run.rates.begin(time.monotonic())
    run.observe_again()
    return RuleReloaded(outcome.kept, outcome.renewed, outcome.dropped)


class _NotUndoableError(CellcubeError):
    """The run before an edit can't be kept, and the edit was only wanted if it could be undone."""
