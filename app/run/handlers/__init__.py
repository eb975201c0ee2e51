"""What the worker does for each command: one table from the command's type to its handler.

A handler gets the active run and the command, runs in the worker's thread, and returns the command's answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.run.active_run import ActiveRun
from app.run.command import Command, Job
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
    ScoreSamples,
    SingleStep,
    Start,
    TakeReady,
    Track,
    UndoApply,
)
from app.run.file_commands import EncodeTexts, ExportCurves, ExportEmbeddings, ExportStudent, PushStudent, Save
from app.run.handlers import divergence, edits, files, steering, teachers
from app.run.sound_commands import GoBack, GoOn

Handler = Callable[[ActiveRun, Any], Any]


def apart(handler: Handler) -> Handler:
    """Return a job's handler whose time is no part of the time of the training steps that wait for it."""

    def handle(run: ActiveRun, command: Any) -> Any:
        began = time.monotonic()
        try:
            return handler(run, command)
        finally:
            run.rates.leave_out(began, time.monotonic())

    return handle


_HANDLERS: dict[type[Command[Any]], Handler] = {
    OpenRun: edits.open_run,
    TakeReady: edits.take_ready,
    DropReady: edits.drop_ready,
    Reset: edits.reset,
    Apply: edits.apply,
    UndoApply: edits.undo_apply,
    RedoApply: edits.redo_apply,
    GoBack: divergence.go_back,
    GoOn: divergence.go_on,
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
    ScoreSamples: steering.score_samples,
    ProveResume: steering.prove_resume,
    Track: steering.track,
    ReadRows: steering.read_rows,
}
HANDLERS = {kind: apart(handler) if issubclass(kind, Job) else handler for kind, handler in _HANDLERS.items()}
