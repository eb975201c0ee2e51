"""What a measurement of damage found: plain frozen values, free of torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ShareScore:
    """The score with a share of the cells erased that damage may erase."""

    share: float
    erased: int
    """Cells."""
    cosine: float
    """Mean over the draws of the mean cosine over the held-out samples."""
    draws: tuple[float, ...]
    """The cosine of each draw."""


@dataclass(frozen=True)
class LayerScore:
    """The score with those cells of one layer erased that are neither painted nor read."""

    layer: int
    """Coordinate of the layer along the axis, from 0."""
    erased: int
    """Cells."""
    cosine: float


@dataclass(frozen=True)
class DamageReport:
    """One measurement; plain values."""

    training_step: int
    samples: int
    """Held-out samples."""
    cells: int
    """Cells of which shares are erased."""
    damaged_cells: str
    """Which these are, as `training_embedding.damaged_cells` says."""
    trained_damage: float
    """Share that is erased in training, `training_embedding.damage`."""
    axis: str
    """`x`, `y` or `z`: along it the layers lie one behind the other, as the flow crosses them if there is one."""
    by_share: tuple[ShareScore, ...]
    by_layer: tuple[LayerScore, ...]
    seconds: float

    @property
    def intact(self) -> float:
        """Cosine with all cells."""
        return self.by_share[0].cosine

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values for JSON."""
        return asdict(self)
