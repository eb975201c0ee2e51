"""What the cells' colours mean: the chosen mode, its parameter and its range; and the painting."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.color.catalogue import Catalogue
from app.cube.color.colorizer import Colorizer
from app.cube.color.legend import Legend
from app.cube.color.measuring import settled
from app.cube.color.modes import ColorMode
from app.cube.state import Bytes, Cell
from app.platform.latest_job import LatestJob
from app.session.color_scales import ColorScales
from lattice.log import logger
from lattice.training.reports import Observation

COLOURED_AT_ONCE = 32**3
"""Cells up to which colouring takes no time worth a thread; more are coloured beside the window."""
_CHANNEL = "channel"
_KEPT_STUDENTS = 8
"""Students before rebuilds whose colours are kept for Undo."""


@dataclass(frozen=True, eq=False)
class Painted:
    """Colours of one lattice step of an observation."""

    observation: Observation
    step: int
    rgba_XYZ4: Bytes
    legend: Legend
    seconds: float
    """Time that painting took."""


class CubeColors(ColorScales):
    """Colours observations. What it lacks of a choice (a mode that is gone, a failing one) it says in the legend."""

    painted = pyqtSignal(object)
    """The newest `Painted`."""
    mode_changed = pyqtSignal(str)
    """Name of the mode that is shown from now on."""
    modes_changed = pyqtSignal()
    """`modes` is another list: a plugin was loaded or removed, or the cell rule traces other names."""
    channel_changed = pyqtSignal(int)
    lock_changed = pyqtSignal(bool)
    said = pyqtSignal(str)
    """A sentence for the status bar: colours mean something else now, without anybody having chosen that."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with the first mode."""
        self._catalogue = Catalogue()
        self._modes = self._catalogue.follow()
        super().__init__(Colorizer(self._modes[0]), parent)
        self._wanted = ""
        self._before: list[Mapping[str, NDArray[Any]]] = []
        self._after: list[Mapping[str, NDArray[Any]]] = []
        self._sound: tuple[int | None, Mapping[str, NDArray[Any]]] = (None, {})
        self._painter = LatestJob(self, overtaken=True)
        self._painter.done.connect(self.painted)
        for signal in (self.mode_changed, self.channel_changed):
            signal.connect(lambda _value: self.choices_changed.emit())

    @property
    def modes(self) -> tuple[ColorMode, ...]:
        """Modes that can be chosen now, in order: built in, plugged in, one for each other trace."""
        return self._modes

    @property
    def channel(self) -> int:
        """The channel that modes with a channel show."""
        return self.colorizer.parameters.get(_CHANNEL, 0)

    def set_mode(self, name: str) -> None:
        """Colour by something else.

        Raises:
            ValueError: there is no such mode now; the message says which there are.
        """
        self._wanted = ""
        if name == self.mode.name:
            return
        found = self._named(name)
        if found is None:
            raise ValueError(
                f"there is no colour mode '{name}': expected one of {', '.join(m.name for m in self._modes)}"
            )
        self._choose(found)

    def begin_with(self, name: str) -> None:
        """Colour by a mode as soon as there is one of this name: those of traces come with the first observation."""
        self._wanted = name
        self._take_wanted()

    def set_parameter(self, name: str, value: int) -> None:
        """Choose the value of a mode's parameter; modes that name it alike share it.

        A value that an observation does not offer is shown as the nearest one that it does.
        """
        if value == self.colorizer.parameters.get(name, 0):
            return
        self.colorizer.parameters[name] = value
        if name == _CHANNEL:
            self.channel_changed.emit(value)
        self.outdated.emit()

    def set_channel(self, channel: int) -> None:
        """Choose the channel that modes with a channel show."""
        self.set_parameter(_CHANNEL, channel)

    def set_locked(self, locked: bool) -> None:
        """Keep the range of the colours as it is, or let it follow the data."""
        self.colorizer.locked = locked
        self.lock_changed.emit(locked)
        self.outdated.emit()

    def to_arrays(self) -> Mapping[str, NDArray[Any]]:
        """Return what colours are read against, to be stored with the run."""
        return self.colorizer.to_arrays()

    def restore(self, arrays: Mapping[str, NDArray[Any]], channels: int) -> None:
        """Go on with what was stored with a run whose states have so many channels."""
        try:
            self.colorizer.take_arrays(arrays, channels)
        except ValueError as error:
            logger.warning("the colours stored with the run can't be read, so they are found again: %s", error)
        self.choices_changed.emit()

    def set_theme(self, dark: bool) -> None:
        """Use colours for the dark or the light ground."""
        self.colorizer.dark = dark
        self.outdated.emit()

    def begin(self, channels: int) -> None:
        """Forget ranges and axes: other states of so many channels follow."""
        self.forget()
        self._before, self._after, self._sound = [], [], (None, {})
        self.colorizer.reset()
        self.colorizer.parameters[_CHANNEL] = min(self.channel, channels - 1)
        self.channel_changed.emit(self.channel)
        self.lock_changed.emit(False)

    def keep_sound(self, training_step: int | None) -> None:
        """Keep the axes for the way back to the state of a training step, unless they are kept; None: to none."""
        if training_step not in (None, self._sound[0]):
            self._sound = (training_step, self.colorizer.axes.to_arrays())

    def renew(self, way: Literal["apply", "undo", "redo", "back"] = "apply", *, same: bool = False) -> None:
        """Find axes and ranges again, for another student; a range that is locked stays.

        Args:
            way: Whether the student is new, or one that is back, and with it its axes: after an edit was undone or
                applied again, or with the last sound state.
            same: It was no rebuild, so that the student is the same and its axes stay.
        """
        self.forget()
        if same:
            return
        if way != "back":
            self._sound = (None, {})  # of a student that is gone: the one of now may keep a state at the same step
        if way == "apply":
            self._after.clear()
        elif way == "back":
            self._after[:] = [self._sound[1]]  # those of now followed the states of a run that diverged
        back, left = (self._before, self._after) if way == "undo" else (self._after, self._before)
        kept: Mapping[str, NDArray[Any]] = back.pop() if back else {}
        left.append(self.colorizer.axes.to_arrays())
        del left[:-_KEPT_STUDENTS]
        self.colorizer.renew()
        if kept:
            self.colorizer.axes.take_arrays(kept)
        elif self.mode.reads_axes:
            self.said.emit(f"{self.mode.title}: the directions are those of the new student, so colours changed.")

    def forget(self) -> None:
        """Drop what is being painted."""
        self._painter.forget()

    def refresh_modes(self, observation: Observation | None = None) -> None:
        """List the modes again, after plugins were loaded, reloaded or removed, or for what an observation traces.

        The chosen mode is taken in its new definition; where it is gone, the first mode takes its place.
        """
        before, self._modes = self._modes, self._catalogue.follow(observation)
        if before != self._modes:
            self.modes_changed.emit()
            self._follow_mode()
        self._take_wanted()
        if self._wanted and observation is not None:
            known = ", ".join(mode.name for mode in self._modes)
            logger.warning(
                "there is no colour mode '%s': expected one of %s; showing '%s'", self._wanted, known, self.mode.name
            )
            self._wanted = ""

    def paint(self, observation: Observation, step: int) -> None:
        """Colour one lattice step of an observation; `painted` brings the result, at once for a small lattice."""
        paint, legend = self.colorizer.prepare(observation, step)

        def work() -> Painted:
            began = time.monotonic()
            rgba, key = settled(paint, legend, observation)
            return Painted(observation, step, rgba, key, time.monotonic() - began)

        if math.prod(observation.dimensions) <= COLOURED_AT_ONCE:
            self._painter.forget()
            self.painted.emit(work())
        else:
            self._painter.ask(work)

    def value_at(self, observation: Observation, step: int, cell: Cell) -> str:
        """Return what the colour of a cell means, in words; empty for a cell that the observation has not."""
        return self.colorizer.named_value(observation, step, cell)

    def close(self) -> None:
        """Paint nothing more."""
        self._painter.close()

    def _follow_mode(self) -> None:
        """Take the chosen mode in its new definition, or the first mode where it is gone."""
        found = self._named(self.mode.name)
        if found is None:
            logger.info("the colour mode '%s' is gone: showing '%s'", self.mode.title, self._modes[0].title)
            self._choose(self._modes[0])
        elif found is not self.mode:
            self.colorizer.redefine(found)
            self.outdated.emit()

    def _named(self, name: str) -> ColorMode | None:
        return next((mode for mode in self._modes if mode.name == name), None)

    def _take_wanted(self) -> None:
        if self._wanted and (found := self._named(self._wanted)) is not None:
            self._wanted = ""
            if found is not self.mode:
                self._choose(found)

    def _choose(self, mode: ColorMode) -> None:
        self.colorizer.mode = mode
        self.mode_changed.emit(mode.name)
        self.outdated.emit()
