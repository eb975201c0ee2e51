"""`--screenshot`: waits for training, lets the window settle, saves its picture, and closes it."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer

from app.options import StartOptions
from app.run.messages import Failed, StepsDone
from app.window.main_window import MainWindow
from lattice.cli.endings import BAD_INPUT
from lattice.log import logger

SETTLE_MILLISECONDS = 500
"""Time for the last observation and the curves to appear."""
SMOOTH_MILLISECONDS = 200
MOST_WAITS = 50
"""Looks at whether the observation is complete, then at whether its picture is smooth, before it is taken as it is."""
FAILED = 1


class Photographer(QObject):
    """Takes one picture of the whole window."""

    def __init__(self, window: MainWindow, options: StartOptions) -> None:
        """Wait for the training step that the options name."""
        super().__init__(window)
        self.code = FAILED
        """Exit code: 0 once a picture with the cube in it is saved."""
        self._window = window
        self._options = options
        self._taken = False
        self._still = False
        self._waits = 0
        self._timer = QTimer(self)
        self._timer.setObjectName("photographer")
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MILLISECONDS)
        self._timer.timeout.connect(self._take)
        controller = window.controller
        controller.opened.connect(self._on_opened)
        controller.stepped.connect(self._on_stepped)
        controller.state_changed.connect(self._on_state)
        controller.failed.connect(self._on_failed)

    def _on_opened(self, _summary: object) -> None:
        show_scene(self._window, self._options.scene)
        if self._options.after_training_steps <= 0:
            self._timer.start()
        else:
            self._window.controller.start()

    def _on_stepped(self, message: StepsDone) -> None:
        if message.reports[-1].training_step >= self._options.after_training_steps and self._idle():
            self._timer.start()

    def _on_state(self, state: str) -> None:
        if state == "finished" and self._idle():
            self._timer.start()

    def _idle(self) -> bool:
        return not self._taken and not self._timer.isActive()

    def _lacks(self) -> bool:
        """Return whether the observation on screen lacks what comes for its colours or the picked cell's page."""
        seen, mode = self._window.display.observation, self._window.display.colors.mode
        if seen is None or (mode.needs_mean and seen.mean_TXYZC is None):
            return True
        return (mode.needs_signal or self._window.picked.cell is not None) and seen.signal_TXYZ is None

    def _on_failed(self, failure: Failed) -> None:
        logger.error("no picture: %s: %s", failure.title, failure.what)
        self._window.close()

    def _take(self) -> None:
        if self._taken or self._options.screenshot is None:
            return
        self._waits += 1
        if not self._still:
            if self._lacks() and self._waits < MOST_WAITS:
                self._timer.start(SMOOTH_MILLISECONDS)
                return
            # Training goes on, but the cube stands still, so that its picture can be smoothed.
            self._window.display.close()
            self._still, self._waits = True, 1
        if not self._window.cube.smoothed and self._waits < MOST_WAITS:
            self._timer.start(SMOOTH_MILLISECONDS)
            return
        self._taken = True
        wanted, shown = self._options.color_mode, self._window.display.mode
        if wanted not in (None, shown):
            self.code = BAD_INPUT
            logger.error("no picture: the cube is coloured by '%s', not by '%s' as requested", shown, wanted)
            self._window.close()
            return
        path = self._options.screenshot
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._window.grab().save(str(path)):
            self.code = 0 if self._window.cube.frames_drawn else FAILED
            logger.info("saved %s", path)
            if self.code == FAILED:
                logger.error("the picture %s shows no cube: it could not be drawn", path)
        else:
            logger.error("the picture %s can't be written", path)
        self._window.close()


def show_scene(window: MainWindow, scene: str) -> None:
    """Arrange the cube for a picture; `scene` is one of the names in `options.Scene`."""
    x, y, z = window.cube.state.dimensions
    if scene == "sliced":
        window.appearance.slices[1].set_range(y // 3, y)
        window.appearance.slices[2].set_range(0, z - z // 4)
    elif scene == "focus":
        window.picked.set((x - 1, y // 4, z // 2))
        window.appearance.set_isolate(False)
    elif scene == "inside":
        window.appearance.set_spheres(True)
        window.appearance.surface.setValue(20)
