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
    def caption(self) -> tuple[str, str, str, bool, str, str]:
        """Everything but the numbers."""
        return self.name, self.unit, self.kind, self.locked, self.note, self.remark
