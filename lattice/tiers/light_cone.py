"""The light cone: how far information gets in one rollout, against how far it has to.

In one lattice step a cell hears cells up to the farthest neighbour of any tier away, so in T steps up to T times
that. With placement `through` the painted face must reach the read-out face, X - 1 cells away; less, and the
read-out knows nothing of the input. With placement `surface` every painted cell already holds a share of the whole
embedding and is read itself, so nothing is unreachable; but unless T steps span half the longest side, the cells in
its middle hear neither end, and far parts of the cube can't work together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch

from lattice.config.lattice import LatticeSettings
from lattice.config.model import Placement
from lattice.geometry import Axis, Dimensions
from lattice.tiers.distances import previous_distance
from lattice.tiers.shells import Shell, farthest_offsets, squared_limit


@dataclass(frozen=True)
class LightCone:
    """How far information gets in one rollout. Distances are in cells."""

    placement: Placement
    lattice_steps: int
    reach: tuple[int, int, int]
    """Farthest neighbour along x, y and z; 0 where a cell hears nobody."""
    axis: Axis
    """Axis along which the way is longest, 0 for x."""
    distance: int
    """Cells to cross along that axis: X - 1 for `through`, half the longest side for `surface`."""
    corner_share: float
    """Largest share of the read-out cells, 0 to 1, that a painted corner cell can influence."""
    middle_share: float
    """The same for the painted cell in the middle of the -x face."""

    @property
    def span(self) -> int:
        """Cells that information crosses along the axis in one rollout."""
        return self.lattice_steps * self.reach[self.axis]

    @property
    def spans(self) -> bool:
        """Whether information gets as far as it has to."""
        return self.span >= self.distance


def light_cone(settings: LatticeSettings, placement: Placement) -> LightCone:
    """Return the light cone of one rollout.

    The shares are upper bounds: they take every lattice step to be as long as the farthest neighbour is away.
    """
    dimensions = settings.dimensions
    outer = squared_limit(settings.distant_distance_threshold)
    reach, farthest = _reach(dimensions, outer)
    through = placement == "through"
    longest = _longest_axis(dimensions)
    squared_range = settings.lattice_steps**2 * farthest
    middle = (0, dimensions[1] // 2, dimensions[2] // 2)
    return LightCone(
        placement=placement,
        lattice_steps=settings.lattice_steps,
        reach=reach,
        axis=0 if through else longest,
        distance=dimensions[0] - 1 if through else dimensions[longest] // 2,
        corner_share=_share(dimensions, (0, 0, 0), squared_range, through),
        middle_share=_share(dimensions, middle, squared_range, through),
    )


@lru_cache(maxsize=64)
def _reach(dimensions: Dimensions, outer: int) -> tuple[tuple[int, int, int], int]:
    """Return the farthest neighbour of any tier along each axis, and the largest squared distance of all."""
    return farthest_offsets(dimensions, Shell(0, outer)), previous_distance(dimensions, outer) or 0


def _longest_axis(dimensions: Dimensions) -> Axis:
    longest = max(dimensions)
    return 0 if dimensions[0] == longest else 1 if dimensions[1] == longest else 2


@lru_cache(maxsize=256)
def _share(dimensions: Dimensions, source: tuple[int, int, int], squared_range: int, through: bool) -> float:
    """Return the share of the read-out cells within a range of a cell."""
    sides = [range(side) for side in dimensions]
    if through:
        targets = [range(dimensions[0] - 1, dimensions[0]), *sides[1:]]
        within, total = _cells_within(targets, source, squared_range)
    else:
        inside = [range(1, side - 1) for side in dimensions]
        all_within, cells = _cells_within(sides, source, squared_range)
        inside_within, inside_cells = _cells_within(inside, source, squared_range)
        within, total = all_within - inside_within, cells - inside_cells
    return within / total


def _cells_within(ranges: list[range], source: tuple[int, int, int], squared_range: int) -> tuple[int, int]:
    """Return how many cells of a box lie within a range of a cell, and how many the box has."""
    x, y, z = (
        (torch.arange(part.start, max(part.start, part.stop)) - start).square()
        for part, start in zip(ranges, source, strict=True)
    )
    rest = squared_range - x[:, None] - y
    within = torch.searchsorted(z.sort().values, rest, right=True)
    return int(within.sum()), len(x) * len(y) * len(z)
