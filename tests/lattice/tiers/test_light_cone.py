"""How far information gets, against the model's own gradients and against lists of cells."""

import pytest
import torch

from lattice.config import LatticeSettings
from lattice.geometry import cell_coordinates, face_cells, face_of, surface_cells
from lattice.neighbourhood import TierMeans
from lattice.tiers import light_cone


def settings(dimensions, ratio, steps):
    return LatticeSettings(dimensions=dimensions, adaptive_radius_ratio=ratio, lattice_steps=steps)


def test_default_cube():
    cone = light_cone(settings((8, 8, 8), 0.2, 5), "surface")
    assert cone.reach == (1, 1, 1)
    assert (cone.span, cone.distance, cone.spans) == (5, 4, True)


def test_the_longest_side_counts_for_surface_and_x_for_through():
    lattice = settings((4, 6, 20), 0.1, 3)
    surface, through = light_cone(lattice, "surface"), light_cone(lattice, "through")
    assert surface.reach == (2, 2, 2)
    assert (surface.axis, surface.span, surface.distance, surface.spans) == (2, 6, 10, False)
    assert (through.axis, through.span, through.distance, through.spans) == (0, 6, 3, True)


def test_reach_ends_at_the_other_side():
    assert light_cone(settings((3, 1, 9), 1.0, 2), "surface").reach == (2, 0, 8)


@pytest.mark.parametrize(("steps", "spans"), [(3, False), (4, True)])
def test_through_spans_exactly_when_the_last_face_depends_on_the_first(steps, spans):
    lattice = settings((9, 3, 4), 0.3, steps)  # 2.7 cells, so 2 a step along x
    assert light_cone(lattice, "through").spans is spans
    means = TierMeans.build(lattice.dimensions, lattice.get_distance_thresholds())
    field = torch.zeros(9 * 3 * 4, 1)
    field[face_cells(lattice.dimensions, 0, 0)] = 1.0
    for _ in range(steps):
        field = field + sum(means.means_all(field).values())
    reached = field[face_cells(lattice.dimensions, 0, 1)] > 0
    assert bool(reached.all()) is spans
    assert bool(reached.any()) is spans


@pytest.mark.parametrize("dimensions", [(8, 8, 8), (5, 9, 4), (1, 6, 6), (2, 2, 2), (1, 1, 1)])
@pytest.mark.parametrize("steps", [1, 3])
def test_shares_count_read_out_cells_in_range(dimensions, steps):
    lattice = settings(dimensions, 0.3, steps)
    coordinates = cell_coordinates(dimensions)
    distances = torch.cdist(coordinates.double(), coordinates.double())
    radius = distances[distances <= lattice.distant_distance_threshold + 1e-9].max() * steps + 1e-9
    middle = ((0 * dimensions[1]) + dimensions[1] // 2) * dimensions[2] + dimensions[2] // 2
    for placement, targets in (
        ("surface", surface_cells(dimensions)),
        ("through", face_cells(dimensions, 0, 1)),
    ):
        cone = light_cone(lattice, placement)
        assert cone.corner_share == pytest.approx(float((distances[0, targets] <= radius).double().mean()))
        assert cone.middle_share == pytest.approx(float((distances[middle, targets] <= radius).double().mean()))


@pytest.mark.parametrize("faces", [("+x", "-x"), ("-y", "+y"), ("+z", "-z"), ("-x", "+y"), ("+z", "-x"), ("+y", "+z")])
@pytest.mark.parametrize("steps", [1, 2])
def test_shares_of_a_way_between_any_faces(faces, steps):
    dimensions = (8, 5, 7)
    lattice = settings(dimensions, 0.3, steps)
    cone = light_cone(lattice, "through", faces)
    coordinates = cell_coordinates(dimensions)
    painted, read = (face_cells(dimensions, *face_of(face)) for face in faces)
    distances = torch.cdist(coordinates[painted].double(), coordinates[read].double())
    within = distances <= cone.lattice_steps * 5**0.5 + 1e-9  # the farthest neighbour is at (2, 1, 0)
    assert cone.corner_share == pytest.approx(float(within.double().mean(1).min()))
    middle = coordinates[painted].double() - coordinates[painted].double().mean(0).round()
    assert cone.middle_share >= cone.corner_share
    assert cone.middle_share == pytest.approx(float(within[middle.square().sum(1).argmin()].double().mean()))


def test_between_adjacent_faces_the_longer_of_two_ways_counts():
    lattice = settings((8, 5, 11), 0.2, 4)
    cone = light_cone(lattice, "through", ("-x", "+z"))
    assert (cone.axis, cone.distance, cone.span, cone.spans) == (2, 10, 8, False)
    assert light_cone(lattice, "through", ("+y", "-x")).axis == 0
    assert light_cone(lattice, "through", ("+z", "-z")).axis == 2
    assert light_cone(lattice, "through", ("-y", "+y")).distance == 4
