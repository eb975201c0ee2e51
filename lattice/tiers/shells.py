"""The three tiers as shells of integer offsets.

A neighbour at Euclidean distance d > 0 is local if d <= local, functional if local < d <= functional,
distant if functional < d <= distant. Distances between cells are roots of integers, so a threshold t is
turned into the largest squared distance it holds, floor(t*t * (1 + 1e-9)), and everything after that is
exact integer arithmetic. The factor makes a threshold that was meant to equal a distance (0.7*10*0.3
against 2.1, or sqrt(5.0) against 5) hold it, whichever way its last bit was rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import torch
from torch import Tensor

from lattice.geometry import Dimensions

Tier: TypeAlias = Literal["local", "functional", "distant"]

TIERS: tuple[Tier, ...] = ("local", "functional", "distant")

Thresholds: TypeAlias = Sequence[float]
"""Outer distances of the local, functional and distant tier, in cells, not falling."""

ROUNDING_SLACK = 1e-9
"""Relative slack on squared thresholds."""


class Shell(NamedTuple):
    """Offsets whose squared length d2 satisfies `inner < d2 <= outer`."""

    inner: int
    outer: int

    @property
    def radius(self) -> int:
        """Largest offset along one axis that can belong to the shell, in cells."""
        return math.isqrt(self.outer)

    def reaches(self, dimensions: Dimensions) -> tuple[int, int, int]:
        """Return the largest offset along each axis that may occur between two cells of the lattice."""
        radius = self.radius
        x, y, z = (min(radius, side - 1) for side in dimensions)
        return x, y, z


def squared_limit(threshold: float) -> int:
    """Return the largest squared distance between cells that is within `threshold` (cells)."""
    return math.floor(threshold * threshold * (1.0 + ROUNDING_SLACK))


def tier_shells(thresholds: Thresholds) -> dict[Tier, Shell]:
    """Return the shells of all three tiers; raise ValueError unless the thresholds are finite and don't fall."""
    local, functional, distant = thresholds
    if not (0.0 <= local <= functional <= distant < math.inf):
        raise ValueError(f"thresholds must be finite, at least 0 and rising, got {tuple(thresholds)}")
    limits = [0, *(squared_limit(threshold) for threshold in (local, functional, distant))]
    return {tier: Shell(limits[index], limits[index + 1]) for index, tier in enumerate(TIERS)}


def tier_shell(thresholds: Thresholds, tier: Tier) -> Shell:
    """Return the shell of one tier."""
    return tier_shells(thresholds)[tier]


def shell_octant(dimensions: Dimensions, shell: Shell) -> Tensor:
    """Return which offsets with no negative part belong to the shell and fit the lattice, bool [Rx+1, Ry+1, Rz+1]."""
    x, y, z = (torch.arange(reach + 1, dtype=torch.int32).square() for reach in shell.reaches(dimensions))
    squared = x[:, None, None] + y[:, None] + z
    return (squared > shell.inner) & (squared <= shell.outer)


def farthest_offsets(dimensions: Dimensions, shell: Shell) -> tuple[int, int, int]:
    """Return the largest offset along x, y and z between any two neighbours, in cells; 0, 0, 0 if there are none."""
    octant = shell_octant(dimensions, shell)
    present = (octant.movedim(axis, 0).flatten(1).any(dim=1) for axis in range(3))
    x, y, z = (int((torch.arange(len(found)) * found).amax()) for found in present)
    return x, y, z


def shell_offsets(shell: Shell, dimensions: Dimensions | None = None) -> Tensor:
    """Return all offsets of a shell in lexicographic order, int64 [K, 3].

    With `dimensions`, offsets longer than the lattice along some axis are left out; they connect no cells.
    """
    reaches = (shell.radius,) * 3 if dimensions is None else shell.reaches(dimensions)
    axes = [torch.arange(-reach, reach + 1) for reach in reaches]
    squares = [axis * axis for axis in axes]
    squared = squares[0][:, None, None] + squares[1][:, None] + squares[2]
    inside = (squared > shell.inner) & (squared <= shell.outer)
    return inside.nonzero() - torch.tensor(reaches)


def tier_offsets(thresholds: Thresholds, tier: Tier, dimensions: Dimensions | None = None) -> Tensor:
    """Return all offsets (dx, dy, dz) of a tier in lexicographic order, int64 [K, 3].

    Args:
        thresholds: outer distances of the three tiers, in cells.
        tier: which one.
        dimensions: if given, offsets that connect no two cells of this lattice are left out.
    """
    return shell_offsets(tier_shell(thresholds, tier), dimensions)
