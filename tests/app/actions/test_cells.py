"""The picked cell by keys, its context menu, and its state on the clipboard."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QMenu

from app.actions.cell_record import as_json, as_text, cell_record
from tests.app.fakes import FakeTrainer, small_config

CELL = (0, 3, 2)


@pytest.fixture
def observation():
    return FakeTrainer(small_config()).observe(7, learning_signal=True)


def test_the_record_holds_what_the_observation_does(observation):
    record = json.loads(as_json(cell_record(observation, CELL, 2)))
    assert (record["cell"], record["place"], record["sample"], record["row"]) == ([0, 3, 2], "surface", 8, 7), (
        "samples count from 1 as in the window, rows from 0 as in arrays"
    )
    assert (record["lattice_step"], record["lattice_steps"], record["erased"]) == (2, 3, False)
    np.testing.assert_allclose(record["state"], observation.states_TXYZC[2, 0, 3, 2], rtol=1e-6)
    np.testing.assert_allclose(record["traces"]["gates"], observation.trace["gates"][1, 0, 3, 2], rtol=1e-6)
    np.testing.assert_allclose(record["painted"], observation.skin_XYZm[CELL], rtol=1e-6)
    assert record["gradient_norm"] == pytest.approx(observation.signal_TXYZ[2, 0, 3, 2], rel=1e-6)


def test_the_painted_cube_has_no_traces_and_a_step_beyond_the_last_is_the_last(observation):
    assert "traces" not in cell_record(observation, (1, 1, 1), 0)
    assert "painted" not in cell_record(observation, (1, 1, 1), 0)
    assert cell_record(observation, (1, 1, 1), 99) == cell_record(observation, (1, 1, 1), 3)


def test_the_text_says_the_same_in_lines(observation):
    lines = as_text(cell_record(observation, CELL, 2)).splitlines()
    assert lines[:3] == [
        "cell (0, 3, 2), surface, of 4x4x4",
        "sample 8: text number 7",
        "training step 0, lattice step 2 of 3",
    ]
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "norm", "state", "painted", "read out after last step", "gradient norm", "gates",
    ]  # fmt: skip


def test_an_erased_cell_is_recorded_as_erased(observation):
    erased_XYZ = np.zeros((4, 4, 4), dtype=bool)
    erased_XYZ[CELL] = True
    record = cell_record(replace(observation, erased_XYZ=erased_XYZ), CELL, 2)
    assert record["erased"] is True
    assert as_text(record).startswith("cell (0, 3, 2), surface, erased, of 4x4x4")


def menu_of(window):
    return next(menu for menu in window.findChildren(QMenu, "cell_menu") if menu.isVisible())


def choose(window, text):
    menu = menu_of(window)
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


@pytest.mark.gl
def test_the_menu_of_a_cell(qtbot, window):
    window.cube.home(animated=False)
    middle = window.cube.rect().center()
    cell = window.cube.cell_at(middle.toPointF())
    canvas = window.cube.childAt(middle)
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=canvas.mapFrom(window.cube, middle))
    assert window.picked.cell is None, "opening it picks nothing"
    choose(window, "Copy state as JSON")
    assert json.loads(QApplication.clipboard().text())["cell"] == list(cell)
    window.cube.menu_requested.emit(cell, QPoint(9, 9))
    choose(window, "Only its shells")
    assert window.picked.cell == cell
    assert window.cube.state.isolate
    pose = window.cube.pose
    window.cube.menu_requested.emit(cell, QPoint(9, 9))
    choose(window, "Fly to it")
    qtbot.waitUntil(lambda: window.cube.pose != pose, timeout=10_000)
    QApplication.sendEvent(window.cube, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0)))
    choose(window, "Let it go")
    assert window.picked.cell is None
    window.appearance.set_isolate(False)
    window.actions_["isolate"].trigger()
    assert window.cube.state.isolate
    assert window.status.facts_label.text().startswith("Nothing is hidden yet. Pick a cell first: click it"), (
        "with nothing picked it would seem to do nothing"
    )


@pytest.mark.gl
def test_the_camera_goes_by_keys(qtbot, window):
    window.cube.setFocus()
    control, both = (
        Qt.KeyboardModifier.ControlModifier,
        (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
    )
    window.cube.home(animated=False)
    before = window.cube.pose
    qtbot.keyClick(window.cube, Qt.Key.Key_Right, control)
    assert window.cube.pose.azimuth == pytest.approx(before.azimuth + 8)
    qtbot.keyClick(window.cube, Qt.Key.Key_Up, control)
    assert window.cube.pose.elevation == pytest.approx(before.elevation + 8)
    qtbot.keyClick(window.cube, Qt.Key.Key_Left, both)
    assert window.cube.pose.target != before.target
    qtbot.keyClick(window.cube, Qt.Key.Key_Plus)
    assert window.cube.pose.distance == pytest.approx(0.86 * before.distance)
    qtbot.keyClick(window.cube, Qt.Key.Key_Minus)
    assert window.cube.pose.distance == pytest.approx(before.distance)
    assert window.picked.cell is None
    qtbot.keyClick(window.cube, Qt.Key.Key_C)
    assert window.picked.cell == window.cube.middle_cell is not None
