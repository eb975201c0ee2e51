"""Commands are plain data: they survive a trip through bytes, and the worker has a handler for each."""

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest

from app.run.command import Command, Job
from app.run.commands import (
    COMMANDS,
    Apply,
    DropReady,
    Observe,
    OpenRun,
    ProbeSentence,
    ProveResume,
    ReadMessages,
    ReadRows,
    Reset,
    TakeReady,
    Track,
)
from app.run.file_commands import EncodeTexts, ExportCurves, ExportEmbeddings, ExportStudent, PushStudent, Save
from app.run.handlers import HANDLERS
from app.run.sound_commands import GoBack
from lattice.config import Wishes
from lattice.config.teacher import TeacherSettings
from tests.app.fakes import small_config

CURVES = {"loss.total/x": np.arange(3, dtype=np.int32), "loss.total/y": np.ones(3, np.float32)}
FILLED = {
    OpenRun: OpenRun(
        "small", small_config(), Path("a.safetensors"), Wishes({"device.policy": "cpu"}), start=True, recovered=True
    ),
    Apply: Apply(small_config()),
    ReadRows: ReadRows(1000),
    Reset: Reset({"raised.by": np.array([400], np.int64)}),
    TakeReady: TakeReady(5),
    DropReady: DropReady(5),
    GoBack: GoBack(5),
    Observe: Observe(3, np.ones(4, np.float32), "words", learning_signal=True),
    ReadMessages: ReadMessages(np.ones((2, 2, 2, 3), np.float32), 1, (0, 1, 0)),
    Save: Save(Path("a.safetensors"), "autosave", CURVES, {"mean": np.ones(2, np.float32)}),
    ExportCurves: ExportCurves(Path("a.csv"), CURVES),
    ExportStudent: ExportStudent(Path("a.onnx")),
    ExportEmbeddings: ExportEmbeddings(Path("a.safetensors")),
    EncodeTexts: EncodeTexts(Path("a.csv"), Path("b.safetensors"), TeacherSettings(), "q", ("q", "a"), "cpu"),
    ProveResume: ProveResume(7),
    PushStudent: PushStudent("cube", "me/cube", public=True),
    Track: Track(("tensorboard",)),
    ProbeSentence: ProbeSentence("f00d", TeacherSettings(), "a bad cab"),
}


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return one == other


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_holds_no_function_and_survives_a_trip_through_bytes(kind):
    command = dataclasses.replace(FILLED.get(kind) or kind(), token=7)
    values = {field.name: getattr(command, field.name) for field in dataclasses.fields(command)}
    assert not [name for name, value in values.items() if callable(value)]
    back = pickle.loads(pickle.dumps(command))
    assert type(back) is kind
    assert all(same(value, getattr(back, name)) for name, value in values.items())
    assert back.title == command.title


def test_every_command_with_fields_is_tried_filled():
    with_fields = {kind for kind in COMMANDS if len(dataclasses.fields(kind)) > 1}
    assert with_fields == set(FILLED)


def test_the_worker_has_a_handler_for_each_command_and_no_command_is_left_out_of_the_list():
    def below(kind):
        return {kind, *(deeper for sub in kind.__subclasses__() for deeper in below(sub))}

    ours = {kind for kind in below(Command) if kind.__module__.startswith("app.run.")} - {Command, Job}
    assert ours == set(COMMANDS)
    assert set(COMMANDS) <= set(HANDLERS)
