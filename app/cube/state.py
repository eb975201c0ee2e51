"""What is to be drawn, as one frozen value that the shader and the CPU pick both read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""Colours or pixels."""
Field = NDArray[np.float32]
"""One value per cell, or several."""
Floats = NDArray[np.float64]
Cell = tuple[int, int, int]
Dimensions = tuple[int, int, int]
Range = tuple[int, int]
Vector = tuple[float, float, float]
Shape = Literal["box", "sphere"]

VISIBLE_ALPHA = 0.06
"""Cells fainter than this are looked through when picking."""
GHOST_ALPHA = 0.05
"""Opacity of the hull while a cell and its shells are isolated; below `VISIBLE_ALPHA`, so it can't be picked."""
FADE_START, FADE_END = 0.14, 0.42
"""Cell sides per pixel between which the gap closes: a finer pattern than pixels only makes moire."""
SHELL_ALPHA = (0.90, 0.36, 0.11)
"""Least opacity of the local, functional and distant neighbours of the picked cell, while not isolated."""
SHELL_SIZE = (0.80, 0.58, 0.38)
"""Side of the same neighbours while isolated, in cells: small and solid, so that all of them can be seen."""
MAX_PLANES = 3


@dataclass(frozen=True)
class Plane:
    """Keeps the side that the normal points to. `point` is in cells: cell (x, y, z) has its centre at x, y, z."""

    point: Vector
    normal: Vector

    def equation(self) -> tuple[float, float, float, float]:
        """Return (a, b, c, d) with ax + by + cz + d >= 0 on the kept side, in voxel space (cell i spans i to i+1)."""
        length = math.hypot(*self.normal)
        if length == 0.0 or not math.isfinite(length):
            raise ValueError(f"a plane's normal must have a length, got {self.normal}")
        a, b, c = (n / length for n in self.normal)
        return a, b, c, -(a * (self.point[0] + 0.5) + b * (self.point[1] + 0.5) + c * (self.point[2] + 0.5))


@dataclass(frozen=True)
class CubeState:
    """Everything but the colours and the camera. Cell ranges are half open, distances are in cells."""

    dimensions: Dimensions = (8, 8, 8)
    ranges: tuple[Range, Range, Range] | None = None
    """Visible cells along x, y, z; None shows all."""
    cap: bool = True
    """Whether cells that a range laid bare count as surface."""
    surface_opacity: float = 1.0
    interior_opacity: float = 1.0
    shape: Shape = "box"
    gap: float = 0.14
    """Empty share of a cell's side between it and the next cell, 0 to 0.9."""
    planes: tuple[Plane, ...] = ()
    cut: bool = False
    """True cuts through cells at a plane; False hides whole cells whose centre is behind it."""
    picked: Cell | None = None
    thresholds: Vector = (0.0, 0.0, 0.0)
    """Outer distance of the local, functional and distant tier."""
    shells_visible: bool = True
    isolate: bool = False
    """Show the picked cell and its shells only, inside a faint hull."""

    def __post_init__(self) -> None:
        """Refuse values that no picture can be drawn from."""
        if min(self.dimensions) < 1:
            raise ValueError(f"dimensions must be at least 1 cell, got {self.dimensions}")
        for name, value, highest in (
            ("surface opacity", self.surface_opacity, 1.0),
            ("interior opacity", self.interior_opacity, 1.0),
            ("gap", self.gap, 0.9),
        ):
            if not 0.0 <= value <= highest:
                raise ValueError(f"{name} must be 0 to {highest:g}, got {value}")
        if self.shape not in ("box", "sphere"):
            raise ValueError(f"shape must be 'box' or 'sphere', got {self.shape!r}")
        if len(self.planes) > MAX_PLANES:
            raise ValueError(f"at most {MAX_PLANES} planes can be drawn, got {len(self.planes)}")
        for plane in self.planes:
            plane.equation()
        if self.picked is not None and not self.contains(self.picked):
            raise ValueError(f"cell {self.picked} is outside the {'x'.join(map(str, self.dimensions))} lattice")

    def contains(self, cell: Cell) -> bool:
        """Return whether the lattice has this cell."""
        return all(0 <= at < side for at, side in zip(cell, self.dimensions, strict=True))

    @property
    def low(self) -> Cell:
        """First visible cell along each axis."""
        if self.ranges is None:
            return (0, 0, 0)
        x, y, z = (min(max(int(lo), 0), side - 1) for (lo, _), side in zip(self.ranges, self.dimensions, strict=True))
        return x, y, z

    @property
    def high(self) -> Cell:
        """One past the last visible cell along each axis; at least one cell stays visible."""
        if self.ranges is None:
            return self.dimensions
        bounds = zip(self.ranges, self.low, self.dimensions, strict=True)
        x, y, z = (min(max(int(hi), low + 1), side) for (_, hi), low, side in bounds)
        return x, y, z

    @property
    def skin(self) -> tuple[Cell, Cell]:
        """Box whose outermost cells are the surface."""
        return (self.low, self.high) if self.cap else ((0, 0, 0), self.dimensions)

    @property
    def tier_limits(self) -> tuple[int, int, int]:
        """Largest squared offset in each tier: exact, because squared offsets of cells are whole numbers."""
        if not self.shells_visible:
            return (0, 0, 0)
        x, y, z = (math.floor(max(t, 0.0) ** 2 * (1.0 + 1e-9)) for t in self.thresholds)
        return x, y, z

    def tier_of(self, cell: Cell) -> int | None:
        """Return in which tier of the picked cell this one is: 0 local, 1 functional, 2 distant; None for others."""
        if self.picked is None or cell == self.picked:
            return None
        squared = sum((at - to) ** 2 for at, to in zip(cell, self.picked, strict=True))
        return next((tier for tier, limit in enumerate(self.tier_limits) if squared <= limit), None)

    @property
    def reach(self) -> int:
        """Cells from the picked cell to the farthest neighbour along an axis."""
        return math.isqrt(max(self.tier_limits))

    @property
    def isolating(self) -> bool:
        """Whether rays jump from the hull to the picked cell's shells."""
        return self.isolate and self.picked is not None
