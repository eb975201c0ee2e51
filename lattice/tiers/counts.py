"""How many neighbours each cell has, counted without listing any edge.

The number of neighbours of a cell is a box sum of the shell's indicator over the offsets that stay in the
lattice. The indicator is even along each axis, so that sum is separable into running sums over one octant:
with S the running sum along an axis and k0 its value at offset 0, position p of n cells gets
S[p] + S[n-1-p] - k0. Three such passes count all cells, exactly, in O(N).
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from lattice.geometry import Dimensions, cell_count
from lattice.tiers.shells import TIERS, Shell, Thresholds, Tier, shell_octant, tier_shells


def shell_counts(dimensions: Dimensions, shell: Shell) -> Tensor:
    """Return the number of neighbours of every cell in one shell, int32 [N]."""
    everywhere = [torch.arange(side) for side in dimensions]
    return _counts_at(dimensions, shell, everywhere).reshape(cell_count(dimensions))


def count_range(dimensions: Dimensions, shell: Shell) -> tuple[int, int]:
    """Return the least and the most neighbours that any cell has; one octant of the lattice tells, by symmetry."""
    octant = [torch.arange((side + 1) // 2) for side in dimensions]
    least, most = _counts_at(dimensions, shell, octant).aminmax()
    return int(least), int(most)


def edge_count(dimensions: Dimensions, shell: Shell) -> int:
    """Return the number of directed neighbour pairs, from the number of places where each offset fits."""
    places = shell_octant(dimensions, shell).to(torch.float64)
    for side in reversed(dimensions):
        offsets = torch.arange(places.shape[-1])
        places = places @ ((side - offsets) * (1 + (offsets > 0))).to(torch.float64)
    return int(places)


def _counts_at(dimensions: Dimensions, shell: Shell, positions: list[Tensor]) -> Tensor:
    """Return neighbour counts of the cells at all combinations of positions along x, y and z, int32."""
    total = shell_octant(dimensions, shell).to(torch.int32)
    for axis, (side, position) in enumerate(zip(dimensions, positions, strict=True)):
        running = total.cumsum(axis, dtype=torch.int32)
        last = total.shape[axis] - 1
        below = running.index_select(axis, position.clamp(max=last))
        above = running.index_select(axis, (side - 1 - position).clamp(max=last))
        total = below + above - total.narrow(axis, 0, 1)
    return total


def tier_counts(dimensions: Dimensions, thresholds: Thresholds) -> dict[Tier, Tensor]:
    """Return the number of neighbours of every cell per tier, int32 [N] each."""
    return {tier: shell_counts(dimensions, shell) for tier, shell in tier_shells(thresholds).items()}


def interior_counts(thresholds: Thresholds) -> dict[Tier, int]:
    """Return the number of neighbours per tier of a cell that no border is near to; counted once."""
    return dict(zip(TIERS, _interior_counts(tuple(thresholds)), strict=True))


@lru_cache(maxsize=64)
def _interior_counts(thresholds: tuple[float, ...]) -> tuple[int, ...]:
    shells = tier_shells(thresholds)
    return tuple(_ball_points(shells[tier].outer) - _ball_points(shells[tier].inner) for tier in TIERS)


def _ball_points(squared_radius: int) -> int:
    """Count integer points with squared length at most `squared_radius`, column by column."""
    reach = int(squared_radius**0.5) + 1
    square = torch.arange(-reach, reach + 1, dtype=torch.float64).square()
    rest = squared_radius - square[:, None] - square
    columns = rest[rest >= 0].sqrt().floor()  # roots of integers this small are exact where they are whole
    return int((2 * columns + 1).sum())
