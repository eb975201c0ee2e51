"""Commands that write files: checkpoints, exports, curves."""

from __future__ import annotations

from pathlib import Path

from app.run.active_run import ActiveRun
from app.run.curve_table import write_csv
from app.run.curve_tensors import stored_colors, stored_curves, stored_raised
from app.run.file_commands import ExportCurves, ExportEmbeddings, ExportStudent, PushStudent, Save
from app.run.messages import Saved, WorkDone, WorkProgress
from lattice.atomic import make_folder
from lattice.exporting.forms import Exported
from lattice.exporting.hub import Pushed, push_to_hub
from lattice.formats import TENSORS_ENDING
from lattice.paths import data_folder


def save(run: ActiveRun, command: Save) -> Path:
    """Write a checkpoint."""
    trainer = run.need_trainer()
    if not run.serving:
        run.out.send(WorkProgress(f"Saving {command.path.name}", 0, None))
    make_folder(command.path.parent)
    added = (stored_curves(command.curves), stored_colors(command.colors), stored_raised(command.raised))
    trainer.extras = trainer.extras | {name: tensor for tensors in added for name, tensor in tensors.items()}
    trainer.save(command.path)
    if command.kind == "checkpoint":
        run.name, run.checkpoint = command.path.name, command.path
    if not run.serving:
        run.out.send(WorkDone())
    run.out.send(Saved(command.path, command.kind, trainer.training_step))
    return command.path


def export_curves(_run: ActiveRun, command: ExportCurves) -> Path:
    """Write the curves as a table; they come with the command, so no run is needed."""
    write_csv(command.path, command.curves)
    return command.path


def export_student(run: ActiveRun, command: ExportStudent) -> Exported | None:
    """Write weights or a program for use elsewhere."""
    make_folder(command.path.parent)
    return run.need_trainer().export(command.path, run.work_progress)


def export_embeddings(run: ActiveRun, command: ExportEmbeddings) -> int:
    """Write the outputs for all held-out samples."""
    make_folder(command.path.parent)
    return run.need_trainer().export_embeddings(command.path, run.work_progress)


def push_student(run: ActiveRun, command: PushStudent) -> Pushed:
    """Write the export where it stays if the hub can't be reached, then upload it."""
    path = data_folder() / "exports" / f"{command.name}{TENSORS_ENDING}"
    make_folder(path.parent)
    run.need_trainer().export(path, run.work_progress)
    return push_to_hub(path, command.repo, public=command.public, progress=run.work_progress)
