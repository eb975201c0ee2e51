"""From an observation to colours: `Colorizer` holds the mode, the ranges and the axes that colours are read against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.cube.color import fields
from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.color.choices import ColorChoices, Key, shown_cells
from app.cube.color.colormaps import colormap, direction, with_alpha
from app.cube.color.legend import Legend
from app.cube.color.mapping import map_values, nothing_word
from app.cube.color.measuring import ERASED, ColorModeError, measured, mist, pictured, settled, value_words
from app.cube.color.modes import ColorMode, Ground, Picture
from app.cube.color.smoothing import SteadyAxes, SteadyRange
from app.cube.state import Bytes
from lattice.training.reports import Observation


class Colorizer:
    """Turns observations into colours and a legend. Give it every observation that is shown, in order."""

    def __init__(self, mode: ColorMode = BUILT_IN_MODES[0], *, dark: bool = True) -> None:
        """Start with automatic ranges."""
        self.mode = mode
        self.parameters: dict[str, int] = {}
        """Chosen values by the parameter's name; 0 where none was chosen."""
        self.dark = dark
        self.locked = False
        """Whether the present ranges are kept, whatever comes."""
        self.choices = ColorChoices()
        self.axes = SteadyAxes()
        self._ranges: dict[tuple[str, int], SteadyRange] = {}
        self._seen: Observation | None = None
        self._measured: set[tuple[str, int]] = set()

    def reset(self) -> None:
        """Forget ranges and axes: what follows is another run."""
        self.axes.reset()
        self._ranges.clear()
        self._measured.clear()
        self._seen = None
        self.locked = False
        self.choices.forget_values()

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what the colours of a run are read against: axes, limits and thresholds, for a checkpoint."""
        return {**self.axes.to_arrays(), "choices": self.choices.to_array()}

    def take_arrays(self, arrays: Mapping[str, NDArray[Any]], channels: int) -> None:
        """Go on with the colours of `to_arrays`, as far as states have so many channels.

        Raises:
            ValueError: they can't be read; what could be read is taken.
        """
        try:
            if "mean" in arrays and arrays["mean"].shape == (channels,):
                self.axes.take_arrays(arrays)
        finally:
            if "choices" in arrays:
                self.choices.take_array(arrays["choices"])

    def renew(self) -> None:
        """Find axes and ranges again: what follows is another student. Ranges that are locked stay."""
        self.axes.reset()
        if not self.locked:
            self._ranges.clear()
        self._measured.clear()
        self._seen = None

    def redefine(self, mode: ColorMode) -> None:
        """Take another definition of a mode: ranges that were measured by the one before are forgotten."""
        for key in [key for key in self._ranges if key[0] == mode.name]:
            del self._ranges[key]
        self._measured = {key for key in self._measured if key[0] != mode.name}
        self.mode = mode

    @property
    def key(self) -> Key:
        """Under what the present mode's limits and threshold are kept."""
        choice = self.mode.parameter
        return self.mode.name, 0 if choice is None else self.parameters.get(choice.name, 0)

    def automatic(self) -> tuple[float, float] | None:
        """Return the ends of the bar that the data asks for, in the mode's unit; None before they are known."""
        steady = self._ranges.get(self.key)
        if steady is None or not steady.known:
            return None
        return self.mode.scale.value(steady.low), self.mode.scale.value(steady.high)

    def parameter(self, observation: Observation) -> int:
        """Return the value of the present mode's parameter, within what an observation offers; 0 without one."""
        choice = self.mode.parameter
        if choice is None:
            return 0
        try:
            count = int(choice.count(observation))
        except Exception as error:  # a plugin's
            raise ColorModeError(self.mode, error, choice.count) from error
        return max(0, min(self.parameters.get(choice.name, 0), count - 1))

    def colors(self, observation: Observation, lattice_step: int) -> tuple[Bytes, Legend]:
        """Return each cell's colour, uint8 [X, Y, Z, 4], and the key to it."""
        return settled(*self.prepare(observation, lattice_step), observation)

    def prepare(self, observation: Observation, lattice_step: int) -> tuple[Callable[[], Bytes], Legend]:
        """Follow an observation; return what paints its cells, which may run in any thread, and the key to it.

        Everything that is quick is done here. What is returned does not change with what is chosen later. Painting
        may raise `ColorModeError`, which `settled` turns into a key.
        """
        step = fields.clamped_step(observation, lattice_step)
        dimensions = observation.dimensions
        self._follow_axes(observation)
        reason = self.mode.lacks(observation)
        if reason:
            return lambda: mist(dimensions), self._note(reason)
        try:
            if self.mode.picture is not None:
                ground = Ground(self.dark, self.axes.frozen(), self.axes.shares)
                return self._picture_colors(pictured(self.mode, observation, step, ground))
            return self._scalar_colors(observation, step)
        except ColorModeError as failure:
            return lambda: mist(dimensions), self._note(failure.note)

    def value(self, observation: Observation, lattice_step: int, cell: tuple[int, int, int]) -> str:
        """Return the present mode's value at one cell in words; empty for a cell that the observation has not."""
        if any(not 0 <= at < side for at, side in zip(cell, observation.dimensions, strict=True)):
            return ""
        if observation.erased_XYZ is not None and observation.erased_XYZ[cell]:
            return ERASED
        reason = self.mode.lacks(observation)
        if reason:
            return reason
        step = fields.clamped_step(observation, lattice_step)
        try:
            return value_words(self.mode, observation, step, cell, self.parameter(observation))
        except ColorModeError as failure:
            return failure.note

    def named_value(self, observation: Observation, lattice_step: int, cell: tuple[int, int, int]) -> str:
        """Return the same with what is measured before it and its unit after it: `State norm: 0.53`."""
        words = self.value(observation, lattice_step, cell)
        if not words:
            return ""
        mode = self.mode
        unit = f" ({mode.unit})" if mode.unit and words[-1].isdigit() else ""
        return f"{mode.caption(self.key[1])}: {words}{unit}"

    def _follow_axes(self, observation: Observation) -> None:
        """Let the axes follow a new observation, once."""
        if observation is self._seen:
            return
        self._seen = observation
        self._measured.clear()
        if not self.mode.reads_axes or not self.locked or not self.axes.known:
            states = fields.sampled_states(observation)
            self.axes.update(states.reshape(-1, states.shape[-1]))

    def _followed_range(self, observation: Observation, parameter: int) -> SteadyRange:
        """Return the present mode's range, after it followed the observation, once."""
        key = self.mode.name, parameter
        steady = self._ranges.setdefault(key, SteadyRange())
        if key not in self._measured and not (self.locked and steady.known):
            ends = self._measured_ends(observation, parameter)
            self._measured.add(key)
            if ends is not None:
                steady.update(*ends)
        return steady

    def _measured_ends(self, observation: Observation, parameter: int) -> tuple[float, float] | None:
        """Return a robust range over all lattice steps, so that stepping through time keeps the colours' meaning."""
        mode = self.mode
        steps, where = (range(1), ...) if mode.still else fields.sampled(observation)
        if mode.of_updates and len(steps) > 1:
            steps = steps[1:]
        found = [measured(mode, observation, step, where, parameter).ravel() for step in steps]
        return mode.scale.ends_of(np.concatenate(found))

    def _scalar_colors(self, observation: Observation, step: int) -> tuple[Callable[[], Bytes], Legend]:
        mode, parameter = self.mode, self.parameter(observation)
        steady = self._followed_range(observation, parameter)
        low, high, known = steady.low, steady.high, steady.known
        fixed, threshold = self.choices.ends_of(mode, self.key), self.choices.thresholds.get(self.key)
        if fixed is not None:
            low, high = (float(end) for end in mode.scale.place(np.array(fixed)))
            known = True
        name = self.choices.map_of(mode)
        table = colormap(name, self.dark)
        words = with_alpha(table)
        nothing = nothing_word(self.dark) if mode.zero else None

        def paint() -> Bytes:
            values = measured(mode, observation, step, ..., parameter)
            colors = map_values(mode.scale.place(values), low, high, words, nothing=nothing)
            if threshold is not None:
                colors[~shown_cells(mode, values, threshold), 3] = 0
            return colors

        if not known:
            return paint, self._note(mode.empty)
        ends = mode.scale.value(low), mode.scale.value(high)
        zero = f"grey: {mode.zero}" if mode.zero else ""
        return paint, Legend(
            mode.caption(parameter),
            mode.unit,
            *ends,
            table,
            mode.scale.kind,
            locked=self.locked,
            remark="; ".join(filter(None, (direction(name, self.dark), zero))),
            fixed=fixed is not None,
            open_ends=mode.scale.open_ends if fixed is None else (True, True),
            threshold=threshold,
        )

    def _picture_colors(self, picture: Picture) -> tuple[Callable[[], Bytes], Legend]:
        mode = self.mode
        legend = Legend(
            mode.title, mode.unit, 0.0, 0.0, picture.swatches, picture.kind, picture.labels, locked=self.locked
        )
        return picture.paint, legend

    def _note(self, note: str) -> Legend:
        """Return the key to a picture that shows nothing, with the reason."""
        table = colormap(self.choices.map_of(self.mode), self.dark)
        return Legend(self.mode.title, self.mode.unit, 0.0, 0.0, table, "none", locked=self.locked, note=note)
