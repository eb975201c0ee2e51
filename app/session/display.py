"""Keeps the picture in step with the run: asks for observations, colours them, and hands them to the panels.

At most one observation is on its way. The next one is asked for when the last one has been shown, so a fast trainer
never fills a queue, and observing takes at most a set share of the worker's time.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.color.colorizer import Colorizer
from app.cube.color.legend import Legend
from app.cube.color.modes import ColorMode
from app.cube.state import Cell
from app.cube.view import CubeView
from app.platform.latest_job import Latest
from app.run.controller import RunController
from app.run.messages import Applied, Observed
from app.run.summary import RunSummary
from app.session.observe_throttle import ObserveThrottle
from lattice.training.reports import Observation

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

COLOURED_AT_ONCE = 32**3
"""Cells up to which colouring takes no time worth a thread; more are coloured beside the window."""


class Display(QObject):
    """Owns the newest observation, the chosen lattice step and the colours."""

    observation_shown = pyqtSignal(object, int)
    """Observation and lattice step now on screen."""
    legend_changed = pyqtSignal(object)
    mode_changed = pyqtSignal(str)
    channel_changed = pyqtSignal(int)
    lock_changed = pyqtSignal(bool)
    sample_changed = pyqtSignal(int)

    def __init__(self, controller: RunController, cube: CubeView, parent: QObject | None = None) -> None:
        """Watch a controller's run; nothing is asked for before a run is open."""
        super().__init__(parent)
        self._controller = controller
        self._cube = cube
        self._colorizer = Colorizer()
        self._observation: Observation | None = None
        self._step = 0
        self._sample = 0
        self._dataset: EmbeddingDataset | None = None
        self._probe: tuple[NDArray[np.float32], str] | None = None
        self._wants_signal = False
        self._painter = Latest(self, overtaken=True)
        self._painter.done.connect(lambda painted: self._show(*painted))
        self._lookout = ObserveThrottle(controller, self._ask, self)
        controller.observed.connect(self._on_observed)
        controller.opened.connect(self._on_opened)
        controller.applied.connect(self._on_applied)
        controller.stepped.connect(lambda _message: self.look_again())
        controller.state_changed.connect(lambda _state: self.look_again())
        cube.frame_drawn.connect(lambda milliseconds: self._lookout.drawn(milliseconds / 1000))

    @property
    def observation(self) -> Observation | None:
        """What is on screen."""
        return self._observation

    @property
    def step(self) -> int:
        """Lattice step on screen."""
        return self._step

    @property
    def sample(self) -> int:
        """The watched sample."""
        return self._sample

    @property
    def mode(self) -> ColorMode:
        """Colour mode."""
        return self._colorizer.mode

    @property
    def channel(self) -> int:
        """State channel of the mode that shows one."""
        return self._colorizer.channel

    def watch(self, sample: int) -> None:
        """Watch another sample of the data."""
        self._sample, self._probe = sample, None
        self.sample_changed.emit(sample)
        self.look_again()

    def watch_embedding(self, embedding_D: NDArray[np.float32], text: str) -> None:
        """Watch an embedding that need not be in the data, float32 [D]."""
        self._probe = (embedding_D, text)
        self.look_again()

    def set_step(self, step: int) -> None:
        """Show another lattice step, at once."""
        self._step = step
        self._paint()

    def set_mode(self, mode: str) -> None:
        """Colour by something else."""
        if mode != self._colorizer.mode:
            self._colorizer.mode = ColorMode(mode)
            self.mode_changed.emit(mode)
            self._paint()
            if self._lacks_signal():
                self.look_again()

    def set_channel(self, channel: int) -> None:
        """Choose the channel that is shown when one is shown."""
        if channel == self._colorizer.channel:
            return
        self._colorizer.channel = channel
        self.channel_changed.emit(channel)
        self._paint()

    def set_locked(self, locked: bool) -> None:
        """Keep the range of the colours as it is, or let it follow the data."""
        self._colorizer.locked = locked
        self.lock_changed.emit(locked)
        self._paint()

    def set_theme(self, dark: bool) -> None:
        """Use colours for the dark or the light ground."""
        self._colorizer.dark = dark
        self._paint()

    def set_signal_wanted(self, wanted: bool) -> None:
        """Also measure the learning signal, for the inspector; the colour mode asks for it by itself."""
        if wanted != self._wants_signal:
            self._wants_signal = wanted
            if self._lacks_signal():
                self.look_again()

    def value_at(self, cell: Cell) -> str:
        """Return what the colour of a cell means, in words; empty while nothing is shown."""
        observation = self._observation
        if observation is None or any(at >= side for at, side in zip(cell, observation.dimensions, strict=True)):
            return ""
        return self._colorizer.value(observation, self._step, cell)

    def look_again(self) -> None:
        """Ask for a new observation as soon as that may be."""
        self._lookout.look_again()

    def close(self) -> None:
        """Ask for nothing more; what is on screen stays."""
        self._lookout.close()
        self._painter.close()

    def _ask(self) -> bool:
        embedding, text = self._probe or (None, "")
        return self._controller.observe(
            self._sample, embedding=embedding, text=text, learning_signal=self._signal_needed()
        )

    def _signal_needed(self) -> bool:
        return self._wants_signal or self.mode is ColorMode.SIGNAL

    def _lacks_signal(self) -> bool:
        seen = self._observation
        return self._signal_needed() and seen is not None and seen.signal_TXYZ is None

    def _on_opened(self, summary: RunSummary) -> None:
        self._forget(summary)
        self._cube.set_dimensions(summary.config.lattice.dimensions)
        self.sample_changed.emit(self._sample)
        if self._controller.starting:
            self._lookout.look_now()
        else:
            self.look_again()

    def _on_applied(self, message: Applied) -> None:
        if message.summary.dataset is not self._dataset:
            self._forget(message.summary)
            self.sample_changed.emit(self._sample)
        elif message.cost == "rebuild" or message.undone:
            self._forget_student(message)
        if (watched := message.watched) is not None:  # undone: what was watched then comes back as well
            self._probe = None if watched.embedding is None else (watched.embedding, watched.text)
            self._sample = watched.sample
            self.sample_changed.emit(self._sample)
        self.look_again()

    def _forget(self, summary: RunSummary) -> None:
        """Forget what was seen of another run or of other data: its numbers mean nothing here."""
        self._observation = self._probe = None
        self._painter.forget()
        self._begin_colours(summary.config.model.state_size)
        if summary.dataset is not self._dataset:
            # A held-out sample: what the cube makes of it was never trained on.
            self._dataset = summary.dataset
            self._sample = int(summary.dataset.validation_indices[0])

    def _forget_student(self, message: Applied) -> None:
        """Forget what was seen of a student that is gone; its observation must not set the new one's colours."""
        self._observation = None
        self._painter.forget()
        if "model.state_size" in message.changed:
            self._begin_colours(message.summary.config.model.state_size)
        else:
            self._colorizer.renew()

    def _on_observed(self, message: Observed) -> None:
        observation = message.observation
        summary = self._controller.summary
        self._lookout.observed(message.seconds)
        of_gone_probe = observation.sample < 0 and self._probe is None
        if of_gone_probe or (summary is not None and observation.dimensions != summary.config.lattice.dimensions):
            self.look_again()
            return
        self._observation = observation
        self._paint()

    def _begin_colours(self, channels: int) -> None:
        """Forget ranges and axes that belong to other states."""
        self._colorizer.reset()
        self._colorizer.channel = min(self._colorizer.channel, channels - 1)
        self.channel_changed.emit(self._colorizer.channel)
        self.lock_changed.emit(False)

    def _paint(self) -> None:
        observation = self._observation
        if observation is None:
            return
        step = min(self._step, len(observation.states_TXYZC) - 1)
        paint, legend = self._colorizer.prepare(observation, step)

        def painted() -> tuple[Observation, int, NDArray[np.uint8], Legend, float]:
            began = time.monotonic()
            return observation, step, paint(), legend, time.monotonic() - began

        if math.prod(observation.dimensions) <= COLOURED_AT_ONCE:
            self._painter.forget()
            self._show(*painted())
        else:
            self._painter.ask(painted)

    def _show(
        self, observation: Observation, step: int, rgba: NDArray[np.uint8], legend: Legend, seconds: float
    ) -> None:
        summary = self._controller.summary
        if summary is None or observation.dimensions != summary.config.lattice.dimensions:
            return  # the lattice changed since this was asked for
        self._lookout.coloured(seconds)
        self._cube.set_colors(rgba)
        self.legend_changed.emit(legend)
        self.observation_shown.emit(observation, step)
