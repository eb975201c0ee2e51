"""What the colours of the cube mean, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lattice.units import plural

LegendKind = Literal["sequential", "diverging", "log", "rgb", "tiers", "none"]


@dataclass(frozen=True, eq=False)
class Legend:
    """Key to one colour mode."""

    name: str
    unit: str
    """Empty where the value has none."""
    low: float
    high: float
    colours: NDArray[np.uint8]
    """A bar from low to high [256, 3], or one colour per label [L, 3]."""
    kind: LegendKind
    labels: tuple[str, ...] = ()
    """Names of the colours of an `rgb` or `tiers` key."""
    locked: bool = False
    """Whether the range stays as it is instead of following the data."""
    note: str = ""
    """Why there is nothing to see, where there is nothing."""
    remark: str = ""
    """What a colour beside the bar means, if there is one."""
    fixed: bool = False
    """Whether a person set the ends of the bar."""
    open_ends: tuple[bool, bool] = (False, False)
    """Whether cells below the low, above the high end are painted with that end's colour."""
    threshold: float | None = None
    """Only cells from this value on are shown, of signed values those that far from zero; None shows all."""
    shown: int = 0
    """How many cells the threshold lets through."""
    cells: int = 0
    """How many there are."""
    erased: int = 0
    """How many cells are erased in what is watched."""

    @property
    def has_range(self) -> bool:
        """Whether it is a bar with a low and a high end."""
        return self.kind in ("sequential", "diverging", "log")

    @property
    def hold(self) -> str:
        """What holds the ends of the bar, in one word: `fixed`, `locked` or `auto`."""
        return "fixed" if self.fixed else "locked" if self.locked else "auto"

    @property
    def count(self) -> str:
        """How many cells the threshold lets through, in words; empty without one."""
        if self.threshold is None:
            return ""
        what = "beyond \N{PLUS-MINUS SIGN}" if self.kind == "diverging" else "from "
        return f"{self.shown:,} of {self.cells:,} cells shown: {what}{format_value(self.threshold)}"

    @property
    def mist(self) -> str:
        """How many cells are erased, and that they are the mist where not all is; empty where none is."""
        if not self.erased:
            return ""
        return f"{plural(self.erased, 'cell')} erased" if self.note else f"mist: {plural(self.erased, 'erased cell')}"

    @property
    def remarks(self) -> tuple[str, ...]:
        """The lines below the bar, the names of the colours, or the note."""
        ranged = (self.remark, self.mist, self.count) if self.has_range else (self.mist,)
        return tuple(filter(None, ranged))

    @property
    def title(self) -> str:
        """Name, unit, and whether equal distances on the bar are equal ratios."""
        about = ", ".join(filter(None, (self.unit, "log scale" if self.kind == "log" else "")))
        return f"{self.name} ({about})" if about else self.name

    @property
    def brief_title(self) -> str:
        """The name alone, with the one thing that it can't be read without."""
        return f"{self.name} (log)" if self.kind == "log" else self.name

    @property
    def end_texts(self) -> tuple[str, str]:
        """The low and the high end; a sign before it where cells beyond have the same colour."""
        signs = ("\N{LESS-THAN OR EQUAL TO}", "\N{GREATER-THAN OR EQUAL TO}")
        low, high = (
            f"{sign} {format_value(end)}" if is_open else format_value(end)
            for sign, end, is_open in zip(signs, (self.low, self.high), self.open_ends, strict=True)
        )
        return low, high

    @property
    def brief_labels(self) -> tuple[str, ...]:
        """The labels, cut to what distinguishes them beside their colours."""
        return tuple(label.rpartition(", ")[2] for label in self.labels)

    @property
    def words(self) -> str:
        """All of it in words."""
        said = self.note or "; ".join(self.labels) or " to ".join(self.end_texts)
        return "; ".join([f"{self.title}: {said}", *self.remarks])

    @property
    def caption(self) -> tuple[object, ...]:
        """Everything but the numbers that change by themselves."""
        ends = (self.low, self.high) if self.fixed else ()
        said = self.note, self.remark, self.erased
        return self.name, self.unit, self.kind, self.locked, said, self.threshold, self.fixed, ends


def format_value(value: float) -> str:
    """Return three significant digits, with a power of ten where that is shorter."""
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:#.3g}" if abs(value) < 999.5 else f"{value:.0f}"
        return text.rstrip(".")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"
