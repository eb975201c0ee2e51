"""What a person chose of the colours: the maps, the ends of a bar, and from which value on cells are shown."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.cube.color.colormaps import DIVERGING, SEQUENTIAL, MapName
from app.cube.color.modes import ColorMode
from app.cube.state import Field
from lattice.log import logger
from lattice.parsing import parse_json

Key = tuple[str, int]
"""Name of a mode, and the value of its parameter (0 without one)."""
Limits = tuple[float, float]
_LIMITS, _THRESHOLDS = "limits", "thresholds"


@dataclass
class ColorChoices:
    """Choices that hold until they are taken back; a mode's limits and threshold are its own."""

    sequential: MapName | None = None
    """Map of values of one sign; None takes each mode's own."""
    diverging: MapName | None = None
    """Map of signed values; None takes each mode's own."""
    limits: dict[Key, Limits] = field(default_factory=dict)
    """Fixed ends of the bar, in the unit of the mode."""
    thresholds: dict[Key, float] = field(default_factory=dict)
    """Cells below this value are not shown; of signed values, those between minus and plus this value."""

    def map_of(self, mode: ColorMode) -> MapName:
        """Return the colour map that a scalar mode is shown with."""
        return (self.diverging if mode.signed else self.sequential) or mode.map_name

    @property
    def maps(self) -> tuple[str, ...]:
        """The maps that were chosen, by name."""
        return tuple(filter(None, (self.sequential, self.diverging)))

    def set_map(self, name: str) -> None:
        """Choose a map for all modes of its kind.

        Raises:
            ValueError: there is no such map.
        """
        for known in SEQUENTIAL:
            if name == known:
                self.sequential = known
                return
        for known in DIVERGING:
            if name == known:
                self.diverging = known
                return
        raise ValueError(f"there is no colour map {name!r}: expected one of {', '.join(SEQUENTIAL + DIVERGING)}")

    def ends_of(self, mode: ColorMode, key: Key) -> Limits | None:
        """Return the fixed ends of a mode's bar, if any; those that it can't have, as from a file, are forgotten."""
        ends = self.limits.get(key)
        if ends is not None:
            try:
                check_limits(mode, *ends)
            except ValueError as error:
                logger.warning("the ends that were stored for '%s' are left out: %s", mode.title, error)
                del self.limits[key]
                return None
        return ends

    def forget_values(self) -> None:
        """Forget limits and thresholds: what follows are the values of another run."""
        self.limits.clear()
        self.thresholds.clear()

    def to_array(self) -> NDArray[np.uint8]:
        """Return limits and thresholds as JSON text, for a checkpoint."""
        stored = {
            _LIMITS: [[*key, *ends] for key, ends in self.limits.items()],
            _THRESHOLDS: [[*key, value] for key, value in self.thresholds.items()],
        }
        return np.frombuffer(json.dumps(stored).encode(), np.uint8).copy()

    def take_array(self, array: NDArray[np.uint8]) -> None:
        """Take limits and thresholds from `to_array`'s text.

        Raises:
            ValueError: it is no such text.
        """
        stored = parse_json(bytes(array.astype(np.uint8)).decode())
        if not isinstance(stored, dict):
            raise ValueError(f"expected limits and thresholds, got {stored!r:.40}")
        limits = {_key(row): _ends(row) for row in _rows(stored, _LIMITS, 4)}
        thresholds = {_key(row): _finite(row[2]) for row in _rows(stored, _THRESHOLDS, 3)}
        self.limits, self.thresholds = limits, thresholds


def check_limits(mode: ColorMode, low: float, high: float) -> None:
    """Raise `ValueError` for ends that a mode's bar can't have; the message says what was expected."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"the low end must be below the high one, got {low:g} and {high:g}")
    if mode.signed and not math.isclose(low, -high):
        raise ValueError(
            f"zero is in the middle of signed values: expected ends like -{high:g} and {high:g}, got {low:g}"
        )
    if mode.scale.logarithmic and low <= 0.0:
        raise ValueError(f"a logarithmic bar begins above 0, got {low:g}")


def shown_cells(mode: ColorMode, values: Field, threshold: float) -> NDArray[np.bool_]:
    """Return which cells a threshold lets through; a cell without a value is not among them."""
    shown: NDArray[np.bool_] = (np.abs(values) if mode.signed else values) >= threshold
    return shown


def _rows(stored: Mapping[str, object], name: str, length: int) -> list[list[object]]:
    rows = stored.get(name, [])
    if not isinstance(rows, list) or any(not isinstance(row, list) or len(row) != length for row in rows):
        raise ValueError(f"expected rows of {length} under '{name}', got {rows!r:.40}")
    return rows


def _key(row: list[object]) -> Key:
    name, parameter = row[0], row[1]
    if not isinstance(name, str) or not isinstance(parameter, int):
        raise ValueError(f"expected a mode's name and a whole number, got {name!r:.40} and {parameter!r:.40}")
    return name, parameter


def _ends(row: list[object]) -> Limits:
    return _finite(row[2]), _finite(row[3])


def _finite(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):  # a whole number beyond all floats
            if math.isfinite(number := float(value)):
                return number
    raise ValueError(f"expected a finite number, got {value!r:.40}")
