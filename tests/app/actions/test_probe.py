"""Probing in the window: which teacher is known, loaded, chosen, refused or given up."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog

import lattice.data.probe as probe_module
from lattice.config.teacher import TeacherSettings
from lattice.data import build_dataset
from lattice.data.probe import ProbeTeacher
from lattice.data.provenance import TeacherRecord
from lattice.data.report import LoadReport
from lattice.errors import TeacherError
from tests.app import fakes
from tests.app.fakes import fake_dataset, small_config

pytestmark = pytest.mark.gl

RECORD = TeacherRecord(TeacherSettings(model="known"), "known (16-D, mean pooling)", "noted in it")


class FakeTeacher(ProbeTeacher):
    """Encodes by counting letters."""

    def __init__(self, agreement=1.0):
        object.__setattr__(self, "agreement", agreement)
        object.__setattr__(self, "teacher", None)

    def encode(self, text):
        return np.array([text.count(letter) for letter in "abcdefghijklmnop"], np.float32)


@pytest.fixture
def loads(monkeypatch):
    """Stand in for loading teachers; the test fills in what it gives."""
    made = type("Loads", (), {})()
    made.asked, made.result, made.hold = [], FakeTeacher(), None

    def load(settings, dataset, *, progress):
        made.asked.append(settings.model)
        progress("Looking up", 0, None)
        while made.hold is not None and not made.hold.wait(0.005):
            progress("Looking up", 0, None)
        if isinstance(made.result, Exception):
            raise made.result
        return made.result

    monkeypatch.setattr(probe_module, "load_probe_teacher", load)
    return made


@pytest.fixture
def known(monkeypatch):
    """Data that names its teacher."""
    dataset = replace(fake_dataset(), report=LoadReport(rows_read=40, kept=40, made_by=RECORD))
    monkeypatch.setattr(fakes, "fake_dataset", lambda: dataset)
    return dataset


def ask(qtbot, window, text):
    box = window.sample_panel.probe
    box.field.setText(text)
    qtbot.keyClick(box.field, Qt.Key.Key_Return)


def watched(window):
    seen = window.display.observation
    return (seen.sample, seen.text)


def test_a_known_teacher_is_loaded_once_and_its_embedding_watched(qtbot, known, loads, make_window, runs):
    window = make_window()
    box = window.sample_panel.probe
    assert box.said.text() == "Teacher: known, loaded with the first sentence."
    ask(qtbot, window, "a bad cab")
    qtbot.waitUntil(lambda: watched(window) == (-1, "a bad cab"), timeout=10_000)
    assert box.said.text() == "Teacher: known, which made this data."
    assert window.sample_panel.text.text() == "a bad cab"
    assert window.toolbar.sample.toolTip().startswith("a bad cab")
    assert "0.900" in [score.text() for score, _ in window.sample_panel.before.rows]
    ask(qtbot, window, "again")
    qtbot.waitUntil(lambda: watched(window) == (-1, "again"), timeout=10_000)
    assert loads.asked == ["known"]
    assert runs.trainer.calls.count("observe_embedding") >= 2
    window.data_panel.sample_wanted.emit(3)
    qtbot.waitUntil(lambda: watched(window)[0] == 3, timeout=10_000)


def test_probing_while_training_leaves_training_alone(qtbot, known, loads, make_window, runs):
    runs.step_seconds = 0.02
    endless = small_config(training_embedding__training_steps=1_000_000)
    window = make_window(config=endless, autostart=True)
    qtbot.waitUntil(lambda: window.controller.state == "training", timeout=10_000)
    states = []
    window.controller.state_changed.connect(states.append)
    ask(qtbot, window, "on the run")
    qtbot.waitUntil(lambda: watched(window) == (-1, "on the run"), timeout=10_000)
    before = runs.trainer.training_step
    qtbot.waitUntil(lambda: runs.trainer.training_step > before, timeout=10_000)
    assert window.controller.state == "training"
    assert set(states) <= {"training"}


def test_an_unknown_teacher_is_asked_for_and_can_be_chosen(qtbot, loads, make_window):
    window = make_window(config=small_config(teacher__model="my/teacher"))
    box = window.sample_panel.probe
    assert "No teacher is known for this data (16-D)" in box.said.text()
    assert "Data panel" in box.said.text()
    assert not box.field.isEnabled()
    packaged, configured, folder = box.menu.actions()
    assert not packaged.isEnabled()
    assert packaged.toolTip() == "Its embeddings have 384 numbers, the data's 16"
    assert folder.text() == "Folder on this machine..."
    configured.trigger()
    qtbot.waitUntil(box.field.isEnabled, timeout=10_000)
    assert loads.asked == ["my/teacher"]
    ask(qtbot, window, "words")
    qtbot.waitUntil(lambda: watched(window) == (-1, "words"), timeout=10_000)


def test_a_folder_is_chosen_in_a_dialog(qtbot, loads, make_window, monkeypatch, tmp_path):
    window = make_window()
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: dialog.fileSelected.emit(str(tmp_path)))
    window.sample_panel.probe.menu.actions()[-1].trigger()
    qtbot.waitUntil(window.sample_panel.probe.field.isEnabled, timeout=10_000)
    assert loads.asked == [str(tmp_path)]
    assert tmp_path.name in window.sample_panel.probe.said.text().replace("\u200b", "")


@pytest.mark.parametrize(
    ("agreement", "words", "role"),
    [
        (1.0, "which made this data", "muted"),
        (0.02, "did not make this data: its embeddings of the same texts have a cosine of 0.020", "warning"),
        (None, "your choice; the data has no texts to compare it by", "muted"),
    ],
)
def test_whether_it_made_the_data_is_said(qtbot, loads, make_window, agreement, words, role):
    window = make_window()
    loads.result = FakeTeacher(agreement)
    window.probe.choose("some/teacher")
    box = window.sample_panel.probe
    qtbot.waitUntil(box.field.isEnabled, timeout=10_000)
    assert words in box.said.text()
    assert box.said.property("role") == role


def test_what_is_wrong_with_a_teacher_is_said_in_the_box(qtbot, known, loads, make_window):
    window = make_window()
    loads.result = TeacherError("teacher folder x has no config.json; expected a model saved by transformers")
    ask(qtbot, window, "words")
    box = window.sample_panel.probe
    qtbot.waitUntil(lambda: box.said.property("role") == "error", timeout=10_000)
    assert box.said.text().startswith("Teacher folder x has no config.json")
    assert not window.errors.isVisible()
    assert box.field.isEnabled()
    loads.result = FakeTeacher()
    ask(qtbot, window, "words")
    qtbot.waitUntil(lambda: watched(window) == (-1, "words"), timeout=10_000)


def test_cancel_gives_up_loading_and_the_box_is_as_before(qtbot, known, loads, make_window):
    window = make_window()
    loads.hold = threading.Event()
    ask(qtbot, window, "words")
    box = window.sample_panel.probe
    assert box.said.text() == "Loading teacher known..."
    qtbot.waitUntil(window.status.work.isVisible, timeout=10_000)
    assert "Looking up" in window.status.work.label.text()
    window.actions_["probe"].trigger()
    qtbot.keyClicks(box.field, "and more words")
    assert box.field.text() == "and more words"
    assert window.controller.awaited != "start", "Space is a letter while the teacher is loaded, too"
    qtbot.mouseClick(window.status.work.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "loaded with the first sentence" in box.said.text(), timeout=10_000)
    assert not window.status.work.isVisible()
    assert box.teacher_button.isEnabled()
    assert watched(window)[0] >= 0
    loads.hold = None
    ask(qtbot, window, "words")
    qtbot.waitUntil(lambda: watched(window) == (-1, "words"), timeout=10_000)


def test_other_data_forgets_the_teacher_and_late_answers(qtbot, known, loads, make_window, monkeypatch):
    window = make_window()
    ask(qtbot, window, "words")
    qtbot.waitUntil(lambda: watched(window) == (-1, "words"), timeout=10_000)
    strange = build_dataset(torch.randn(20, 16), source="strange")
    monkeypatch.setattr(fakes, "fake_dataset", lambda: strange)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_preset("debug")
    assert "No teacher is known" in window.sample_panel.probe.said.text()
    assert window.probe.teacher is None
    field = window.sample_panel.probe.field
    assert not field.isEnabled()
    assert field.text() == "", "the cube does not show this sentence any more"
    assert field.placeholderText() == "Type a sentence of your own"


def leave_by_a_sample(window):
    window.data_panel.sample_wanted.emit(3)


def leave_by_another_run(window):
    window.opener.open_preset("debug")


@pytest.mark.parametrize("leave", [leave_by_a_sample, leave_by_another_run])
def test_a_sentence_that_is_no_longer_shown_is_put_aside(qtbot, known, loads, make_window, leave):
    window = make_window()
    field = window.sample_panel.probe.field
    ask(qtbot, window, "a  bad cab")
    qtbot.waitUntil(lambda: watched(window) == (-1, "a bad cab"), timeout=10_000)
    assert field.text() == "a  bad cab"
    leave(window)
    qtbot.waitUntil(lambda: not field.text(), timeout=10_000)
    qtbot.waitUntil(lambda: window.display.observation is not None and watched(window)[0] >= 0, timeout=10_000)
    assert field.placeholderText() == "Up arrow: a bad cab"
    window.actions_["probe"].trigger()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: watched(window) == (-1, "a bad cab"), timeout=10_000)
    assert field.text() == "a bad cab"


def test_a_sentence_that_was_not_asked_yet_stays_when_a_sample_is_watched(qtbot, known, loads, make_window, runs):
    window = make_window()
    field = window.sample_panel.probe.field
    ask(qtbot, window, "words")
    qtbot.waitUntil(lambda: watched(window) == (-1, "words"), timeout=10_000)
    window.actions_["probe"].trigger()
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_End)
    qtbot.keyClicks(field, " to come")
    leave_by_a_sample(window)
    qtbot.waitUntil(lambda: watched(window)[0] >= 0, timeout=10_000)
    assert field.text() == "words to come"
    assert "step" not in runs.trainer.calls, "Space is a letter in a sentence and does not start training"
