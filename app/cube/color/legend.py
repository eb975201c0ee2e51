"""What the colours of the cube mean, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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

    @property
    def title(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def brief_labels(self) -> tuple[str, ...]:
        """The labels, cut to what distinguishes them beside their colours."""
        return tuple(label.rpartition(", ")[2] for label in self.labels)

    @property
    def words(self) -> str:
        """All of it in words."""
        if self.note:
            return f"{self.title}: {self.note}"
        if self.labels:
            return f"{self.title}: {'; '.join(self.labels)}"
        rest = f"; {self.remark}" if self.remark else ""
        return f"{self.title}: {format_value(self.low)} to {format_value(self.high)}{rest}"

    @property
    def caption(self) -> tuple[str, str, str, bool, str, str]:
        """Everything but the numbers."""
        return self.name, self.unit, self.kind, self.locked, self.note, self.remark


def format_value(value: float) -> str:
    """Return three significant digits, with a power of ten where that is shorter."""
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:#.3g}" if abs(value) < 999.5 else f"{value:.0f}"
        return text.rstrip(".")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"
