"""Opening from the menu: presets, settings, checkpoints, recent files, and what is refused."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QFileDialog, QLabel, QMenu

from app.actions.dialogs import QuestionDialog
from app.run.commands import OpenRun
from app.window.menus import fill_recent
from lattice.config import Wishes
from lattice.errors import DataMovedError, RebuildRefusedError


def saved(qtbot, window, act):
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        act()


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
        window.opener.open_preset("debug")
    assert window.curves.history.last_step() == -1
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_checkpoint(tmp_path / "run.safetensors")
    after = window.curves.to_arrays()
    assert after.keys() == before.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)
    assert "validation cosine" in window.status.score_label.text()
    assert "best baseline" in window.status.score_label.text()
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.curves.history.last_step() == 4, timeout=10_000)
    assert window.curves.history.of("loss.total").x.tolist() == [1, 2, 3, 4]


@pytest.mark.gl
def test_a_file_that_is_nothing_is_refused_before_anything_is_asked(make_window, qtbot, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    (tmp_path / "torn.safetensors").write_bytes(b"nonsense")
    window.opener.open_path(tmp_path / "torn.safetensors")
    assert window.errors.isVisible()
    assert window.findChild(QuestionDialog) is None
    window.errors.close()


def asked(qtbot, window):
    """Wait for the question and return it."""

    def shown():
        return [dialog for dialog in window.findChildren(QuestionDialog) if dialog.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=10_000)
    return shown()[0]


@pytest.mark.gl
def test_opening_another_run_offers_to_save_once_it_is_known_to_open(qtbot, make_window, runs):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    before, trainer = window.controller.summary, runs.trainer
    window.opener.open_preset("debug")
    question = asked(qtbot, window)
    assert len(runs.trainers) == 2, "it was built first"
    assert "1 training step not saved" in question.findChild(QLabel).text()
    question.buttons["Cancel"].click()
    window.controller.step_once()
    qtbot.waitUntil(lambda: trainer.training_step == 2, timeout=10_000)
    assert window.controller.summary is before
    assert window.controller._worker.active.ready is None
    window.opener.open_preset("debug")
    question = asked(qtbot, window)
    with qtbot.waitSignal(window.controller.opened, timeout=20_000):
        question.buttons["Don't save"].click()
    assert window.controller.summary.name == "debug"
    assert window.controller.unsaved_steps == 0


@pytest.mark.gl
def test_a_file_that_does_not_open_asks_nothing(qtbot, make_window, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    (tmp_path / "torn.safetensors").write_bytes(b"damaged")
    before = window.controller.summary
    window.opener.open_checkpoint(tmp_path / "torn.safetensors")
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    assert window.findChild(QuestionDialog) is None
    assert window.controller.summary is before


@pytest.mark.gl
def test_only_files_that_opened_are_remembered(qtbot, window, tmp_path):
    good, bad = tmp_path / "run.safetensors", tmp_path / "torn.safetensors"
    saved(qtbot, window, lambda: window.controller.save(good))
    window.preferences.forget_files()
    bad.write_bytes(b"damaged")
    window.opener.open_checkpoint(bad)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    assert window.preferences.recent_files == []
    settings = tmp_path / "run.toml"
    settings.write_text(window.controller.summary.config.to_toml(), encoding="utf-8")
    for path in (settings, good):
        with qtbot.waitSignal(window.controller.opened, timeout=10_000):
            window.opener.open_path(path)
    assert window.preferences.recent_files == [good, settings]


def requests_of(controller):
    """Return what is requested of the worker from now on, which carries out none of it."""
    requests = []
    controller.open = lambda request, done=None, failed=None: requests.append((request, failed))
    return requests


@pytest.mark.gl
def test_options_beside_a_checkpoint_go_along(make_window, tmp_path):
    wishes = Wishes({"teacher.model": "another"}, ("training_embedding.seed=5",))
    window = make_window(launch=False, resume=tmp_path, wishes=wishes, restart_student=True)
    requests = requests_of(window.controller)
    window.opener.open_first(window.options)
    request, _failed = requests[0]
    assert request.checkpoint == tmp_path / "checkpoint.safetensors", "a folder means its newest checkpoint"
    assert (request.wishes, request.restart_student) == (wishes, True)


@pytest.mark.gl
def test_a_run_that_would_lose_its_weights_is_opened_with_a_new_student_on_purpose_only(qtbot, window, runs, tmp_path):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    runs.refuse_open = RebuildRefusedError("it can't go on with training_embedding.seed 0 -> 5")
    window.opener.open(OpenRun("run.safetensors", checkpoint=path, wishes=Wishes({}, ("training_embedding.seed=5",))))
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert "seed 0 -> 5" in window.errors.what.text()
    assert window.errors.help_button.text() == "Begin a new student"
    assert not runs.requests[-1].restart_student
    runs.refuse_open = None
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.errors.help_button.click()
    assert runs.requests[-1].restart_student
    assert runs.requests[-1].wishes.assignments == ("training_embedding.seed=5",)


@pytest.mark.gl
def test_data_that_moved_can_be_located(qtbot, window, runs, tmp_path, answer):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    runs.refuse_open = DataMovedError("the data is no longer at rows.npy")
    window.opener.open_checkpoint(path)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert window.errors.help_button.text() == "Locate the data..."
    runs.refuse_open = None
    titles = answer(tmp_path / "moved.npy")
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.errors.help_button.click()
    assert titles == ["Locate the data of run.safetensors"]
    assert runs.requests[-1].checkpoint == path
    assert runs.requests[-1].wishes.named == {"training_embedding.data": str(tmp_path / "moved.npy")}


@pytest.mark.gl
@pytest.mark.parametrize(
    ("name", "was", "mode"), [("data.v2", "A folder", "Directory"), ("rows", "A file", "ExistingFile")]
)
def test_what_moved_is_located_as_the_file_or_folder_that_it_was(
    qtbot, window, runs, tmp_path, answer, monkeypatch, name, was, mode
):
    path = tmp_path / "run.safetensors"
    saved(qtbot, window, lambda: window.controller.save(path))
    monkeypatch.setattr("app.actions.open.missing_source", lambda _checkpoint, _wishes: str(tmp_path / name))
    runs.refuse_open = DataMovedError(f"the data is no longer at {name}")
    window.opener.open_checkpoint(path)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    runs.refuse_open = None
    titles = answer(tmp_path / "moved")
    window.errors.help_button.click()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.findChild(QuestionDialog).buttons[was].click()
    assert titles == [f"Locate {name}, data of run.safetensors"]
    modes = [dialog.fileMode() for dialog in window.findChildren(QFileDialog)]
    assert modes == [QFileDialog.FileMode[mode]]


@pytest.mark.gl
def test_a_pause_outlives_the_opening_of_another_run(qtbot, window, monkeypatch):
    window.opener.autostart = True
    requests = []
    monkeypatch.setattr(window.prompt, "open_instead", lambda request, *_: requests.append(request))
    assert window.controller.state == "paused"
    window.opener.open_preset("debug")
    window.controller._shown.take("finished")
    window.opener.open_preset("debug")
    assert [request.start for request in requests] == [False, True]


@pytest.mark.gl
def test_train_at_launch_holds_for_the_next_run_that_is_opened(make_window):
    window = make_window(launch=False, autostart=None)
    for on in (False, True):
        window.start.set_autostart(on)
        assert window.opener.trains_next() is on
    window.opener.autostart = False
    assert not window.opener.trains_next(), "the command line goes first"


def test_a_checkpoint_is_brought_back_paused_where_a_new_run_would_be_trained(window, tmp_path, monkeypatch):
    requested = []
    monkeypatch.setattr(window.opener, "open", lambda request, _path=None: requested.append(request))
    monkeypatch.setattr(type(window.controller), "stays_paused", property(lambda _controller: False))
    window.opener.autostart = True
    window.opener.open_checkpoint(tmp_path / "run.safetensors")
    window.opener.open_preset("debug")
    assert [request.start for request in requested] == [False, True]
