"""From an observation to colours: `Colorizer` holds the mode, the ranges and the axes that colours are read against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.cube.color import fields
from app.cube.color.colormaps import MapName, color_cube, colormap, cube_index, with_alpha
from app.cube.color.legend import Legend, LegendKind
from app.cube.color.looks import TierColors
from app.cube.color.mapping import map_gates, map_values, nothing_word, tier_swatches
from app.cube.color.modes import TITLES, ColorMode
from app.cube.color.smoothing import SteadyAxes, SteadyRange
from lattice.training.reports import Observation

Bytes = NDArray[np.uint8]
Field = NDArray[np.float32]

_MAPS: dict[ColorMode, MapName] = {
    ColorMode.SKIN: "polar",
    ColorMode.NORM: "aurora",
    ColorMode.CHANNEL: "polar",
    ColorMode.CHANGE: "ember",
    ColorMode.SIGNAL: "ember",
}
_NOT_RECORDED = "not recorded for this sample"
_NO_GRADIENT = "no cell has a gradient"
_DECADES = 4.0
"""The logarithmic scale begins at most this far below its end: what is fainter has the first colour."""
_SIGNED = (ColorMode.SKIN, ColorMode.CHANNEL)


class Colorizer:
    """Turns observations into colours and a legend. Give it every observation that is shown, in order."""

    def __init__(self, tiers: TierColors | None = None, *, dark: bool = True) -> None:
        """Start in the first mode with automatic ranges."""
        self.mode = ColorMode.STATE_RGB
        self.channel = 0
        self.scalar = 0
        self.dark = dark
        self.tiers = tiers or TierColors()
        self.locked = False
        """Whether the present ranges are kept, whatever comes."""
        self.axes = SteadyAxes()
        self._ranges: dict[tuple[ColorMode, int], SteadyRange] = {}
        self._seen: Observation | None = None
        self._measured: set[tuple[ColorMode, int]] = set()

    def reset(self) -> None:
        """Forget ranges and axes: what follows is another run."""
        self.axes.reset()
        self._ranges.clear()
        self._measured.clear()
        self._seen = None
        self.locked = False

    def renew(self) -> None:
        """Find axes and ranges anew: what follows is another student. Ranges that are locked stay."""
        self.axes.reset()
        if not self.locked:
            self._ranges.clear()
        self._measured.clear()
        self._seen = None

    def colors(self, observation: Observation, lattice_step: int) -> tuple[Bytes, Legend]:
        """Return each cell's colour, uint8 [X, Y, Z, 4], and the key to it."""
        paint, legend = self.prepare(observation, lattice_step)
        return paint(), legend

    def prepare(self, observation: Observation, lattice_step: int) -> tuple[Callable[[], Bytes], Legend]:
        """Follow an observation; return what paints its cells, which may run in any thread, and the key to it.

        Everything that is quick is done here. What is returned does not change with what is chosen later.
        """
        step = fields.clamped_step(observation, lattice_step)
        self._follow(observation)
        if self.mode is ColorMode.STATE_RGB:
            return self._state_rgb(observation, step)
        if self.mode is ColorMode.GATES:
            tiers = self.tiers
            legend = self._legend("tiers", tier_swatches(tiers), labels=("local", "functional", "distant"))
            return lambda: map_gates(fields.gates(observation, step), tiers), legend
        return self._scalar_colors(observation, step)

    def value(self, observation: Observation, lattice_step: int, cell: tuple[int, int, int]) -> str:
        """Return the present mode's value at one cell in words; empty for a cell that the observation has not."""
        if any(not 0 <= at < side for at, side in zip(cell, observation.dimensions, strict=True)):
            return ""
        step = fields.clamped_step(observation, lattice_step)
        if self.mode is ColorMode.GATES:
            local, functional, distant = fields.gates(observation, step, cell)
            return f"local {local:.0%}, functional {functional:.0%}, distant {distant:.0%}"
        found = self._values(observation, step, cell)
        if found is None:
            return _NOT_RECORDED
        value = float(found)
        if np.isnan(value):
            return "no input cell"
        if self.mode is ColorMode.SIGNAL:
            return f"{10.0**value:.3g}"
        return f"{value:+.3g}" if self.mode in _SIGNED else f"{value:.3g}"

    def _follow(self, observation: Observation) -> None:
        """Let axes and ranges follow a new observation, once."""
        if observation is not self._seen:
            self._seen = observation
            self._measured.clear()
            if self.mode is not ColorMode.STATE_RGB or not self.locked or not self.axes.known:
                states = fields.sampled_states(observation)
                self.axes.update(states.reshape(-1, states.shape[-1]))
        if self.mode in _MAPS and not self.locked and self._key() not in self._measured:
            self._measured.add(self._key())
            measured = self._measure(observation)
            if measured is not None:
                self._range().update(*measured)

    def _key(self) -> tuple[ColorMode, int]:
        return self.mode, {ColorMode.CHANNEL: self.channel, ColorMode.SKIN: self.scalar}.get(self.mode, 0)

    def _range(self) -> SteadyRange:
        return self._ranges.setdefault(self._key(), SteadyRange())

    def _measure(self, observation: Observation) -> tuple[float, float] | None:
        """Return a robust range over all lattice steps, so that stepping through time keeps the colours' meaning."""
        values = self._sampled(observation)
        values = values[np.isfinite(values)]
        if values.size == 0:
            return None
        low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
        if self.mode in _SIGNED:
            most = max(abs(low), abs(high), 1e-6)
            return -most, most
        if self.mode is ColorMode.CHANGE:
            low = 0.0
        elif self.mode is ColorMode.SIGNAL:
            low = max(low, high - _DECADES)
        return low, max(high, low + 1e-6)

    def _sampled(self, observation: Observation) -> Field:
        """Return the present scalar mode's values of some cells at all lattice steps."""
        if self.mode is ColorMode.SKIN:
            return observation.skin_XYZm[..., self.scalar]
        if self.mode is ColorMode.SIGNAL:
            return fields.sampled_signal(observation)
        states = fields.sampled_states(observation)
        if self.mode is ColorMode.CHANNEL:
            return states[..., self.channel]
        return np.linalg.norm(np.diff(states, axis=0) if self.mode is ColorMode.CHANGE else states, axis=-1)

    def _values(self, observation: Observation, step: int, where: fields.Where = ...) -> Field | None:
        """Return the present scalar mode's values (the norm for RGB); None when the observation has none."""
        return self._measurement()(observation, step, where)

    def _measurement(self) -> Callable[[Observation, int, fields.Where], Field | None]:
        """Return what the present scalar mode measures."""
        scalar, channel = self.scalar, self.channel
        if self.mode is ColorMode.SKIN:
            return lambda observation, _step, where: fields.skin(observation, scalar, where)
        if self.mode is ColorMode.CHANNEL:
            return lambda observation, step, where: fields.channel(observation, step, channel, where)
        if self.mode is ColorMode.SIGNAL:
            return fields.signal
        return fields.change if self.mode is ColorMode.CHANGE else fields.state_norm

    def _scalar_colors(self, observation: Observation, step: int) -> tuple[Callable[[], Bytes], Legend]:
        table = colormap(_MAPS[self.mode], self.dark)
        words, measure = with_alpha(table), self._measurement()
        low, high, known = self._range().low, self._range().high, self._range().known
        nothing = nothing_word(self.dark) if self.mode is ColorMode.SIGNAL else None

        def paint() -> Bytes:
            values = measure(observation, step, ...)
            if values is None:
                values = np.full(observation.dimensions, np.nan, np.float32)
            return map_values(values, low, high, words, nothing=nothing)

        if self.mode is ColorMode.SIGNAL:
            if observation.signal_TXYZ is None:
                return paint, self._legend("none", table, note=_NOT_RECORDED)
            if not known:
                return paint, self._legend("none", table, note=_NO_GRADIENT)
            return paint, self._legend("log", table, 10.0**low, 10.0**high, remark="grey: no gradient at all")
        return paint, self._legend("diverging" if self.mode in _SIGNED else "sequential", table, low, high)

    def _state_rgb(self, observation: Observation, step: int) -> tuple[Callable[[], Bytes], Legend]:
        states = observation.states_TXYZC[step]
        coordinates, table = self.axes.frozen(), color_cube(self.dark)

        def paint() -> Bytes:
            words = table[cube_index(coordinates(states.reshape(-1, states.shape[-1])))]
            return words.view(np.uint8).reshape(*states.shape[:3], 4)

        labels = tuple(f"direction {i}, {share:.0%}" for i, share in enumerate(self.axes.shares, 1))
        pure = cube_index(np.array([[0.9, 0.15, 0.15], [0.15, 0.9, 0.15], [0.15, 0.15, 0.9]], np.float32))
        swatches = table[pure].view(np.uint8).reshape(3, 4)[:, :3]
        return paint, self._legend("rgb", swatches, labels=labels)

    def _legend(
        self,
        kind: LegendKind,
        colours: Bytes,
        low: float = 0.0,
        high: float = 0.0,
        labels: tuple[str, ...] = (),
        note: str = "",
        remark: str = "",
    ) -> Legend:
        name = TITLES[self.mode]
        if self.mode is ColorMode.CHANNEL:
            name = f"Channel {self.channel}"
        elif self.mode is ColorMode.SKIN and self.scalar:
            name = f"{name}, scalar {self.scalar}"
        unit = {ColorMode.SIGNAL: "gradient norm"}.get(self.mode, "")
        return Legend(name, unit, low, high, colours, kind, labels, self.locked, note, remark)
