"""Which distances occur between the cells of a lattice: roots of sums of three squares that its sides allow."""

from __future__ import annotations

from functools import lru_cache

from lattice.geometry import Dimensions


def next_distance(dimensions: Dimensions, squared: int) -> int | None:
    """Return the smallest squared distance above `squared` between two cells, None if there is none."""
    farthest = sum((side - 1) ** 2 for side in dimensions)
    return next((value for value in range(squared + 1, farthest + 1) if _occurs(dimensions, value)), None)


def previous_distance(dimensions: Dimensions, squared: int) -> int | None:
    """Return the largest squared distance of at most `squared` between two different cells, None if there is none."""
    farthest = sum((side - 1) ** 2 for side in dimensions)
    return next((value for value in range(min(squared, farthest), 0, -1) if _occurs(dimensions, value)), None)


def _occurs(dimensions: Dimensions, squared: int) -> bool:
    size_x, size_y, size_z = dimensions
    plane = _plane_distances(size_x, size_y)
    return any(squared - offset * offset in plane for offset in range(size_z))


@lru_cache(maxsize=8)
def _plane_distances(size_x: int, size_y: int) -> frozenset[int]:
    return frozenset(x * x + y * y for x in range(size_x) for y in range(size_y))
