"""A colour mode: what the colour of a cell means, as one frozen value that a plugin can make.

Only numpy is needed to define one. A plugin's file registers it with `plugins.color_mode("name", ColorMode(...))`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.cube.color.colormaps import DIVERGING, SEQUENTIAL, MapName
from app.cube.color.fields import Where
from app.cube.color.legend import LegendKind
from app.cube.color.scales import ROBUST, Scale
from app.cube.state import Bytes, Field
from lattice.training.reports import Observation

Measure = Callable[[Observation, int, Where, int], Field]
"""(observation, lattice step, where, parameter's value) -> one value per cell that `where` selects from [X, Y, Z]."""

NEEDS_SIGNAL = "signal"
NEEDS_MEAN = "mean"
NEEDS_TRACE = "trace."
_RECORDED = (NEEDS_SIGNAL, NEEDS_MEAN)
_NOT_RECORDED = "not recorded for this sample"
_ON_ITS_WAY = "comes with the next observation"
"""Of what the display requests as soon as a mode needs it."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A whole number that a mode can be turned by, as in `channel 3`."""

    name: str
    """Modes that name it alike share its value; `channel` is the one that the window's channel box sets."""
    count: Callable[[Observation], int]
    """How many values an observation offers: 0 to count - 1."""
    caption: Callable[[str, int], str] | None = None
    """(mode's title, value) -> title of the legend; None writes `title, name value`."""

    def title(self, title: str, value: int) -> str:
        """Return the legend's title for one value."""
        return self.caption(title, value) if self.caption is not None else f"{title}, {self.name} {value}"


@dataclass(frozen=True, eq=False)
class Ground:
    """What a picture may read beside the observation."""

    dark: bool
    """Whether it is shown on the dark ground."""
    coordinates: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    """States [N, C] -> where they lie along the three principal axes, 0 to 1 for nearly all of them, [3, N]."""
    shares: tuple[float, float, float]
    """Share of the states' variance along each axis."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Colours that are no scalar field's, with their key."""

    paint: Callable[[], Bytes]
    """Return colours, uint8 [X, Y, Z, 4]; may be called in any thread."""
    swatches: Bytes
    """One colour per label, uint8 [L, 3]."""
    labels: tuple[str, ...]
    kind: LegendKind = "rgb"


@dataclass(frozen=True, eq=False)
class ColorMode:
    """One meaning of the cells' colour.

    Raises:
        ValueError: a field's value can't be used; the message says which and what was expected.
    """

    title: str
    """Name in menus, and above the legend."""
    tip: str
    """One sentence: what is measured, in which unit."""
    measure: Measure
    """Values per cell, float32. NaN says that a cell has no value, and `missing` then has to say why.

    `where` is one cell, `...` for all, or three index arrays: compute for `[...][where]`. May be called in any thread.
    """
    colormap: MapName | None = None
    """A name in SEQUENTIAL, or in DIVERGING for signed values; None takes the usual one of the scale."""
    scale: Scale = ROBUST
    """How values are spread over the colours: ROBUST, FROM_ZERO, SYMMETRIC (signed), LOGARITHMIC, or `fixed`."""
    unit: str = ""
    """Unit beside the title; empty where there is none."""
    needs: tuple[str, ...] = ()
    """What the observation must hold: `signal` and `mean` (which are then recorded), `trace.NAME`."""
    parameter: Parameter | None = None
    value_text: Callable[[Field], str] | None = None
    """Words for what `measure` returned for one cell; None writes three significant digits."""
    picture: Callable[[Observation, int, Ground], Picture] | None = None
    """(observation, lattice step, ground) -> colours, where they are no scalar's; must be quick, its `paint` need not.

    `measure` then only feeds `value_text`, and may return several values per cell.
    """
    missing: str = ""
    """Words for a cell whose value is NaN; empty: every cell must have a finite value."""
    empty: str = "no cell has a value"
    """Note of the legend when no cell has one."""
    zero: str = ""
    """LOGARITHMIC only: what a value of exactly 0 means; such cells are grey."""
    still: bool = False
    """Whether values are the same at all lattice steps."""
    of_updates: bool = False
    """Whether a value is that of the update that led to a lattice step: ranges leave step 0 out, which has none."""
    reads_axes: bool = False
    """Whether `picture` reads the principal axes: a locked range then keeps them where they are."""
    name: str = ""
    """Registered name; filled in when modes are listed."""
    plugin: str = ""
    """Who registered it: `built in`, a file's path, a module's name; filled in when modes are listed."""

    def __post_init__(self) -> None:
        """Refuse what no legend or colour could be made of."""
        if not self.title.strip() or not self.tip.strip():
            raise ValueError(f"a colour mode needs a title and a tip, got {self.title!r} and {self.tip!r}")
        maps = DIVERGING if self.signed else SEQUENTIAL
        if self.colormap is not None and self.colormap not in maps:
            kind = "signed values" if self.signed else "values of one sign"
            raise ValueError(
                f"colour mode '{self.title}': the colour map of {kind} is one of {', '.join(maps)}, "
                f"got {self.colormap!r}"
            )
        if self.zero and not self.scale.logarithmic:
            raise ValueError(f"colour mode '{self.title}': `zero` is for the LOGARITHMIC scale only")
        for need in self.needs:
            if need not in _RECORDED and (not need.startswith(NEEDS_TRACE) or need == NEEDS_TRACE):
                raise ValueError(f"colour mode '{self.title}' needs 'signal', 'mean' or 'trace.NAME', got {need!r}")

    @property
    def signed(self) -> bool:
        """Whether the sign of a value matters: zero is in the middle of the colours."""
        return self.scale.kind == "diverging"

    @property
    def map_name(self) -> MapName:
        """The colour map of a scalar mode."""
        return self.colormap or ("polar" if self.signed else "aurora")

    @property
    def needs_signal(self) -> bool:
        """Whether the learning signal has to be recorded."""
        return NEEDS_SIGNAL in self.needs

    @property
    def needs_mean(self) -> bool:
        """Whether the mean states over samples have to be recorded."""
        return NEEDS_MEAN in self.needs

    @property
    def traces(self) -> tuple[str, ...]:
        """Names of the traces that it shows."""
        return tuple(need.removeprefix(NEEDS_TRACE) for need in self.needs if need not in _RECORDED)

    def lacks(self, observation: Observation) -> str:
        """Return why an observation can't be shown in this mode; empty if it can."""
        if self.needs_signal and observation.signal_TXYZ is None:
            return _ON_ITS_WAY
        if self.needs_mean and observation.mean_TXYZC is None:
            return _ON_ITS_WAY
        for trace in self.traces:
            found = observation.trace.get(trace)
            if found is None:
                return f"{_NOT_RECORDED}: the cell rule reports no {trace}"
            if not len(found):
                return f"{_NOT_RECORDED}: it has no lattice step"
        return ""

    def caption(self, value: int) -> str:
        """Return the legend's title at one value of the parameter."""
        return self.title if self.parameter is None else self.parameter.title(self.title, value)

    def words(self, value: Field) -> str:
        """Return one cell's value in words."""
        if self.missing and np.isnan(value).any():
            return self.missing
        if self.value_text is not None:
            return self.value_text(value)
        return f"{float(value):+.3g}" if self.signed else f"{float(value):.3g}"
