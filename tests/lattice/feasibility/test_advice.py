"""Warnings say why, and which value would help."""

from lattice.config import LatticeSettings
from lattice.feasibility.advice import TierWarning, empty_tier_warnings, light_cone_warnings


def test_empty_local_tier_of_a_large_cube():
    (warning,) = empty_tier_warnings(LatticeSettings(dimensions=(27, 27, 27)))
    assert warning == TierWarning(
        "local tier is empty: 0.54 cells is less than 1, the distance of the nearest neighbour; "
        "at a local ratio of 0.19 it holds 6 neighbours",
        "lattice.local_distance_ratio",
        0.19,
        calm="local tier is empty at this size; no cell hears from it",
    )
    assert str(warning) == warning.text


def test_a_cure_that_empties_another_tier_says_so_and_names_the_combination():
    (warning,) = empty_tier_warnings(LatticeSettings(dimensions=(8, 8, 8)))
    assert warning.text == (
        "local tier is empty: 0.16 cells is less than 1, the distance of the nearest neighbour; "
        "at a local ratio of 0.63 it holds 6 neighbours, but the functional tier is left empty; "
        "all three hold neighbours with radius ratio 0.22, local ratio 0.57, functional ratio 0.81"
    )


def test_a_tier_between_two_distances_is_empty():
    lattice = LatticeSettings(
        dimensions=(10, 10, 10), local_distance_ratio=0.5, functional_distance_ratio=0.7, adaptive_radius_ratio=0.2
    )
    (warning,) = empty_tier_warnings(lattice)
    assert warning.text == (
        "functional tier is empty: no two cells are more than 1 and at most 1.4 cells apart; "
        "at a functional ratio of 0.71 it holds 12 neighbours"
    )
    assert (warning.setting, warning.value) == ("lattice.functional_distance_ratio", 0.71)
    assert not warning.calm, "only the innermost tier is empty by design"


def test_an_empty_innermost_tier_is_no_calm_matter_where_another_one_is_empty_too():
    warnings = empty_tier_warnings(LatticeSettings(dimensions=(8, 8, 8), functional_distance_ratio=0.11))
    assert len(warnings) > 1
    assert not any(warning.calm for warning in warnings)


def test_a_lattice_too_small_for_three_tiers_has_no_single_cure():
    for warning in empty_tier_warnings(LatticeSettings(dimensions=(1, 1, 1), adaptive_radius_ratio=1.0)):
        assert warning.text.endswith("this lattice has too few different distances for three tiers")
        assert (warning.setting, warning.value, warning.calm) == (None, None, "")


def test_a_lattice_with_three_live_tiers_has_no_warning():
    lattice = LatticeSettings(dimensions=(10, 10, 10), local_distance_ratio=0.5, functional_distance_ratio=0.75)
    assert empty_tier_warnings(lattice) == ()
    assert light_cone_warnings(lattice, "surface") == ()


def test_an_unreachable_face_is_serious():
    lattice = LatticeSettings(dimensions=(12, 12, 12), lattice_steps=5)
    (warning,) = light_cone_warnings(lattice, "through")
    assert warning.text == (
        "the +x face cannot be reached: 5 lattice steps of 2 cells make 10 of the 11 between the faces, "
        "so the read-out knows nothing of the input; 6 lattice steps or a radius ratio of 0.25 would do"
    )
    assert (warning.setting, warning.value, warning.serious) == ("lattice.lattice_steps", 6, True)


def test_adjacent_faces_that_hear_each_other_in_part_are_not_serious():
    lattice = LatticeSettings(dimensions=(12, 12, 12), lattice_steps=5)
    (warning,) = light_cone_warnings(lattice, "through", ("+z", "-y"))
    assert warning.text == (
        "the +z and the -y face hear each other only near their edge: 5 lattice steps of 2 cells make 10 of the 11 "
        "along z; 6 lattice steps or a radius ratio of 0.25 would do"
    )
    assert (warning.setting, warning.value, warning.serious) == ("lattice.lattice_steps", 6, False)


def test_a_middle_that_hears_no_end_is_not_serious():
    lattice = LatticeSettings(dimensions=(4, 4, 40), adaptive_radius_ratio=0.05, lattice_steps=1)
    (warning,) = light_cone_warnings(lattice, "surface")
    assert warning.text == (
        "the middle of the cube hears neither end along z: 1 lattice step of 2 cells make 2 of 20; "
        "10 lattice steps or a radius ratio of 0.5 would do"
    )
    assert (warning.setting, warning.value, warning.serious) == ("lattice.lattice_steps", 10, False)


def test_cells_that_hear_nobody_are_serious():
    (warning,) = light_cone_warnings(LatticeSettings(dimensions=(4, 4, 4)), "surface")
    assert warning.text == "no cell hears any other, so lattice steps change nothing; a radius ratio of 0.25 would do"
    assert (warning.setting, warning.value, warning.serious) == ("lattice.adaptive_radius_ratio", 0.25, True)


def test_steps_beyond_the_bounds_are_not_suggested():
    lattice = LatticeSettings(dimensions=(200, 1, 1), adaptive_radius_ratio=0.01, lattice_steps=4)
    (warning,) = light_cone_warnings(lattice, "through")
    assert "lattice steps or" not in warning.text
    assert (warning.setting, warning.value) == ("lattice.adaptive_radius_ratio", 0.25)
