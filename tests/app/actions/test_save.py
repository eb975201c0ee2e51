"""Saving and exporting from the menu: names that are proposed, files that must not be replaced."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PyQt6.QtWidgets import QFileDialog

from app.actions.dialogs import QuestionDialog
from app.actions.encode_dialog import EncodeDialog
from app.actions.file_kinds import kind_of
from app.run.messages import Saved
from lattice.config import SimpleProjectConfig
from lattice.runs.lock import FileLock


def read_whole(path):
    with safetensors.safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118 - no dict


def write_another_step(source, path):
    """Write a checkpoint of step 0 to `path` as one of step 500, as another program might."""
    tensors, notes = read_whole(source)
    notes["cellcube"] = notes["cellcube"].replace('"training_step": 0', '"training_step": 500')
    safetensors.numpy.save_file(tensors, path, notes)


def saved(qtbot, window, act):
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        act()


@pytest.mark.gl
def test_save_asks_once_and_then_knows_the_file(qtbot, window, tmp_path, answer):
    titles = answer(tmp_path / "run.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert titles == ["Save run"]
    assert kind_of(tmp_path / "run.safetensors") == "checkpoint"
    assert window.preferences.recent_files[0] == tmp_path / "run.safetensors"
    answer(tmp_path / "other.safetensors")
    saved(qtbot, window, lambda: window.actions_["save_as"].trigger())
    assert (tmp_path / "other.safetensors").exists()
    assert window.windowTitle() == "other.safetensors[*] - Cellcube", "the next Save goes there"
    assert window.controller.summary.checkpoint == tmp_path / "other.safetensors"
    assert window.pictures.caption().name == "other.safetensors"
    window.saver.export_curves_image(tmp_path / "curves.svg")
    assert "other.safetensors, 4x4x4 cells, " in (tmp_path / "curves.svg").read_text(encoding="utf-8")
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.override(["optimizer.clip_norm=2.0"]))
    assert window.controller.summary.name == "other.safetensors", "after an edit as well"


@pytest.mark.gl
def test_a_resumed_run_is_saved_to_its_own_file(qtbot, window, tmp_path, answer):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_checkpoint(path)
    titles = answer(tmp_path / "unused.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert titles == []


@pytest.mark.gl
def test_save_asks_again_where_another_program_has_written_since(qtbot, window, tmp_path, answer):
    path, theirs = tmp_path / "run.safetensors", tmp_path / "theirs.safetensors"
    answer(path)
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    saved(qtbot, window, lambda: window.controller.save(theirs, "autosave"))
    write_another_step(theirs, path)
    before = path.read_bytes()
    titles = answer(tmp_path / "mine.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert titles == ["Save run", "Save run"]
    assert path.read_bytes() == before
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert len(titles) == 2, "the new name is the run's own file"


@pytest.fixture
def overtaken(qtbot, window, tmp_path, answer, monkeypatch):
    """A saved run whose file another program writes to while the next save waits: path, titles, calls of the saves."""
    path = tmp_path / "run.safetensors"
    titles = answer(path)
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    requests = []
    monkeypatch.setattr(window.controller, "save", lambda _path, **calls: requests.append(calls))
    window.actions_["save"].trigger()
    write_another_step(path, path)
    return path, titles, requests


@pytest.mark.gl
def test_what_this_window_writes_itself_is_not_taken_for_another_programs(window, overtaken):
    path, titles, requests = overtaken
    window.actions_["save"].trigger()
    for calls in requests:
        window.controller.saved.emit(Saved(path, "checkpoint", 0))
        calls["done"](path)
    window.actions_["save"].trigger()
    assert titles == ["Save run"]
    assert len(requests) == 3


@pytest.mark.gl
def test_a_file_that_lies_there_after_a_save_that_failed_may_be_another_programs(window, tmp_path, answer, overtaken):
    _path, titles, requests = overtaken
    requests[0]["failed"](None)
    answer(tmp_path / "mine.safetensors")
    window.actions_["save"].trigger()
    assert titles == ["Save run", "Save run"]


@pytest.mark.gl
def test_a_run_begun_anew_does_not_overwrite_the_old_file(qtbot, window, tmp_path, answer):
    titles = answer(tmp_path / "run.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.reset()
    answer(tmp_path / "fresh.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert titles == ["Save run", "Save run"]
    assert (tmp_path / "fresh.safetensors").exists()


@pytest.fixture
def proposed(monkeypatch):
    """Collect the file names that save dialogs propose; each dialog is cancelled."""
    names = []

    def show(dialog):
        names.append(Path(dialog.selectedFiles()[0]).name)
        dialog.reject()

    monkeypatch.setattr(QFileDialog, "open", show)
    return names


@pytest.mark.gl
def test_data_and_checkpoints_never_share_a_proposed_name(qtbot, window, tmp_path, proposed):
    texts = tmp_path / "mine.csv"
    texts.write_text("text\none\n", encoding="utf-8")
    encoding = EncodeDialog(["minilm"], tmp_path)
    qtbot.addWidget(encoding)
    encoding.source.setText(str(texts))
    data = encoding.request().out
    encoding.close()
    for opened in (texts, data):
        with qtbot.waitSignal(window.controller.opened, timeout=10_000):
            window.opener.open_data(opened)
        for action in ("save", "export", "export_embeddings"):
            window.actions_[action].trigger()
    assert data.name == "mine-embeddings.safetensors"
    names = ["mine-checkpoint.safetensors", "mine-weights.safetensors", "mine-outputs.safetensors"]
    assert proposed == [*names, *names]
    saved(qtbot, window, lambda: window.controller.save(tmp_path / names[0]))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_checkpoint(tmp_path / names[0])
    window.actions_["save_as"].trigger()
    assert proposed[-1] == names[0]


@pytest.mark.gl
@pytest.mark.parametrize("action", ["save", "export"])
def test_a_run_never_replaces_what_is_no_checkpoint(qtbot, window, tmp_path, answer, action):
    data = tmp_path / "mine.safetensors"
    safetensors.numpy.save_file({"embeddings": np.zeros((2, 2), np.float32)}, data)
    before = data.read_bytes()
    answer(data)
    window.actions_[action].trigger()
    assert window.errors.isVisible()
    assert f"{data} exists already and is not a Cellcube checkpoint" in window.errors.what.text()
    window.errors.close()
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.curves.history.last_step() == 1, timeout=10_000)
    assert data.read_bytes() == before
    answer(tmp_path / "other.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert kind_of(tmp_path / "other.safetensors") == "checkpoint", "the refused file is not the run's own"


@pytest.mark.gl
def test_a_file_that_another_run_is_kept_in_is_not_written(window, tmp_path, answer):
    answer(tmp_path / "checkpoint.safetensors")
    with FileLock(tmp_path / "run.lock").take():
        window.actions_["save"].trigger()
    assert "is being written by process" in window.errors.what.text()
    window.errors.close()
    assert not (tmp_path / "checkpoint.safetensors").exists()


@pytest.mark.gl
def test_exported_embeddings_never_replace_a_checkpoint(qtbot, window, tmp_path, answer):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    answer(path)
    window.actions_["export_embeddings"].trigger()
    assert f"{path} is a Cellcube checkpoint" in window.errors.what.text()
    window.errors.close()
    assert kind_of(path) == "checkpoint"


@pytest.mark.gl
@pytest.mark.parametrize("refused", [False, True])
def test_a_close_can_be_asked_for_again_after_no_file_was_chosen(
    qtbot, make_window, tmp_path, answer, monkeypatch, refused
):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    notes = tmp_path / "notes.safetensors"
    notes.write_text("not a checkpoint")
    answer(notes)
    if not refused:
        monkeypatch.setattr(QFileDialog, "open", lambda dialog: dialog.reject())
    for asked in (1, 2):
        window.close()
        question = window.findChildren(QuestionDialog)[-1]
        assert question.isVisible(), f"asked {asked} times"
        question.buttons["Save"].click()
    window.errors.close()
    assert window.isVisible()


@pytest.mark.gl
def test_what_was_to_follow_a_save_that_failed_does_not_follow_a_later_one(qtbot, window, tmp_path, answer):
    (tmp_path / "folder").write_text("a file in the way")
    answer(tmp_path / "folder" / "run.safetensors")
    followed = []
    window.saver.save(lambda: followed.append("first"))
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    (tmp_path / "folder").unlink()
    saved(qtbot, window, lambda: window.saver.save(lambda: followed.append("second")))
    qtbot.waitUntil(lambda: len(followed) > 0, timeout=10_000)
    assert followed == ["second"]


@pytest.mark.gl
@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("export", "weights.safetensors"),
        ("export_program", "cube.onnx"),
        ("export_program", "cube.pt2"),
        ("export_embeddings", "out.safetensors"),
        ("export_curves_csv", "curves.csv"),
        ("export_curves_image", "curves.png"),
        ("export_curves_image", "curves.svg"),
        ("save_config", "mine.toml"),
    ],
)
def test_exports(qtbot, window, tmp_path, answer, action, name):
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.curves.history.last_step() == 1, timeout=10_000)
    answer(tmp_path / name)
    window.actions_[action].trigger()
    qtbot.waitUntil(lambda: (tmp_path / name).exists(), timeout=10_000)
    told = {
        "export_program": ": read back and run on 8 samples, its largest difference to the student is 2.0e-08",
        "export_embeddings": ": outputs for all 6 held-out samples, which --data can read",
        "export": ": weights for a warm start, not a run to resume",
    }
    said = f"Saved {tmp_path / name}{told[action]}" if action in told else f"Saved {name} in {tmp_path}"
    qtbot.waitUntil(lambda: window.status.facts_label.full_text == said, timeout=5_000)
    assert window.preferences.folder == tmp_path, "the next dialog should open where this one was left"
    assert not window.errors.isVisible()
    if name.endswith(".toml"):
        assert SimpleProjectConfig.from_toml(tmp_path / name) == window.controller.summary.config
