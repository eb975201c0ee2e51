"""The window as a whole, on fake trainers and a real canvas."""

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QFileDialog,
    QLineEdit,
    QScrollBar,
    QTabBar,
)

from app.actions.availability import why_disabled
from app.window.open_window import fitting_size
from lattice.errors import ConfigError, NonFiniteError
from tests.app.drops import drop
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl


def wait_for_state(qtbot, window, state):
    qtbot.waitUntil(lambda: window.controller.state == state, timeout=10_000)


def close_dialogs():
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()


def test_the_cube_is_there_before_the_run_is(make_window):
    window = make_window(launch=False)
    assert window.cube.isVisible()
    assert window.centralWidget() is window.central
    assert not window.actions_["toggle"].isEnabled()
    assert window.status.state_label.text() == "No run yet"
    assert why_disabled(window.actions_["save"]) == "there is no run. Open one from the File menu"
    window.controller.state_changed.emit("loading")
    assert why_disabled(window.actions_["save"]) == "the run is being loaded. Wait until it is open"


@pytest.mark.parametrize(
    ("screen", "size"),
    [((2560, 1440), (1600, 1000)), ((1440, 900), (1436, 862)), ((1920, 1000), (1600, 962)), ((1366, 768), (1362, 730))],
)
def test_the_fitting_size_leaves_room_for_the_frame(screen, size):
    assert fitting_size(QSize(*screen)) == size
    assert fitting_size(QSize(*screen), (900, 600)) == (900, 600)


def test_neither_the_first_nor_a_restored_window_is_larger_than_the_screen(make_window):
    for _ in range(2):
        window = make_window(launch=False, size=None)
        assert window.screen().availableGeometry().contains(window.frameGeometry())
        window.resize(4000, 3000)
        window.docks.store()


def test_an_opened_run_fills_the_window(window):
    assert window.windowTitle().startswith("small")
    assert window.cube.state.dimensions == (4, 4, 4)
    assert window.timeline.track.steps == 3
    assert window.timeline.step == window.display.step == 3
    assert window.sample_panel.text.text() == f"text number {window.display.sample}"
    assert window.data_panel.browser.model.rowCount() == 40
    assert window.actions_["toggle"].isEnabled()
    assert not window.training_panel.form.editors["device.graphs"].input.isEnabled(), "this run has no CUDA"
    assert window.cube.state.thresholds == pytest.approx(
        tuple(window.controller.summary.config.lattice.get_distance_thresholds())
    )


def test_every_control_says_what_it_does(window):
    inputs = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit)
    own = [part for part in window.findChildren(inputs) if not is_of_qt(part)]
    silent = [f"{type(part).__name__} {part.accessibleName()}" for part in own if not tip_of(part)]
    assert len(own) > 100
    assert silent == []


def is_of_qt(part):
    """Say whether a control is one that Qt makes, such as a scroll bar, or belongs to a dialog."""
    return (
        isinstance(part, QScrollBar)
        or part.objectName().startswith("qt_")
        or isinstance(part.parentWidget(), (QTabBar, QAbstractSpinBox, QComboBox))
        or isinstance(part.window(), QDialog)
    )


def tip_of(part):
    """Return the tooltip that the mouse finds: a control's own, or that of what it is in."""
    while part is not None and not part.toolTip() and not isinstance(part, QDockWidget):
        part = part.parentWidget()
    return "" if part is None or isinstance(part, QDockWidget) else part.toolTip()


def test_autostart_trains_at_once(qtbot, make_window):
    window = make_window(autostart=True)
    wait_for_state(qtbot, window, "training")
    assert window.actions_["toggle"].text() == "Pause"


def test_a_checkpoint_opens_paused_though_runs_are_trained_at_once(qtbot, make_window, runs, tmp_path):
    window = make_window(autostart=True)
    wait_for_state(qtbot, window, "training")
    file = tmp_path / "kept.safetensors"
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(file)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_path(file)
    wait_for_state(qtbot, window, "paused")
    calls = len(runs.trainer.calls)
    qtbot.wait(100)
    assert window.controller.state == "paused"
    assert "step" not in runs.trainer.calls[calls:]


def test_space_starts_and_pauses(qtbot, window):
    window.cube.setFocus()
    qtbot.keyClick(window.cube, Qt.Key.Key_Space)
    wait_for_state(qtbot, window, "training")
    qtbot.keyClick(window.cube, Qt.Key.Key_Space)
    wait_for_state(qtbot, window, "paused")
    assert window.actions_["toggle"].text() == "Start"


def test_three_fast_presses_are_three_training_steps(qtbot, window, runs):
    runs.trainer.step_seconds = 0.05
    window.cube.setFocus()
    for _ in range(3):
        qtbot.keyClick(window.cube, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: runs.trainer.training_step == 3, timeout=10_000)
    wait_for_state(qtbot, window, "paused")
    window.picked.set((1, 1, 1))
    qtbot.keyClick(window.cube, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: runs.trainer.training_step == 4, timeout=10_000)
    assert window.picked.cell == (1, 1, 1)


def test_right_walks_and_trains_never(qtbot, window, runs):
    window.cube.setFocus()
    middle = window.cube.middle_cell
    qtbot.keyClick(window.cube, Qt.Key.Key_Right)
    assert window.picked.cell == middle is not None
    qtbot.keyClick(window.cube, Qt.Key.Key_Left)
    assert window.picked.cell != middle
    qtbot.keyClick(window.cube, Qt.Key.Key_Right)
    assert window.picked.cell == middle
    qtbot.wait(50)
    assert "step" not in runs.trainer.calls


def test_every_colour_mode_by_its_key(qtbot, window):
    window.cube.setFocus()
    seen = []
    window.display.legend_changed.connect(lambda legend: seen.append(legend.name))
    for number in (2, 3, 4, 5, 6, 7, 8, 9, 1):
        qtbot.keyClick(window.cube, Qt.Key(Qt.Key.Key_0 + number))
        mode = window.display.mode
        assert window.actions_[f"mode_{mode}"].isChecked()
        assert window.toolbar.modes.currentData() == mode
    qtbot.waitUntil(lambda: not window.controller.observing, timeout=10_000)
    assert len(set(seen)) == 9


def test_the_learning_signal_is_measured_only_when_it_is_shown(qtbot, window):
    assert window.display.observation.signal_TXYZ is None
    window.display.set_mode("signal")
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.signal_TXYZ is not None,
        timeout=10_000,
    )


def test_the_mean_states_are_brought_only_for_a_mode_that_needs_them(qtbot, window):
    assert window.display.observation.mean_TXYZC is None
    window.display.set_mode("message")
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.mean_TXYZC is not None,
        timeout=10_000,
    )
    window.display.set_mode("message_channel")
    window.inspector.channel_wanted.emit(2)
    assert (window.display.mode, window.display.channel) == ("message_channel", 2)
    window.display.set_mode("norm")
    window.inspector.channel_wanted.emit(1)
    assert (window.display.mode, window.display.channel) == ("channel", 1)


def test_curves_and_status_follow_training(qtbot, window):
    window.controller.start()
    qtbot.waitUntil(lambda: window.curves.history.last_step() > 20, timeout=20_000)
    window.controller.pause()
    wait_for_state(qtbot, window, "paused")
    qtbot.waitUntil(lambda: "validation cosine 0." in window.status.score_label.text(), timeout=5_000)
    assert "of 600" in window.status.facts_label.full_text


def test_watching_another_sample(qtbot, window):
    window.sample_panel.sample_wanted.emit(7)
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == 7, timeout=10_000
    )
    assert window.toolbar.sample.toolTip().startswith("text number 7")


def test_settings_applied_in_mid_run(qtbot, window, runs):
    window.controller.start()
    qtbot.waitUntil(lambda: runs.trainer.training_step > 3, timeout=10_000)
    changes = {"lattice.lattice_steps": 6, "lattice.adaptive_radius_ratio": 0.4}
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced(changes))
    qtbot.waitUntil(lambda: window.timeline.track.steps == 6, timeout=10_000)
    assert window.cube.state.thresholds[2] == pytest.approx(1.6)
    assert window.controller.state == "training"


def test_another_size_in_mid_run(qtbot, window):
    window.picked.set((3, 3, 3))
    window.controller.start()
    config = window.controller.summary.config.replaced({"lattice.dimensions": (3, 5, 2)})
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(config)
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.dimensions == (3, 5, 2),
        timeout=10_000,
    )
    assert window.cube.state.dimensions == (3, 5, 2)
    assert window.picked.cell is None
    assert window.appearance.slices[1].size_of_axis == 5


def test_refused_settings_are_explained_and_training_goes_on(qtbot, window, runs):
    window.controller.start()
    runs.trainer.refuse_apply = ConfigError("the stencils would need 900 GB")
    window.controller.apply(window.controller.summary.config.replaced({"lattice.lattice_steps": 4}))
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert window.errors.what.text() == "the stencils would need 900 GB"
    assert window.controller.state == "training"
    window.errors.close()


def test_an_error_while_training_pauses_and_the_window_survives(qtbot, window, runs):
    runs.trainer.fail_at, runs.trainer.error = 2, NonFiniteError("the loss is not finite; lower the learning rate")
    window.controller.start()
    banner = window.central.banner
    qtbot.waitUntil(banner.isVisible, timeout=10_000)
    assert banner.label.text().startswith("Training stopped: the loss is not finite; lower the learning rate")
    assert not window.errors.isVisible(), "it is said once"
    assert window.status.state_label.text() == "Stopped by an error"
    runs.trainer.fail_at = None
    window.actions_["toggle"].trigger()
    wait_for_state(qtbot, window, "training")


def test_closing_while_training_leaves_no_thread(qtbot, make_window):
    window = make_window(autostart=True)
    wait_for_state(qtbot, window, "training")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert not window.controller.running


def test_closing_while_loading_leaves_no_thread(qtbot, make_window, runs):
    window = make_window()
    runs.open_seconds = 30.0
    with qtbot.waitSignal(window.controller.progressed, timeout=10_000):
        window.opener.open_preset("debug")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert not window.controller.running


def question(window):
    found = [child for child in window.findChildren(QDialog) if child.isVisible() and hasattr(child, "buttons")]
    return found[0] if found else None


def test_closing_offers_to_save(qtbot, make_window, runs, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    window.close()
    qtbot.waitUntil(lambda: question(window) is not None, timeout=10_000)
    question(window).buttons["Cancel"].click()
    assert window.isVisible()
    window.saver.path = tmp_path / "saved.safetensors"
    window.close()
    question(window).buttons["Save"].click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert (tmp_path / "saved.safetensors").exists()


def test_cancelling_the_close_goes_on_training(qtbot, make_window):
    window = make_window(asks=True, autostart=True)
    qtbot.waitUntil(lambda: window.controller.unsaved_steps > 2, timeout=10_000)
    window.close()
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
    question(window).reject()
    wait_for_state(qtbot, window, "training")


def test_a_signal_closes_the_window_that_asks_whether_to_save(qtbot, make_window):
    window = make_window(asks=True, autostart=True)
    qtbot.waitUntil(lambda: window.controller.unsaved_steps > 2, timeout=10_000)
    window.close()
    qtbot.waitUntil(lambda: question(window) is not None, timeout=10_000)
    window.interrupt()
    assert question(window) is None
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert not window.controller.running
    assert window.autosave.checkpoint.exists()


def test_a_save_that_fails_keeps_the_window(qtbot, make_window, tmp_path):
    window = make_window(asks=True)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    (tmp_path / "blocker").write_text("")
    window.saver.path = tmp_path / "blocker" / "run.safetensors"
    window.close()
    question(window).buttons["Save"].click()
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert window.isVisible()
    window.errors.close()


def test_dropping_settings_data_and_checkpoints(qtbot, window, runs, tmp_path):
    settings = tmp_path / "mine.toml"
    settings.write_text(small_config(lattice__dimensions=(3, 3, 3)).to_toml())
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        drop(window, settings)
    assert window.cube.state.dimensions == (3, 3, 3)
    data = tmp_path / "words.txt"
    data.write_text("a\nb\n")
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        drop(window, data)
    assert runs.trainer.config.training_embedding.data == str(data)
    saved = tmp_path / "run.safetensors"
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(saved)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        drop(window, saved)
    assert window.controller.summary.checkpoint == saved


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("broken.toml", "[lattice\n", "is not valid TOML"),
        ("typo.toml", "[lattice]\ndimension = [3, 3, 3]\n", "lattice.dimensions"),
        ("picture.jpeg", "x", "has an unknown ending"),
    ],
)
def test_bad_files_are_explained_and_the_run_goes_on(qtbot, window, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_text(content)
    before = window.controller.summary
    drop(window, path)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert words in window.errors.what.text()
    assert window.controller.summary is before
    window.errors.close()


def test_a_missing_file_is_explained(qtbot, window, tmp_path):
    window.opener.open_path(tmp_path / "gone.toml")
    assert window.errors.isVisible()
    assert "there is no file" in window.errors.what.text()
    window.errors.close()


def test_two_dropped_files_are_refused(window, tmp_path):
    before = window.controller.summary
    drop(window, tmp_path / "a.toml", tmp_path / "b.toml")
    assert window.controller.summary is before
    assert not window.errors.isVisible()


def test_every_action_can_be_triggered(qtbot, window, runs, monkeypatch):
    monkeypatch.setattr(QFileDialog, "open", lambda self: None)
    window.picked.set((1, 2, 3))
    for id_ in window.actions_:
        if id_ in ("quit", "full_screen"):
            continue
        window.actions_[id_].trigger()
        qtbot.wait(5)
        close_dialogs()
        assert not window.errors.isVisible(), f"{id_}: {window.errors.what.text()}"
    qtbot.waitUntil(lambda: window.controller.state != "loading", timeout=10_000)


def test_full_screen_and_back(qtbot, window):
    window.actions_["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen, timeout=5_000)
    window.view.escape()
    qtbot.waitUntil(lambda: not window.isFullScreen(), timeout=5_000)


def test_hiding_all_panels_and_bringing_them_back(window):
    shown = {id_ for id_ in ("appearance", "inspector", "sample", "curves") if not window.docks[id_].isHidden()}
    window.actions_["hide_panels"].trigger()
    assert all(window.docks[id_].isHidden() for id_ in shown)
    window.actions_["hide_panels"].trigger()
    assert all(not window.docks[id_].isHidden() for id_ in shown)


def test_the_theme_reaches_cube_and_preferences(window):
    window.view.set_theme("light")
    assert not window.theme.theme.dark
    assert window.preferences.theme == "light"
    assert window.actions_["theme_light"].isChecked()
    window.view.set_theme("dark")
    assert window.theme.theme.dark


def test_the_curves_that_were_shown_come_back(qtbot, make_window):
    first = make_window(launch=False)
    first.curves.show_plots(["cosine", "gate"])
    first.curves.tools.smoothing.setValue(3)
    first.close()
    qtbot.waitUntil(lambda: not first.isVisible(), timeout=10_000)
    again = make_window(launch=False)
    assert again.curves.shown_plots() == ["cosine", "gate"]
    assert again.curves.tools.smoothing.value() == 3
