"""The light cone: how far information gets in one rollout, against how far it has to.

In one lattice step a cell hears cells up to the farthest neighbour of any tier away, so in T steps up to T times
that. With placement `through` what is painted must get from the input face to the output face: X - 1 cells between
opposite ones, and between adjacent ones from the far end of each to the other. Less, and the
read-out knows nothing of the input. With placement `surface` every painted cell already holds a share of the whole
embedding and is read itself, so nothing is unreachable; but unless T steps span half the longest side, the cells in
its middle hear neither end, and far parts of the cube can't work together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch

from lattice.config.lattice import LatticeSettings
from lattice.config.model import Faces, Placement
from lattice.geometry import Axis, Dimensions, face_of
from lattice.tiers.distances import previous_distance
from lattice.tiers.shells import Shell, farthest_offsets, squared_limit

Offset = tuple[int, int, int]


@dataclass(frozen=True)
class LightCone:
    """How far information gets in one rollout. Distances are in cells."""

    placement: Placement
    faces: Faces
    lattice_steps: int
    reach: tuple[int, int, int]
    """Farthest neighbour along x, y and z; 0 where a cell hears nobody."""
    axis: Axis
    """Axis along which the way is longest, 0 for x."""
    distance: int
    """Cells to cross along that axis: all but one for `through`, half the longest side for `surface`."""
    corner_share: float
    """Largest share of the read-out cells, 0 to 1, that the painted corner cell farthest from them can influence."""
    middle_share: float
    """The same for the painted cell in the middle of the input face."""

    @property
    def span(self) -> int:
        """Cells that information crosses along the axis in one rollout."""
        return self.lattice_steps * self.reach[self.axis]

    @property
    def spans(self) -> bool:
        """Whether information gets as far as it has to."""
        return self.span >= self.distance


def light_cone(settings: LatticeSettings, placement: Placement, faces: Faces = ("-x", "+x")) -> LightCone:
    """Return the light cone of one rollout.

    The shares are upper bounds: they take every lattice step to be as long as the farthest neighbour is away.

    Args:
        settings: of the lattice.
        placement: where an embedding is painted and read.
        faces: input and output face, which matter to `through` alone; `surface` counts from the face at x = 0.
    """
    dimensions = settings.dimensions
    outer = squared_limit(settings.distant_distance_threshold)
    reach, farthest = _reach(dimensions, outer)
    through = placement == "through"
    squared_range = settings.lattice_steps**2 * farthest
    ends = faces if through else None
    axis = _longest_way(dimensions, reach, faces) if through else _longest_axis(dimensions)
    (middle, corner), read = _painted(dimensions, faces if through else ("-x", "+x")), _read(dimensions, ends)
    return LightCone(
        placement=placement,
        faces=faces,
        lattice_steps=settings.lattice_steps,
        reach=reach,
        axis=axis,
        distance=dimensions[axis] - 1 if through else dimensions[axis] // 2,
        corner_share=_share(dimensions, corner, squared_range, read),
        middle_share=_share(dimensions, middle, squared_range, read),
    )


@lru_cache(maxsize=64)
def _reach(dimensions: Dimensions, outer: int) -> tuple[tuple[int, int, int], int]:
    """Return the farthest neighbour of any tier along each axis, and the largest squared distance of all."""
    return farthest_offsets(dimensions, Shell(0, outer)), previous_distance(dimensions, outer) or 0


def _longest_axis(dimensions: Dimensions) -> Axis:
    longest = max(dimensions)
    return 0 if dimensions[0] == longest else 1 if dimensions[1] == longest else 2


def _longest_way(dimensions: Dimensions, reach: tuple[int, int, int], faces: Faces) -> Axis:
    """Return the axis, normal to either face, along which the way takes most lattice steps."""
    first, second = (face_of(face)[0] for face in faces)

    def steps(axis: Axis) -> float:
        return (dimensions[axis] - 1) / max(reach[axis], 0.5)

    return first if steps(first) >= steps(second) else second


def _painted(dimensions: Dimensions, faces: Faces) -> tuple[Offset, Offset]:
    """Return the middle cell of the input face and its corner farthest from the output face."""
    (into, side), (out, other) = face_of(faces[0]), face_of(faces[1])
    middle, corner = [length // 2 for length in dimensions], [0, 0, 0]
    corner[out] = 0 if other else dimensions[out] - 1
    middle[into] = corner[into] = (dimensions[into] - 1) * side
    return (middle[0], middle[1], middle[2]), (corner[0], corner[1], corner[2])


def _read(dimensions: Dimensions, faces: Faces | None) -> tuple[Axis, int] | None:
    """Return the axis and coordinate of the output face, None for the whole surface."""
    if faces is None:
        return None
    axis, side = face_of(faces[1])
    return axis, (dimensions[axis] - 1) * side


@lru_cache(maxsize=256)
def _share(dimensions: Dimensions, source: Offset, squared_range: int, read: tuple[Axis, int] | None) -> float:
    """Return the share of the read-out cells within a range of a cell."""
    sides = [range(side) for side in dimensions]
    if read is not None:
        axis, position = read
        targets = [range(position, position + 1) if each == axis else side for each, side in enumerate(sides)]
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
