"""Five hundred things that a person might do, in a row, in any order."""

import pytest
from PyQt6.QtWidgets import QFileDialog

from app.run.messages import Failed
from tools.random_use import LEFT_OUT, RandomUse, close_dialogs

pytestmark = [pytest.mark.gl, pytest.mark.slow]

ACTIONS = 500


@pytest.mark.parametrize("seed", [0])
def test_random_actions_leave_the_window_whole(qtbot, make_window, runs, monkeypatch, seed):
    monkeypatch.setattr(QFileDialog, "open", lambda _dialog: None)
    runs.step_seconds = 0.001
    window = make_window()
    use = RandomUse(window, seed, LEFT_OUT | {"photo", "picture"})
    failures: list[Failed] = []
    window.controller.failed.connect(failures.append)
    for number in range(ACTIONS):
        use.act()
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
