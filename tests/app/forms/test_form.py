"""Editors are typed into, dragged, stepped and reset; forms compare with what is applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.forms import SettingEditor, SettingsForm
from app.forms.inputs import ChoiceInput, FlagInput, NumberInput, SidesInput
from app.forms.texts import ListInput, TextInput
from app.widgets.number_entry import singular
from lattice.config import SimpleProjectConfig, flat_settings

RADIUS = "lattice.adaptive_radius_ratio"
RATE = "optimizer.learning_rate"
STEPS = "lattice.lattice_steps"
LIMIT = "training_embedding.max_total_samples"


def editor(qtbot: QtBot, key: str, **values: Any) -> SettingEditor:
    made = SettingEditor(key, **values)
    qtbot.addWidget(made)
    made.show()
    return made


def number(of: SettingEditor) -> NumberInput:
    assert isinstance(of.input, NumberInput)
    return of.input


def type_in(of: SettingEditor, text: str) -> None:
    spin = number(of).spin
    spin.selectAll()
    QTest.keyClicks(spin, text)
    QTest.keyClick(spin, Qt.Key.Key_Return)


def wheel(widget: QWidget, notches: int) -> bool:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_typing_is_taken_on_enter(qtbot: QtBot) -> None:
    row = editor(qtbot, RADIUS)
    edits: list[Any] = []
    row.edited.connect(edits.append)
    type_in(row, "0.35")
    assert edits == [0.35]
    assert row.changed
    assert row._mark.shown
    assert row.slider is not None
    assert row._scale is not None
    assert row.slider.value() == row._scale.position(0.35)


@pytest.mark.parametrize(
    ("text", "value"), [("1e-4", 1e-4), ("0,02", 0.02), ("5", 0.003), ("abc", 0.003), ("-1", 0.003)]
)
def test_typed_numbers_in_any_notation_and_only_within_bounds(qtbot: QtBot, text: str, value: float) -> None:
    row = editor(qtbot, RATE, applied=0.003)
    type_in(row, text)
    assert row.value() == value


def test_dragging_moves_the_number_and_rounds_it(qtbot: QtBot) -> None:
    row = editor(qtbot, RATE)
    assert row.slider is not None
    edits: list[Any] = []
    row.edited.connect(edits.append)
    row.slider.setValue(750)
    assert edits == [0.01]
    row.slider.setValue(751)
    assert row.value() == 0.01
    assert edits == [0.01], "a move that rounds to the same number is no edit"


def test_whole_numbers_stay_whole(qtbot: QtBot) -> None:
    row = editor(qtbot, STEPS)
    assert row.slider is not None
    row.slider.setValue(7)
    assert row.value() == 8
    assert isinstance(row.value(), int)


def test_the_wheel_steps_only_what_has_the_focus(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row, other = SettingEditor(STEPS), SettingEditor(RATE)
    layout = QVBoxLayout(window)
    layout.addWidget(row)
    layout.addWidget(other)
    window.show()
    window.activateWindow()
    assert row.slider is not None
    number(other).spin.setFocus()
    qtbot.waitUntil(number(other).spin.hasFocus)
    for widget in (number(row).spin, row.slider):
        assert not wheel(widget, 1), "the page below should scroll"
        assert row.value() == 5
    for widget, expected in ((number(row).spin, 6), (row.slider, 7)):
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        assert wheel(widget, 1)
        assert row.value() == expected


def test_a_combo_box_ignores_the_wheel_without_focus(qtbot: QtBot) -> None:
    row = editor(qtbot, "optimizer.schedule")
    assert isinstance(row.input, ChoiceInput)
    row.input.combo.clearFocus()
    assert not wheel(row.input.combo, -1)
    assert row.value() == "one_cycle"


@pytest.mark.parametrize(
    ("start", "steps", "end"), [(0.003, 1, 0.0031), (0.01, -1, 0.0099), (0.01, 1, 0.011), (0.5, -1, 0.49)]
)
def test_steps_change_the_second_digit(qtbot: QtBot, start: float, steps: int, end: float) -> None:
    row = editor(qtbot, RATE, applied=start)
    number(row).spin.stepBy(steps)
    assert row.value() == pytest.approx(end)


def test_arrow_keys_on_the_slider_step_the_number(qtbot: QtBot) -> None:
    row = editor(qtbot, "training_embedding.batch_size")
    assert row.slider is not None
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert row.value() > 32
    QTest.keyClick(row.slider, Qt.Key.Key_Left)
    assert row.value() == 32


def test_double_click_returns_to_the_preset(qtbot: QtBot) -> None:
    row = editor(qtbot, RADIUS, applied=0.4, preset=0.3)
    assert row.slider is not None
    row.slider.setValue(900)
    QTest.mouseDClick(row.slider, Qt.MouseButton.LeftButton)
    assert row.value() == 0.3
    assert row.changed
    row.set_value(0.8)
    QTest.mouseDClick(row._title, Qt.MouseButton.LeftButton)
    assert row.value() == 0.3


def test_escape_returns_to_the_applied_value(qtbot: QtBot) -> None:
    row = editor(qtbot, RADIUS, applied=0.4)
    spin = number(row).spin
    assert not _wants(spin, Qt.Key.Key_Escape), "without a change Escape belongs to the window"
    type_in(row, "0.5")
    assert _wants(spin, Qt.Key.Key_Escape)
    QTest.keyClick(spin, Qt.Key.Key_Escape)
    assert row.value() == 0.4
    assert not row.changed
    assert not row._mark.shown


def test_inputs_keep_their_navigation_keys_from_the_shortcuts(qtbot: QtBot) -> None:
    row = editor(qtbot, STEPS)
    assert row.slider is not None
    assert _wants(row.slider, Qt.Key.Key_Right)
    flag = editor(qtbot, "embedding_mapping.normalize_embeddings")
    assert isinstance(flag.input, FlagInput)
    assert not _wants(flag.input.check, Qt.Key.Key_Space), "Space is Start/Pause"
    assert not _wants(flag.input.check, Qt.Key.Key_F11)


def _wants(widget: QWidget, key: Qt.Key) -> bool:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_an_empty_value_has_a_word_and_a_check_box(qtbot: QtBot) -> None:
    row = editor(qtbot, LIMIT)
    box = number(row)
    assert row.value() is None
    assert box.empty.text() == "all"
    assert not box.spin.isVisible()
    edits: list[Any] = []
    row.edited.connect(edits.append)
    box.empty.click()
    assert edits == [1000]
    assert box.spin.isVisible()
    box.empty.click()
    assert row.value() is None
    assert not row.changed


def test_sides_move_together_while_linked(qtbot: QtBot) -> None:
    row = editor(qtbot, "lattice.dimensions")
    assert isinstance(row.input, SidesInput)
    edits: list[Any] = []
    row.edited.connect(edits.append)
    row.input.spins[1].setValue(12)
    assert edits == [(12, 12, 12)]
    row.input.link.click()
    row.input.spins[2].setValue(5)
    assert edits[-1] == (12, 12, 5)
    row.input.link.click()
    assert edits[-1] == (12, 12, 12)
    row.set_value((4, 5, 6))
    assert row.value() == (4, 5, 6)
    assert not row.input.link.isChecked()


def test_choices_flags_and_files(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    choice = editor(qtbot, "optimizer.schedule")
    assert isinstance(choice.input, ChoiceInput)
    assert choice.input.combo.currentText() == "one-cycle"
    choice.input.combo.setCurrentIndex(1)
    assert choice.value() == "cosine"
    flag = editor(qtbot, "embedding_mapping.normalize_embeddings")
    assert isinstance(flag.input, FlagInput)
    flag.input.check.click()
    assert flag.value() is False
    file = editor(qtbot, "logging.log_file")
    assert isinstance(file.input, TextInput)
    assert file.value() is None
    chosen = tmp_path / "run.log"
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: dialog.fileSelected.emit(str(chosen)))
    edits: list[Any] = []
    file.edited.connect(edits.append)
    file.input.browse.click()
    assert edits == [chosen]
    file.input.line.clear()
    file.input.line.editingFinished.emit()
    assert edits[-1] is None


def test_lists_are_separated_by_commas(qtbot: QtBot) -> None:
    names = editor(qtbot, "data.pair_columns")
    assert isinstance(names.input, ListInput)
    edits: list[Any] = []
    names.edited.connect(edits.append)
    names.input.line.setText("question, answer")
    names.input.line.editingFinished.emit()
    assert edits == [("question", "answer")]
    names.revert()
    assert names.value() is None
    shares = editor(qtbot, "data.weights", applied=(1.0, 2.0))
    assert isinstance(shares.input, ListInput)
    assert shares.input.line.text() == "1.0, 2.0"
    shares.input.line.setText("1, half")
    shares.input.line.editingFinished.emit()
    assert shares.value() == (1.0, 2.0), "what can't be read leaves the value as it was"
    assert shares.input.line.text() == "1.0, 2.0"


def test_units_are_in_the_singular_for_one(qtbot: QtBot) -> None:
    row = editor(qtbot, STEPS)
    assert number(row).spin.text() == "5 steps"
    row.set_value(1)
    assert number(row).spin.text() == "1 step"
    assert singular("floats per cell") == "float per cell"
    assert singular("batches") == "batch"
    assert singular("training steps") == "training step"


def test_setting_values_from_outside_emits_nothing(qtbot: QtBot) -> None:
    form = SettingsForm(SimpleProjectConfig(), [key for key, _ in flat_settings(SimpleProjectConfig())])
    qtbot.addWidget(form)
    other = SimpleProjectConfig.from_preset("optimized")
    with qtbot.assertNotEmitted(form.edited):
        form.set_config(other)
    assert form.changes() == {}
    assert form.candidate() == other


def test_every_setting_of_every_preset_is_shown_exactly(qtbot: QtBot) -> None:
    keys = [key for key, _ in flat_settings(SimpleProjectConfig())]
    form = SettingsForm(SimpleProjectConfig(), keys)
    qtbot.addWidget(form)
    for preset in ("debug", "experiment", "optimized"):
        config = SimpleProjectConfig.from_preset(preset)
        form.set_config(config)
        assert {key: row.value() for key, row in form.editors.items()} == dict(flat_settings(config))


def test_changes_cost_candidate_and_revert(qtbot: QtBot) -> None:
    form = SettingsForm(SimpleProjectConfig(), [RADIUS, STEPS, RATE, "model.state_size"])
    qtbot.addWidget(form)
    seen: list[dict[str, Any]] = []
    form.edited.connect(seen.append)
    number(form.editors[STEPS]).spin.setValue(7)
    assert (form.changes(), form.cost()) == ({STEPS: 7}, "live")
    number(form.editors[RADIUS]).spin.setValue(0.5)
    assert form.cost() == "stencil"
    assert form.candidate().lattice.lattice_steps == 7
    assert form.candidate().lattice.adaptive_radius_ratio == 0.5
    form.take({"model.state_size": 32, "unknown.key": 1})
    assert form.cost() == "rebuild"
    form.revert()
    assert seen[-1] == {}
    assert form.candidate() == form.config


def test_values_that_do_not_go_together_are_explained(qtbot: QtBot) -> None:
    keys = [f"lattice.{tier}_distance_ratio" for tier in ("local", "functional", "distant")]
    form = SettingsForm(SimpleProjectConfig(), keys)
    qtbot.addWidget(form)
    form.show()
    form.take({keys[0]: 0.7})
    assert form.problem.startswith("Distance ratios must rise: got local 0.7, functional 0.65, distant 1")
    assert form._problem.isVisible()
    form.take({keys[1]: 0.8})
    assert form.problem == ""


def test_applied_values_replace_what_was_not_touched_only(qtbot: QtBot) -> None:
    form = SettingsForm(SimpleProjectConfig(), [RADIUS, STEPS])
    qtbot.addWidget(form)
    form.take({RADIUS: 0.5})
    applied = SimpleProjectConfig().replaced({STEPS: 9})
    form.set_config(applied, keep_edits=True)
    assert form.editors[STEPS].value() == 9
    assert form.changes() == {RADIUS: 0.5}
    form.set_config(applied.replaced({RADIUS: 0.5}), keep_edits=True)
    assert form.changes() == {}
    form.take({RADIUS: 0.6})
    form.set_config(applied)
    assert form.editors[RADIUS].value() == 0.2


def test_headings_group_rows(qtbot: QtBot) -> None:
    form = SettingsForm(SimpleProjectConfig(), {"": [RADIUS], "Optimizer": [RATE]})
    qtbot.addWidget(form)
    assert list(form.editors) == [RADIUS, RATE]
    widget = QWidget()
    form.insert_below(RADIUS, widget)
    assert form._column.indexOf(widget) == form._column.indexOf(form.editors[RADIUS]) + 1


def test_every_row_fits_into_a_narrow_dock(qtbot: QtBot) -> None:
    for key, _ in flat_settings(SimpleProjectConfig()):
        assert editor(qtbot, key).minimumSizeHint().width() <= 280, key
