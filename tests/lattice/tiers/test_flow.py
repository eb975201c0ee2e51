"""The flow through the cube: patterns against all neighbours, ways against literals written out by hand."""

from __future__ import annotations

import itertools

import pytest
import torch

from lattice.config import EmbeddingMappingSettings, LatticeSettings, SimpleProjectConfig
from lattice.config.model import FaceName
from lattice.geometry import FACE_NAMES, cell_coordinates, face_cells, face_distances, face_of, lattice_codes
from lattice.tiers import flow, tier_offsets
from lattice.tiers.flow import Pattern

PAIRS = list(itertools.permutations(FACE_NAMES, 2))
"""All 30 ways from one face to another."""


def lattice(reach: float, inner: float = 0.1) -> LatticeSettings:
    """Return a lattice of 8 cells a side whose functional tier holds distances above `inner` and up to `reach`."""
    return LatticeSettings(
        adaptive_radius_ratio=0.6,
        local_distance_ratio=inner / 4.8,
        functional_distance_ratio=reach / 4.8,
        distant_distance_ratio=1.0,
    )


@pytest.mark.parametrize(
    ("reach", "opposite", "adjacent"),
    [(1.0, 3, 5), (1.5, 6, 10), (1.8, 12, 16), (2.0, 12, 16)],
    ids=["6 neighbours", "18 neighbours", "26 neighbours", "32 neighbours"],
)
def test_as_few_classes_as_single_out_the_neighbour_upstream(reach: float, opposite: int, adjacent: int) -> None:
    settings = lattice(reach)
    for pair in PAIRS:
        mapping = EmbeddingMappingSettings(input_face=pair[0], output_face=pair[1])
        pattern = flow.flow_pattern(settings, mapping)
        assert pattern is not None
        assert pattern.classes == (opposite if pair[0][1] == pair[1][1] else adjacent)
        offsets = tier_offsets(settings.get_distance_thresholds(), "functional")
        classes = lattice_codes(offsets, *pattern).tolist()
        for direction in flow.upstream_directions(mapping):
            alike = [offset for offset, each in zip(offsets.tolist(), classes, strict=True)
                     if each == int(lattice_codes(torch.tensor(direction), *pattern))]  # fmt: skip
            assert alike == [list(direction)]


@pytest.mark.parametrize("settings", [lattice(2.3), lattice(0.9), lattice(2.0, inner=1.2)],
                         ids=["56 neighbours", "none", "faces belong to the local tier"])  # fmt: skip
def test_no_pattern_where_none_singles_out_the_neighbour_upstream(settings: LatticeSettings) -> None:
    assert flow.flow_pattern(settings, EmbeddingMappingSettings()) is None


def test_six_neighbours_and_the_cell_itself_have_seven_classes() -> None:
    around = [*torch.eye(3, dtype=torch.int64), *-torch.eye(3, dtype=torch.int64), torch.zeros(3, dtype=torch.int64)]
    assert sorted(lattice_codes(torch.stack(around), *flow.SIX_NEIGHBOURS).tolist()) == list(range(7))


def test_similarity_channels_follow_from_the_flow() -> None:
    surface = SimpleProjectConfig()
    through = surface.replaced({"embedding_mapping.placement": "through"})
    assert flow.similarity_channels(surface) == flow.similarity_channels(through) == 4
    wider = {"lattice.dimensions": (12, 12, 12), "embedding_mapping.placement": "through"}
    assert flow.similarity_channels(surface.replaced(wider)) == 6
    assert flow.similarity_channels(surface.replaced({**wider, "lattice.dimensions": (15, 15, 15)})) == 12
    assert flow.similarity_channels(through.replaced({"embedding_mapping.output_face": "+z"})) == 5
    assert flow.similarity_channels(surface.replaced({**wider, "model.similarity_channels": 3})) == 3


def test_a_flow_that_would_need_more_channels_than_it_gets_does_not_carry() -> None:
    config = SimpleProjectConfig().replaced(
        {"lattice.dimensions": (12, 12, 12), "embedding_mapping.placement": "through"}
    )
    assert flow.cell_codes(config).carries
    assert flow.cell_codes(config).pattern == Pattern((1, 3, 3), 6)
    assert not flow.cell_codes(config.replaced({"model.similarity_channels": 5})).carries
    assert not flow.cell_codes(config.replaced({"embedding_mapping.placement": "surface"})).carries


def test_codes_do_not_depend_on_the_size_of_the_cube() -> None:
    config = SimpleProjectConfig().replaced({"embedding_mapping.placement": "through"})
    larger = config.replaced({"lattice.dimensions": (9, 10, 11), "lattice.adaptive_radius_ratio": 1.6 / 11})
    small, large = flow.cell_codes(config), flow.cell_codes(larger)
    assert small.pattern == large.pattern
    for name in ("own_N", "upstream_N"):
        whole = getattr(large, name).view(9, 10, 11)
        assert torch.equal(getattr(small, name).view(8, 8, 8), whole[:8, :8, :8])


@pytest.mark.parametrize("pair", PAIRS, ids=" to ".join)
def test_between_any_two_faces_of_a_cube_every_input_cell_arrives_at_one_output_cell(
    pair: tuple[FaceName, FaceName],
) -> None:
    dimensions = (4, 4, 4)
    origins, lengths = flow.arrivals(dimensions, *pair)
    outputs = face_cells(dimensions, *face_of(pair[1]))
    inputs = face_cells(dimensions, *face_of(pair[0]))
    assert sorted(origins[outputs].tolist()) == inputs.tolist()
    mapping = EmbeddingMappingSettings(input_face=pair[0], output_face=pair[1])
    assert int(lengths[outputs].max()) == flow.longest_way(dimensions, mapping)
    # The way turns at most once, so that it is as long as the distance along the axes.
    there, here = cell_coordinates(dimensions)[outputs], cell_coordinates(dimensions)[origins[outputs]]
    assert torch.equal(lengths[outputs], (there - here).abs().sum(1))
    assert bool((face_distances(dimensions, pair[0])[origins[outputs]] == 0).all())


def test_the_way_around_a_corner_by_hand() -> None:
    # Cells (x, y) of a 3 x 3 x 1 lattice, from the face x = 0 to the face y = 2.
    origins, lengths = flow.arrivals((3, 3, 1), "-x", "+y")
    assert origins.view(3, 3).tolist() == [[0, 1, 2], [0, 1, 1], [0, 0, 0]]
    assert lengths.view(3, 3).tolist() == [[0, 0, 0], [1, 1, 2], [2, 3, 4]]


def test_what_comes_from_nowhere_has_no_origin() -> None:
    # Of 2 x 4 x 1 cells, two paths turn before the far side is reached; the other two leave there.
    origins, _ = flow.arrivals((4, 2, 1), "-x", "+y")
    assert origins.view(4, 2).tolist() == [[0, 1], [0, 0], [-1, -1], [-1, -1]]


def test_value_channels_follow_from_what_is_painted_on_a_cell() -> None:
    through = SimpleProjectConfig().replaced({"embedding_mapping.placement": "through"})
    small = through.replaced({"lattice.dimensions": (8, 4, 4)})
    assert flow.painted_scalars(small, 384) == 24
    assert flow.value_channels(small, 384) == 24
    assert flow.value_channels(small, None) == flow.value_channels(through, 384) == 6
    assert flow.value_channels(through, 768) == 12
    assert flow.value_channels(small, 768) == 24, "no more than a state has room for"
    assert flow.value_channels(small.replaced({"model.value_channels": 3}), 384) == 3
    assert flow.value_channels(small.replaced({"embedding_mapping.placement": "surface"}), 384) == 6
    # Read from the +x face, painted on one of 32 cells.
    assert flow.value_channels(small.replaced({"embedding_mapping.input_face": "-y"}), 384) == 12
