"""Keeps the picture in step with the run: requests observations, has them coloured, and hands them to the panels.

At most one observation is on its way. The next one is requested when the last one has been shown, so a fast trainer
never fills a queue, and observing takes at most a set share of the worker's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.color.modes import ColorMode
from app.cube.state import Cell
from app.cube.view import CubeView
from app.run.controller import RunController
from app.run.messages import Applied, Observed
from app.run.summary import RunSummary
from app.session.colors import CubeColors, Painted
from app.session.erased import ErasedCells
from app.session.observe_throttle import ObserveThrottle
from lattice.config import cost_of_key
from lattice.training.reports import Observation

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset


class Display(QObject):
    """Owns the newest observation and the chosen lattice step; `colors` knows what the colours mean."""

    observation_shown = pyqtSignal(object, int)
    """Observation and lattice step now on screen."""
    legend_changed = pyqtSignal(object)
    mode_changed = pyqtSignal(str)
    """Name of the colour mode that is shown from now on."""
    modes_changed = pyqtSignal()
    """`modes` is another list: a plugin was loaded or removed, or the cell rule traces other names."""
    channel_changed = pyqtSignal(int)
    lock_changed = pyqtSignal(bool)
    sample_changed = pyqtSignal(int)

    def __init__(self, controller: RunController, cube: CubeView, parent: QObject | None = None) -> None:
        """Watch a controller's run; nothing is requested before a run is open."""
        super().__init__(parent)
        self._controller, self._cube = controller, cube
        self._observation: Observation | None = None
        self._step = self._sample = 0
        self._dataset: EmbeddingDataset | None = None
        self._probe: tuple[NDArray[np.float32], str] | None = None
        self._wants_signal = False
        self.colors = colors = CubeColors(self)
        controller.colors = colors.to_arrays
        colors.painted.connect(self._show)
        colors.outdated.connect(self._paint)
        colors.mode_changed.connect(lambda _name: self._look_for_missing())
        for ours, theirs in (
            (self.mode_changed, colors.mode_changed),
            (self.modes_changed, colors.modes_changed),
            (self.channel_changed, colors.channel_changed),
            (self.lock_changed, colors.lock_changed),
        ):
            theirs.connect(ours)
        self.erased = ErasedCells(self)
        self.erased.changed.connect(self.look_again)
        self._throttle = ObserveThrottle(controller, self._ask, self)
        controller.observed.connect(self._on_observed)
        controller.opened.connect(self._on_opened)
        controller.applied.connect(self._on_applied)
        controller.stepped.connect(lambda _message: self.look_again())
        controller.state_changed.connect(lambda _state: self.look_again())
        cube.frame_drawn.connect(lambda milliseconds: self._throttle.drawn(milliseconds / 1000))

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
    def mode(self) -> str:
        """Name of the colour mode."""
        return self.colors.mode.name

    @property
    def modes(self) -> tuple[ColorMode, ...]:
        """Colour modes that can be chosen now, in order: built in, plugged in, one for each other trace."""
        return self.colors.modes

    @property
    def channel(self) -> int:
        """State channel of the mode that shows one."""
        return self.colors.channel

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
        """Colour by something else; raises ValueError where there is no such mode."""
        self.colors.set_mode(mode)

    def set_channel(self, channel: int) -> None:
        """Choose the channel that is shown when one is shown."""
        self.colors.set_channel(channel)

    def set_theme(self, dark: bool) -> None:
        """Use colours for the dark or the light ground."""
        self.colors.set_theme(dark)

    def refresh_modes(self) -> None:
        """List the colour modes again, after plugins were loaded, reloaded or removed."""
        self.colors.refresh_modes()
        self._look_for_missing()

    def set_signal_wanted(self, wanted: bool) -> None:
        """Also measure the learning signal, for the inspector; the colour mode requests it by itself."""
        self._wants_signal = wanted
        self._look_for_missing()

    def value_at(self, cell: Cell) -> str:
        """Return what the colour of a cell means, in words; empty while nothing is shown."""
        return "" if self._observation is None else self.colors.value_at(self._observation, self._step, cell)

    def show(self, observation: Observation) -> None:
        """Show an observation of the run until the next one comes."""
        self._observation = observation
        self.colors.refresh_modes(observation)
        self._paint()

    def look_again(self) -> None:
        """Request a new observation at the next allowed time."""
        self._throttle.look_again()

    def close(self) -> None:
        """Request nothing more; what is on screen stays."""
        self._throttle.close()
        self.colors.close()

    def _ask(self) -> bool:
        embedding, text = self._probe or (None, "")
        return self._controller.observe(
            self._sample,
            embedding=embedding,
            text=text,
            learning_signal=self._signal_needed(),
            erased=self.erased.mask_XYZ,
            mean_states=self.colors.mode.needs_mean,
        )

    def _signal_needed(self) -> bool:
        return self._wants_signal or self.colors.mode.needs_signal

    def _look_for_missing(self) -> None:
        """Request an observation if the one on screen lacks what is to be shown."""
        seen = self._observation
        if seen is None:
            return
        no_signal = self._signal_needed() and seen.signal_TXYZ is None
        no_mean = self.colors.mode.needs_mean and (seen.mean_TXYZC is None or not seen.mean_settled)
        if no_signal or no_mean:
            self.look_again()

    def _on_opened(self, summary: RunSummary) -> None:
        self._forget(summary)
        self.colors.restore(summary.colors, summary.config.model.state_size)
        self.erased.begin(summary.config)
        self._cube.set_dimensions(summary.config.lattice.dimensions)
        self.sample_changed.emit(self._sample)
        (self._throttle.look_now if self._controller.starting else self.look_again)()

    def _on_applied(self, message: Applied) -> None:
        self.erased.set_run(message.summary.config)
        if message.summary.dataset is not self._dataset:
            self._forget(message.summary)
            self.sample_changed.emit(self._sample)
        elif message.cost == "rebuild" or message.brought_back:
            self._forget_student(message)
        if (watched := message.watched) is not None:  # undone: what was watched then comes back as well
            self._probe = None if watched.embedding is None else (watched.embedding, watched.text)
            self._sample = watched.sample
            self.erased.bring_back(watched.erased)
            self.sample_changed.emit(self._sample)
        self.look_again()

    def _forget(self, summary: RunSummary) -> None:
        """Forget what was seen of another run or of other data: its numbers mean nothing here."""
        self._observation = self._probe = None
        self.colors.begin(summary.config.model.state_size)
        if summary.dataset is not self._dataset:
            # A held-out sample: what the cube makes of it was never trained on.
            self._dataset = summary.dataset
            self._sample = int(summary.dataset.validation_indices[0])

    def _forget_student(self, message: Applied) -> None:
        """Forget what was seen of a student that is gone; its observation must not set the new one's colours."""
        self._observation = None
        if "model.state_size" in message.changed:
            self.colors.begin(message.summary.config.model.state_size)
        else:
            costs = set(map(cost_of_key, message.changed))  # none: a run went back, or that is undone
            self.colors.renew(message.way, same="stencil" in costs and "rebuild" not in costs)

    def _on_observed(self, message: Observed) -> None:
        observation, summary = message.observation, self._controller.summary
        self._throttle.observed(message.seconds)
        of_gone_probe = observation.sample < 0 and self._probe is None
        if of_gone_probe or (summary is not None and observation.dimensions != summary.config.lattice.dimensions):
            self.look_again()
            return
        self.show(observation)
        self._look_for_missing()  # a paused cube is looked at until the mean that it is compared with has settled

    def _paint(self) -> None:
        if self._observation is None:
            return
        self.colors.paint(self._observation, min(self._step, len(self._observation.states_TXYZC) - 1))

    def _show(self, painted: Painted) -> None:
        summary = self._controller.summary
        if summary is None or painted.observation.dimensions != summary.config.lattice.dimensions:
            return  # the lattice changed since this was requested
        self._throttle.coloured(painted.seconds)
        self._cube.set_colors(painted.rgba_XYZ4)
        self.legend_changed.emit(painted.legend)
        self.observation_shown.emit(painted.observation, painted.step)
