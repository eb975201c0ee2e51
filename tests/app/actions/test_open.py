"""Opening from the menu: presets, settings, checkpoints, recent files, and what is refused."""

import numpy as np
import pytest
from PyQt6.QtWidgets import QLabel, QMenu

from app.actions.dialogs import QuestionDialog
from app.window.menus import fill_recent


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


@pytest.mark.gl
def test_opening_another_run_offers_to_save_first(qtbot, make_window, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    before = window.controller.summary
    window.opener.open_preset("debug")
    question = window.findChild(QuestionDialog)
    assert "1 training step since the last save" in question.findChild(QLabel).text()
    question.buttons["Cancel"].click()
    qtbot.wait(100)
    assert window.controller.summary is before
    window.opener.open_preset("debug")
    with qtbot.waitSignal(window.controller.opened, timeout=20_000):
        window.findChildren(QuestionDialog)[-1].buttons["Don't save"].click()
    assert window.controller.summary.name == "debug"


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
