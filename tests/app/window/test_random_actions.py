"""Five hundred things that a person might do, in a row, in any order."""

import random

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog

from app.run.messages import Failed

pytestmark = [pytest.mark.gl, pytest.mark.slow]

ACTIONS = 500
LEFT_OUT = {"quit", "full_screen", "photo", "picture"}


def close_dialogs():
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()


@pytest.mark.parametrize("seed", [0])
def test_random_actions_leave_the_window_whole(qtbot, make_window, runs, monkeypatch, seed):
    monkeypatch.setattr(QFileDialog, "open", lambda _dialog: None)
    runs.step_seconds = 0.001
    window = make_window()
    rng = random.Random(seed)
    failures: list[Failed] = []
    window.controller.failed.connect(failures.append)
    ids = [id_ for id_ in window.actions_ if id_ not in LEFT_OUT]

    def trigger():
        window.actions_[rng.choice(ids)].trigger()

    def pick():
        sides = window.cube.state.dimensions
        window.picked.set(tuple(rng.randrange(-1, side + 1) for side in sides))

    def edit():
        config = window.controller.summary.config
        side = rng.randrange(1, 6)
        changes = rng.choice(
            [
                {"lattice.dimensions": (side, rng.randrange(1, 6), side)},
                {"lattice.lattice_steps": rng.randrange(1, 7)},
                {"lattice.adaptive_radius_ratio": rng.uniform(0.1, 1.0)},
                {"model.state_size": rng.randrange(2, 9)},
                {"optimizer.learning_rate": rng.uniform(1e-4, 1e-2)},
            ]
        )
        window.controller.apply(config.replaced(changes))

    def scrub():
        window.timeline.set_step(rng.randrange(8))

    def watch():
        window.sample_panel.sample_wanted.emit(rng.randrange(40))

    def click():
        cube = window.cube
        point = QPoint(rng.randrange(cube.width()), rng.randrange(cube.height()))
        target = cube.childAt(point) or cube
        qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=target.mapFrom(cube, point))

    def appearance():
        panel = window.appearance
        cutting = panel.cutting
        dials = [panel.surface, panel.interior, panel.gap, cutting.turn, cutting.tilt, cutting.shift]
        rng.choice(dials).setValue(rng.randrange(0, 60))
        rng.choice([cutting.on, cutting.through, panel.spheres, panel.isolate, panel.lock]).toggle()
        rng.choice(panel.slices).set_range(rng.randrange(6), rng.randrange(6))

    def key():
        keys = [
            Qt.Key.Key_Space,
            Qt.Key.Key_Period,
            Qt.Key.Key_Right,
            Qt.Key.Key_C,
            Qt.Key.Key_Escape,
            Qt.Key.Key_P,
            Qt.Key.Key_BracketLeft,
        ]
        window.cube.setFocus()
        qtbot.keyClick(window.cube, rng.choice(keys))

    doings = [trigger, trigger, trigger, pick, edit, scrub, watch, click, appearance, key]
    for number in range(ACTIONS):
        rng.choice(doings)()
        if number % 5 == 0:
            qtbot.wait(2)
        close_dialogs()
    window.controller.pause()
    qtbot.waitUntil(lambda: window.controller.state in ("paused", "finished"), timeout=30_000)
    assert failures == []
    # Still alive: it trains, and the picture shows the lattice that is trained.
    if window.controller.state == "finished":
        window.controller.reset()
        qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
    before = runs.trainer.training_step
    window.controller.step_once()
    qtbot.waitUntil(lambda: runs.trainer.training_step > before, timeout=10_000)
    qtbot.waitUntil(
        lambda: (
            window.display.observation is not None
            and window.display.observation.dimensions == runs.trainer.config.lattice.dimensions
        ),
        timeout=10_000,
    )
    assert window.cube.state.dimensions == runs.trainer.config.lattice.dimensions
