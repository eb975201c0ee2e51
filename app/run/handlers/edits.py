"""Commands that change the run: open another one, reset it, apply settings, undo that."""

from __future__ import annotations

import time

from app.run.active_run import ActiveRun
from app.run.commands import Apply, Observe, OpenRun, ReloadRule, Reset, RuleReloaded, Save, UndoApply
from app.run.messages import Applied, WorkDone, WorkProgress
from app.run.summary import RunSummary
from lattice.progress import Cancelled


def open_run(run: ActiveRun, command: OpenRun) -> RunSummary:
    """Build or resume a run; the present one can be watched and saved until the new one takes its place."""
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
    run.training = False
    summary = run.open(trainer, command)
    run.out.send(WorkDone())
    return summary


def reset(run: ActiveRun, _command: Reset) -> None:
    """Begin the run again with fresh weights; fitting a start to the data takes its time, and may be cancelled."""
    trainer = run.need_trainer()
    run.queue.clear_cancel()
    run.out.set_state("loading")
    run.training = False
    fresh = run.factory.restart(trainer, run.load_progress)
    run.open(fresh, OpenRun(run.name))
    run.out.send(WorkDone())


def apply(run: ActiveRun, command: Apply) -> None:
    """Apply settings; the run as it was before is kept for Undo."""
    trainer = run.need_trainer()
    changed = tuple(trainer.config.changes_to(command.config))
    if any(not key.startswith("logging.") for key in changed):
        run.out.send(WorkProgress("Applying the settings", 0, None))
    run.queue.clear_cancel()
    dataset = trainer.dataset
    with run.undo.before(trainer, command.config, run.watched) as problem:
        cost = trainer.apply(command.config, progress=run.work_progress)
    applied = Applied(run.summary(), cost, changed, problem)
    run.out.send(WorkDone())
    run.out.send(applied)
    if trainer.dataset is not dataset:
        run.watched, run.teacher = Observe(int(trainer.dataset.validation_indices[0])), None
    if applied.restarts_scores:
        run.rates.begin(time.monotonic())
        if run.training:
            run.observe_again()


def undo_apply(run: ActiveRun, _command: UndoApply) -> None:
    """Bring back the run as it was before the last Apply, if it was kept."""
    present, kept = run.need_trainer(), run.undo.kept
    if kept is None:
        return
    run.queue.clear_cancel()
    run.out.send(WorkProgress("Undoing the last Apply", 0, None))
    trainer = run.factory.bring_back(kept, present, run.work_progress)
    changed = tuple(present.config.changes_to(trainer.config))
    run.take(trainer, kept.watched)
    run.training = run.training and trainer.training_step < trainer.total_steps
    run.out.send(WorkDone())
    run.out.send(Applied(run.summary(), "rebuild", changed, undone=True, watched=kept.watched))


def reload_rule(run: ActiveRun, _command: ReloadRule) -> RuleReloaded:
    """Go on with the cell rule's class as it is registered now; the one before goes on if that fails."""
    trainer = run.need_trainer()
    outcome = trainer.reload_rule()
    run.undo.forget()
    run.out.send(Applied(run.summary(), "rebuild", ("model.rule",), "the cell rule's plugin was loaded again"))
    run.rates.begin(time.monotonic())
    run.observe_again()
    return RuleReloaded(outcome.kept, outcome.renewed, outcome.dropped)
