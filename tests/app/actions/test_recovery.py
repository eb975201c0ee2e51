"""Recovery after a crash: the offer, and what each answer does."""

import dataclasses
import json
import os
import shutil
import time

import pytest
from PyQt6.QtCore import Qt

from app.actions.dialogs import QuestionDialog
from app.actions.recovery import offer_recovery
from app.run.commands import OpenRun
from app.run.file_commands import ExportEmbeddings, ExportStudent
from app.run.kept_files import autosave_folder
from app.run.leftovers import find_leftovers
from lattice.limits import SHOWN_FAULTS
from lattice.runs.lock import FileLock
from lattice.runs.owner import this_process
from tests.app.fakes import FakeTrainer, small_config

pytestmark = pytest.mark.gl


def offer(window):
    """Offer what was left behind, as a launch does."""
    return offer_recovery(
        window.controller, window.central.banner, window.prompt, window.autosave, trains=window.opener.trains_next
    )


@pytest.fixture
def crashed():
    """An autosave at training step 7 of a program that is gone."""
    folder = autosave_folder()
    folder.mkdir(parents=True)
    trainer = FakeTrainer(small_config(lattice__dimensions=(3, 3, 3)))
    trainer.training_step = 7
    trainer.save(folder / "run-1.safetensors")
    age = time.time() - 7260
    os.utime(folder / "run-1.safetensors", (age, age))
    gone = dataclasses.replace(this_process(), started="0")
    lock = {"owner": gone.to_mapping(), "token": "x", "notes": {"name": "lost"}}
    (folder / "run-1.json").write_text(json.dumps(lock))
    return folder


def leave_note(folder, file="run-9", **notes):
    """Leave the note of a program that is gone and had not autosaved yet."""
    folder.mkdir(parents=True, exist_ok=True)
    gone = dataclasses.replace(this_process(), started="0")
    (folder / f"{file}.json").write_text(json.dumps({"owner": gone.to_mapping(), "token": "x", "notes": notes}))


def test_a_run_that_is_gone_without_an_autosave_is_named_with_its_file(qtbot, window, tmp_path):
    file = tmp_path / "mine.safetensors"
    trainer = FakeTrainer(small_config(lattice__dimensions=(3, 3, 3)))
    trainer.training_step = 4
    trainer.save(file)
    leave_note(autosave_folder(), name="mine.safetensors", checkpoint=str(file), training_step=4)
    assert offer(window) is None
    banner = window.central.banner
    assert "while 'mine.safetensors' was open" in banner.label.text()
    assert f"after training step 4 is gone; {file} holds what came before" in banner.label.text()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        banner.buttons[0].click()
    assert window.controller.summary.training_step == 4
    assert not banner.isVisible()


def test_a_run_that_was_never_saved_is_named_too_and_only_once(window):
    leave_note(autosave_folder(), name="wave", checkpoint="", training_step=0)
    offer(window)
    assert window.central.banner.label.text().endswith("no autosave of it yet. What was trained is gone.")
    window.central.banner.buttons[0].click()
    offer(window)
    assert not window.central.banner.isVisible()


def test_all_lost_runs_are_named_beside_an_autosave_until_the_offer_is_answered(crashed, window):
    for number, name in enumerate(("older", "newer")):
        leave_note(crashed, f"run-{number}-lost", name=name, checkpoint="", training_step=0)
        os.utime(crashed / f"run-{number}-lost.json", (time.time() - 100 + number,) * 2)
    for _launch in range(2):
        offer(window)
        text = window.central.banner.label.text()
        assert text.index("an autosave of 'lost'") < text.index("'newer' was open") < text.index("'older' was open")
    window.central.banner.buttons[1].click()
    assert list(crashed.iterdir()) == [window.autosave.note]


def test_whether_a_recovered_run_is_trained_is_decided_once_the_offer_is_taken(crashed, window, monkeypatch):
    requests = []
    monkeypatch.setattr(window.prompt, "open_instead", lambda request, *_: requests.append(request))
    window.opener.autostart = True
    window.controller._shown.take("training")
    offer(window)
    window.controller._shown.take("paused")
    window.central.banner.buttons[0].click()
    assert [request.start for request in requests] == [False]


@pytest.mark.parametrize("notes", [{}, {"name": 3, "training_step": 1}, {"name": "x", "training_step": "many"}])
def test_notes_of_other_versions_are_passed_over(window, notes):
    leave_note(autosave_folder(), **notes)
    offer(window)
    assert not window.central.banner.isVisible()


def test_nothing_is_said_without_a_crash(window):
    assert offer(window) is None
    assert not window.central.banner.isVisible()


def test_recovering_opens_the_run_and_then_forgets_the_autosave(qtbot, crashed, window):
    offer(window)
    banner = window.central.banner
    assert banner.isVisible()
    assert "'lost' at training step 7, 2 h 01 min old" in banner.label.text()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        banner.buttons[0].click()
    assert window.controller.summary.training_step == 7
    assert window.controller.summary.config.lattice.dimensions == (3, 3, 3)
    assert not banner.isVisible()
    own = {window.autosave.checkpoint, window.autosave.note}
    qtbot.waitUntil(lambda: set(crashed.iterdir()) == own, timeout=5_000)


def test_a_recovered_run_counts_as_unsaved_and_has_no_file(qtbot, crashed, make_window, monkeypatch):
    window = make_window(asks=True)
    offer(window)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.central.banner.buttons[0].click()
    assert window.controller.unsaved_steps == 7
    asked = []
    monkeypatch.setattr(window.saver, "save_as", lambda then=None, stay=None: asked.append(then))
    window.actions_["save"].trigger()
    assert asked


def test_of_a_recovered_run_only_what_its_file_lacks_counts_as_unsaved(qtbot, crashed, window, tmp_path):
    file = tmp_path / "mine.safetensors"
    shutil.copy(crashed / "run-1.safetensors", file)
    note = json.loads((crashed / "run-1.json").read_text())
    note["notes"] |= {"checkpoint": str(file), "training_step": 5}
    (crashed / "run-1.json").write_text(json.dumps(note))
    offer(window)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.central.banner.buttons[0].click()
    assert window.controller.unsaved_steps == 2
    assert window.autosave.kept == (file, 5)
    assert window.saver.path is None


def test_a_run_that_opens_meanwhile_does_not_cost_the_autosave(qtbot, crashed, window):
    offer(window)
    window.controller.open(OpenRun("other", small_config()))
    window.central.banner.buttons[0].click()
    qtbot.waitUntil(lambda: window.controller.summary.name == "lost", timeout=10_000)
    assert window.controller.summary.training_step == 7


def test_an_autosave_that_cannot_be_read_is_kept(qtbot, crashed, window):
    (crashed / "run-1.safetensors").write_bytes(b"damaged")
    offer(window)
    window.central.banner.buttons[0].click()
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert (crashed / "run-1.safetensors").exists()
    assert window.controller.summary.name == "small"
    window.errors.close()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.open(OpenRun("other", small_config()))
    assert (crashed / "run-1.safetensors").exists()


def test_discarding(crashed, window):
    offer(window)
    window.central.banner.buttons[1].click()
    assert list(crashed.iterdir()) == [window.autosave.note]


def test_discarding_names_every_autosave_and_spares_the_one_that_another_window_recovers(crashed, window):
    for ending in (".safetensors", ".json"):
        shutil.copy(crashed / f"run-1{ending}", crashed / f"run-2{ending}")
    os.utime(crashed / "run-2.safetensors", (1, 1))
    offer(window)
    banner = window.central.banner
    assert banner.label.text().count(" at training step ") == 2
    assert banner.buttons[1].text() == "Discard all 2"
    assert banner.label.textFormat() == Qt.TextFormat.PlainText, "a name out of a note is no markup"
    with FileLock(crashed / "run-2.claim").take():
        banner.buttons[1].click()
    assert [path.name for path in sorted(crashed.glob("run-?.safetensors"))] == ["run-2.safetensors"]


def test_only_the_autosaves_that_are_named_are_discarded_and_then_the_others_are_offered(crashed, window):
    for number in range(2, SHOWN_FAULTS + 3):
        for ending in (".safetensors", ".json"):
            shutil.copy(crashed / f"run-1{ending}", crashed / f"run-{number}{ending}")
        os.utime(crashed / f"run-{number}.safetensors", (number, number))
    offer(window)
    banner = window.central.banner
    assert "There is 1 more, offered after these." in banner.label.text()
    assert banner.buttons[1].text() == f"Discard these {SHOWN_FAULTS + 1}"
    banner.buttons[1].click()
    assert [path.name for path in crashed.glob("run-?.safetensors")] == ["run-2.safetensors"]
    assert banner.isVisible()
    assert [button.text() for button in banner.buttons] == ["Recover", "Discard"]


def test_an_end_by_a_signal_is_not_called_a_crash(crashed, window):
    note = json.loads((crashed / "run-1.json").read_text())
    (crashed / "run-1.json").write_text(json.dumps(note | {"notes": {"name": "lost", "ended": "signal"}}))
    offer(window)
    assert window.central.banner.label.text() == (
        "Cellcube was ended by the system or by Ctrl-C; 'lost' is kept as it was at training step 7, 2 h 01 min old."
    )


def trained(qtbot, window):
    """Train a few steps, so that the run is worth saving."""
    window.controller.start()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps > 2, timeout=10_000)
    with qtbot.waitSignal(window.controller.state_changed, timeout=10_000):
        window.controller.pause()


def test_a_trained_run_is_not_lost_to_a_recovery(qtbot, crashed, make_window):
    window = make_window(asks=True)
    offer(window)
    trained(qtbot, window)
    window.central.banner.buttons[0].click()
    qtbot.waitUntil(lambda: window.findChild(QuestionDialog) is not None, timeout=10_000)
    question = window.findChild(QuestionDialog)
    assert question.isVisible()
    qtbot.wait(200)
    assert window.controller.summary.name == "small"
    question.buttons["Cancel"].click()
    assert window.central.banner.isVisible()
    assert (crashed / "run-1.safetensors").exists()


def test_only_a_file_that_can_be_resumed_replaces_the_autosave(qtbot, crashed, window, monkeypatch, tmp_path):
    monkeypatch.setattr(window.autosave, "save_now", lambda: False)
    offer(window)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.central.banner.buttons[0].click()
    answers = []
    for command in (ExportStudent(tmp_path / "weights.safetensors"), ExportEmbeddings(tmp_path / "out.safetensors")):
        window.controller.request(command, lambda answer: answers.append(answer))
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=10_000)
    assert (crashed / "run-1.safetensors").exists()
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "run.safetensors")
    assert list(crashed.iterdir()) == [window.autosave.note]


def test_saving_another_run_does_not_cost_the_autosave(qtbot, crashed, window, monkeypatch, tmp_path):
    monkeypatch.setattr(window.autosave, "save_now", lambda: False)
    offer(window)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.central.banner.buttons[0].click()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.open(OpenRun("other", small_config()))
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(tmp_path / "other.safetensors")
    assert (crashed / "run-1.safetensors").exists()


def test_one_window_recovers_an_autosave_and_another_one_is_told_who(crashed, window):
    offer(window)
    claim = find_leftovers()[0].claim()
    try:
        window.central.banner.buttons[0].click()
        assert f"process {os.getpid()} on" in window.central.banner.label.text()
        assert window.controller.summary.name == "small"
        assert find_leftovers() == []
    finally:
        claim.release()
    assert len(find_leftovers()) == 1
