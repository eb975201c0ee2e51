"""The colour modes that can be chosen now: built in, plugged in, and one for every other trace of the cell rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from app.cube.color import built_in, fields
from app.cube.color.fields import Where
from app.cube.color.modes import ColorMode, Parameter
from app.cube.color.scales import ROBUST, SYMMETRIC
from app.cube.state import Field
from lattice.errors import PluginError
from lattice.plugins import BUILT_IN, COLOR_MODES, Entry
from lattice.training.reports import Observation

TRACE = "trace_"
"""What the names of modes of traces begin with."""
_SIGNED_SHARE = 0.02
"""A trace is shown as signed from this length of its negative side on, as a share of its positive one."""
_COVERED = frozenset(trace for mode in built_in.BUILT_IN_MODES for trace in mode.traces)


def registered_modes() -> tuple[ColorMode, ...]:
    """Return the modes of the registry, those in the box first, with their names and plugins filled in."""
    return tuple(_listed(entry) for entry in _entries())


def check_name(name: str) -> None:
    """Raise `PluginError` if no mode can have this name; those of traces are known once a sample was observed."""
    if not name.startswith(TRACE):
        try:
            COLOR_MODES.entry(name)
        except PluginError as error:
            raise PluginError(f"{error} A value that the cell rule traces is shown by {TRACE}NAME") from None


def trace_modes(observation: Observation, signed: Collection[str] = ()) -> tuple[ColorMode, ...]:
    """Return a mode for every trace that no built-in mode shows.

    Args:
        observation: What was traced.
        signed: Names of traces that are shown as signed, whatever values they have here.
    """
    return tuple(
        _trace_mode(name, channels=observation.trace[name].shape[-1], signed=name in signed or _has_sign(values))
        for name, values in observation.trace.items()
        if name not in _COVERED
    )


def available_modes(observation: Observation | None = None) -> tuple[ColorMode, ...]:
    """Return all modes for an observation, in order: built in, plugged in, traces."""
    return Catalogue().follow(observation)


class Catalogue:
    """Lists modes again and again; a mode whose definition did not change stays the same object."""

    def __init__(self) -> None:
        """Begin with an empty list."""
        self._registered: dict[str, tuple[Any, ColorMode]] = {}
        self._traces: dict[tuple[str, int, bool], ColorMode] = {}
        self._signed: set[str] = set()
        self._traced: tuple[ColorMode, ...] = ()

    def follow(self, observation: Observation | None = None) -> tuple[ColorMode, ...]:
        """Return all modes in order; without an observation, traces are those of the last one."""
        before, self._registered = self._registered, {}
        for entry in _entries():
            kept = before.get(entry.name)
            same = kept is not None and kept[0] is entry.value and kept[1].plugin == entry.plugin
            self._registered[entry.name] = kept if kept is not None and same else (entry.value, _listed(entry))
        if observation is not None:
            found = trace_modes(observation, self._signed)
            self._signed |= {mode.traces[0] for mode in found if mode.signed}
            self._traced = tuple(
                self._traces.setdefault((mode.name, observation.trace[mode.traces[0]].shape[-1], mode.signed), mode)
                for mode in found
                if mode.name not in self._registered
            )
        return tuple(mode for _, mode in self._registered.values()) + self._traced


def _entries() -> tuple[Entry[ColorMode], ...]:
    built_in.register()
    return tuple(sorted(COLOR_MODES.entries(), key=lambda entry: entry.plugin != BUILT_IN))


def _listed(entry: Entry[ColorMode]) -> ColorMode:
    return replace(entry.value, name=entry.name, plugin=entry.plugin)


def _has_sign(values: Field) -> bool:
    """Say whether a trace, [T, X, Y, Z, k], has values on both sides of zero that count."""
    if not values.size:
        return False
    flat = values.reshape(values.shape[0], -1)
    low, high = np.percentile(flat[:, fields.sample_cells(flat.shape[1], flat.shape[0])], (0.5, 99.5))
    return bool(low < 0.0 and -low > _SIGNED_SHARE * high)


def _trace_mode(name: str, channels: int, signed: bool) -> ColorMode:
    def measure(observation: Observation, lattice_step: int, where: Where, channel: int) -> Field:
        values: Field = fields.trace(observation, name, lattice_step, where)[..., channel]
        return values

    return ColorMode(
        title=f"Trace: {name}",
        tip=f"What the cell rule reports as {name} of each lattice step, in the rule's own unit.",
        measure=measure,
        scale=SYMMETRIC if signed else ROBUST,
        needs=(f"trace.{name}",),
        parameter=Parameter("channel", lambda seen: seen.trace[name].shape[-1]) if channels > 1 else None,
        missing="not a number",
        of_updates=True,
        name=f"{TRACE}{name}",
        plugin="the cell rule",
    )
