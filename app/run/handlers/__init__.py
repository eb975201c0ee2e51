"""What the worker does for each command: one table from the command's type to its handler.

A handler gets the active run and the command, runs in the worker's thread, and returns the command's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.run.active_run import ActiveRun
from app.run.command import Command
from app.run.commands import (
    Apply,
    DropReady,
    Evaluate,
    MeasureDamage,
    Observe,
    OpenRun,
    Pause,
    ProbeSentence,
    ProveResume,
    ReadMessages,
    ReadRows,
    RedoApply,
    ReloadRule,
    Reset,
    SingleStep,
    Start,
    TakeReady,
    Track,
    UndoApply,
)
from app.run.file_commands import EncodeTexts, ExportCurves, ExportEmbeddings, ExportStudent, PushStudent, Save
from app.run.handlers import edits, files, steering, teachers

Handler = Callable[[ActiveRun, Any], Any]

HANDLERS: dict[type[Command[Any]], Handler] = {
    OpenRun: edits.open_run,
    TakeReady: edits.take_ready,
    DropReady: edits.drop_ready,
    Reset: edits.reset,
    Apply: edits.apply,
    UndoApply: edits.undo_apply,
    RedoApply: edits.redo_apply,
    ReloadRule: edits.reload_rule,
    Start: steering.start,
    Pause: steering.pause,
    SingleStep: steering.single_step,
    Evaluate: steering.evaluate,
    Observe: steering.observe,
    ReadMessages: steering.read_messages,
    Save: files.save,
    ExportCurves: files.export_curves,
    ExportStudent: files.export_student,
    ExportEmbeddings: files.export_embeddings,
    PushStudent: files.push_student,
    EncodeTexts: teachers.encode_texts,
    ProbeSentence: teachers.probe_sentence,
    MeasureDamage: steering.measure_damage,
    ProveResume: steering.prove_resume,
    Track: steering.track,
    ReadRows: steering.read_rows,
}
