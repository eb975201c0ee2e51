"""Files from the menu: opening, saving, exporting and the recent ones."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QFileDialog, QLabel, QMenu

from app.actions.dialogs import QuestionDialog
from app.actions.encode_dialog import EncodeDialog
from app.actions.file_kinds import kind_of
from app.window.menus import fill_recent
from lattice.config import SimpleProjectConfig


def test_the_recent_menu(qtbot, tmp_path):
    menu, opened, forgot = QMenu(), [], []
    qtbot.addWidget(menu)
    fill_recent(menu, [tmp_path / "a.toml", tmp_path / "b.npy"], opened.append, lambda: forgot.append(True))
    actions = [action for action in menu.actions() if not action.isSeparator()]
    actions[1].trigger()
    actions[-1].trigger()
    assert opened == [tmp_path / "b.npy"]
    assert forgot == [True]
    fill_recent(menu, [], opened.append, lambda: None)
    assert [action.isEnabled() for action in menu.actions()] == [False]


@pytest.fixture
def answer(monkeypatch):
    """Make the next file dialog answer with a path at once; returns the dialogs' titles."""
    titles = []

    def prepare(path):
        def show(dialog):
            titles.append(dialog.windowTitle())
            dialog.fileSelected.emit(str(path))

        monkeypatch.setattr(QFileDialog, "open", show)
        return titles

    return prepare


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


@pytest.mark.gl
def test_a_resumed_run_is_saved_to_its_own_file(qtbot, window, tmp_path, answer):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.files.open_checkpoint(path)
    titles = answer(tmp_path / "unused.safetensors")
    saved(qtbot, window, lambda: window.actions_["save"].trigger())
    assert titles == []


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
            window.files.open_data(opened)
        for action in ("save", "export", "export_embeddings"):
            window.actions_[action].trigger()
    assert data.name == "mine-embeddings.safetensors"
    names = ["mine-checkpoint.safetensors", "mine-weights.safetensors", "mine-outputs.safetensors"]
    assert proposed == [*names, *names]
    saved(qtbot, window, lambda: window.controller.save(tmp_path / names[0]))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.files.open_checkpoint(tmp_path / names[0])
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
    window.files.save(lambda: followed.append("first"))
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    (tmp_path / "folder").unlink()
    saved(qtbot, window, lambda: window.files.save(lambda: followed.append("second")))
    assert followed == ["second"]


@pytest.mark.gl
def test_curves_are_one_line_over_sessions(qtbot, window, tmp_path):
    for step in (1, 2, 3):
        window.controller.step_once()
        qtbot.waitUntil(lambda step=step: window.curves.history.last_step() == step, timeout=10_000)
    window.curves.mark_edit(2, "batch size 64")
    window.controller.evaluate()
    qtbot.waitUntil(lambda: window.curves.history.last_step("cosine.validation") == 3, timeout=10_000)
    before = window.curves.to_arrays()
    saved(qtbot, window, lambda: window.controller.save(tmp_path / "run.safetensors"))
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.files.open_preset("debug")
    assert window.curves.history.last_step() == -1
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.files.open_checkpoint(tmp_path / "run.safetensors")
    after = window.curves.to_arrays()
    assert after.keys() == before.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)
    assert "validation cosine" in window.status.score_label.text()
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.curves.history.last_step() == 4, timeout=10_000)
    assert window.curves.history.of("loss.total").x.tolist() == [1, 2, 3, 4]


@pytest.mark.gl
@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("export", "weights.safetensors"),
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
    qtbot.waitUntil(lambda: window.status.facts_label.full_text == f"Saved {tmp_path / name}", timeout=5_000)
    assert window.preferences.folder == tmp_path, "the next dialog should open where this one was left"
    assert not window.errors.isVisible()
    if name.endswith(".toml"):
        assert SimpleProjectConfig.from_toml(tmp_path / name) == window.controller.summary.config


@pytest.mark.gl
def test_a_photo_shows_the_cube(qtbot, window, tmp_path):
    window.pictures.save_picture(tmp_path / "deep" / "cube.png", 320, 200)
    qtbot.waitUntil(lambda: "Saved" in window.status.facts_label.full_text, timeout=20_000)
    image = QImage(str(tmp_path / "deep" / "cube.png"))
    assert (image.width(), image.height()) == (320, 200)
    colours = {image.pixel(x, y) for x in range(0, 320, 8) for y in range(0, 200, 8)}
    assert len(colours) > 30


@pytest.mark.gl
def test_photos_do_not_overwrite_each_other(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr("app.actions.pictures.QStandardPaths.writableLocation", lambda _place: str(tmp_path))
    window.actions_["photo"].trigger()
    window.actions_["photo"].trigger()
    qtbot.waitUntil(lambda: len(list((tmp_path / "Cellcube").glob("small-*.png"))) == 2, timeout=20_000)


@pytest.mark.gl
def test_a_picture_that_cannot_be_written_is_told(qtbot, window, tmp_path):
    (tmp_path / "file").touch()
    window.pictures.save_picture(tmp_path / "file" / "cube.png", 64, 48)
    qtbot.waitUntil(window.errors.isVisible, timeout=20_000)
    window.errors.close()


@pytest.mark.gl
def test_a_picture_at_a_chosen_size(qtbot, window, tmp_path, answer):
    from app.pictures.dialog import PictureDialog

    answer(tmp_path / "large.png")
    window.actions_["picture"].trigger()
    dialog = window.findChild(PictureDialog)
    dialog.width_field.setValue(500)
    dialog.height_field.setValue(300)
    dialog.accept()
    qtbot.waitUntil(lambda: "Saved" in window.status.facts_label.full_text, timeout=20_000)
    assert QImage(str(tmp_path / "large.png")).width() == 500


@pytest.mark.gl
def test_a_movie_of_the_cube(qtbot, window, tmp_path, answer):
    answer(tmp_path / "cube.gif")
    window.actions_["record"].trigger()
    assert window.pictures.recorder.recording
    assert window.actions_["record"].isChecked()
    assert window.actions_["record"].text() == "End the movie"
    qtbot.wait(300)
    window.actions_["record"].trigger()
    qtbot.waitUntil(lambda: (tmp_path / "cube.gif").exists() and not window.actions_["record"].isChecked(),
                    timeout=30_000)  # fmt: skip
    qtbot.waitUntil(lambda: "frames" in window.status.facts_label.full_text, timeout=30_000)


@pytest.mark.gl
def test_closing_finishes_the_movie(qtbot, make_window, tmp_path):
    window = make_window()
    window.pictures.start_recording(tmp_path / "cube.mp4")
    qtbot.wait(200)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert (tmp_path / "cube.mp4").stat().st_size > 500


@pytest.mark.gl
def test_a_file_that_is_nothing_is_refused_before_anything_is_asked(make_window, qtbot, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    (tmp_path / "torn.safetensors").write_bytes(b"nonsense")
    window.files.open_path(tmp_path / "torn.safetensors")
    assert window.errors.isVisible()
    assert window.findChild(QuestionDialog) is None
    window.errors.close()


@pytest.mark.gl
def test_opening_another_run_offers_to_save_first(qtbot, make_window, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    before = window.controller.summary
    window.files.open_preset("debug")
    question = window.findChild(QuestionDialog)
    assert "1 training step since the last save" in question.findChild(QLabel).text()
    question.buttons["Cancel"].click()
    qtbot.wait(100)
    assert window.controller.summary is before
    window.files.open_preset("debug")
    with qtbot.waitSignal(window.controller.opened, timeout=20_000):
        window.findChildren(QuestionDialog)[-1].buttons["Don't save"].click()
    assert window.controller.summary.name == "debug"


@pytest.mark.gl
def test_only_files_that_opened_are_remembered(qtbot, window, tmp_path):
    good, bad = tmp_path / "run.safetensors", tmp_path / "torn.safetensors"
    saved(qtbot, window, lambda: window.controller.save(good))
    window.preferences.forget_files()
    bad.write_bytes(b"damaged")
    window.files.open_checkpoint(bad)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    assert window.preferences.recent_files == []
    settings = tmp_path / "run.toml"
    settings.write_text(window.controller.summary.config.to_toml(), encoding="utf-8")
    for path in (settings, good):
        with qtbot.waitSignal(window.controller.opened, timeout=10_000):
            window.files.open_path(path)
    assert window.preferences.recent_files == [good, settings]
