"""Warnings about the flow say why, and name settings that cure it."""

from __future__ import annotations

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.feasibility import feasibility_report
from lattice.feasibility.advice import TierWarning
from lattice.feasibility.flow_advice import chosen_channels, flow_warnings, unsent_scalars
from lattice.model.student import StudentModel
from lattice.tiers.flow import cell_codes
from lattice.training.engine import build_tier_means


def through(**changes: object) -> SimpleProjectConfig:
    """Return a `through` cube of 8 cells a side and 16 lattice steps, with changes."""
    base = {"embedding_mapping.placement": "through", "lattice.lattice_steps": 16}
    return SimpleProjectConfig().replaced({**base, **{key.replace("__", "."): value for key, value in changes.items()}})


def cured(config: SimpleProjectConfig, warning: TierWarning) -> SimpleProjectConfig:
    """Return the configuration with the value that a warning names."""
    assert warning.changes
    return config.replaced(warning.changes)


@pytest.mark.parametrize(
    "changes",
    [{}, {"lattice__dimensions": (15, 15, 15)}, {"embedding_mapping__output_face": "-y"},
     {"embedding_mapping__placement": "surface", "lattice__lattice_steps": 1, "model__similarity_channels": 1}],
)  # fmt: skip
def test_nothing_to_say(changes: dict[str, object]) -> None:
    assert flow_warnings(through(**changes)) == ()


@pytest.mark.parametrize(
    ("changes", "text", "setting", "value"),
    [
        ({"model__similarity_channels": 2},
         "the flow blurs: 2 similarity channels can't single out the neighbour upstream; 3 do, or none given, so that "
         "as many are taken as are needed", "model.similarity_channels", 3),
        ({"lattice__adaptive_radius_ratio": 0.5},
         "the flow blurs: the functional tier, out to 2.6 cells, holds too many neighbours to single out the one "
         "upstream; at a functional ratio of 0.25 a cell hears the one upstream alone",
         "lattice.functional_distance_ratio", 0.25),
        ({"lattice__adaptive_radius_ratio": 0.3, "lattice__local_distance_ratio": 0.5},
         "the flow blurs: the functional tier does not hold the nearest neighbours; "
         "at a local ratio of 0.41 a cell hears the one upstream alone", "lattice.local_distance_ratio", 0.41),
        ({"lattice__functional_distance_ratio": 0.5},
         "the flow blurs: the functional tier does not hold the nearest neighbours; "
         "at a functional ratio of 0.63 a cell hears the one upstream alone",
         "lattice.functional_distance_ratio", 0.63),
        ({"embedding_mapping__output_face": "+z", "lattice__lattice_steps": 8},
         "the flow moves by a cell per lattice step and has 14 cells to go from the -x to the +z face, but there are "
         "8 lattice steps; 14 would do", "lattice.lattice_steps", 14),
    ],
)  # fmt: skip
def test_a_warning_names_a_value_that_cures_it(
    changes: dict[str, object], text: str, setting: str, value: float
) -> None:
    config = through(**changes)
    (warning,) = flow_warnings(config)
    assert warning.text == text
    assert (warning.setting, warning.value) == (setting, pytest.approx(value))
    better = cured(config, warning)
    assert flow_warnings(better) == ()
    assert cell_codes(better).carries
    assert warning in feasibility_report(config).warnings


def test_adjacent_faces_of_unequal_width_are_told() -> None:
    (warning,) = flow_warnings(through(lattice__dimensions=(8, 6, 8), embedding_mapping__output_face="+y"))
    assert warning.text == (
        "the -x and the +y face meet in an edge and are 6 and 8 cells wide across it: the flow connects 6 of them; "
        "with sides of equal length it connects all"
    )
    assert warning.setting is None


def test_where_nothing_can_arrive_the_light_cone_alone_is_told() -> None:
    config = through(lattice__lattice_steps=3)
    assert flow_warnings(config) == ()
    assert any("the +x face cannot be reached" in warning.text for warning in feasibility_report(config).warnings)


def test_a_way_of_more_lattice_steps_than_there_can_be_has_no_cure() -> None:
    config = through(lattice__dimensions=(100, 4, 4), lattice__adaptive_radius_ratio=0.02, lattice__lattice_steps=60)
    (warning,) = flow_warnings(config)
    assert warning.text.endswith("but there are 60 lattice steps, and a rollout can't have more than 64")
    assert warning.setting is None


def test_what_a_small_face_can_not_send_on_is_told_with_the_sizes_that_can() -> None:
    config = through(lattice__dimensions=(8, 4, 4), lattice__adaptive_radius_ratio=0.2)
    few = config.override(["model.value_channels=6"])
    told = unsent_scalars(few, 400)
    assert told is not None
    assert "25 scalars are painted on each of the 16 cells of the -x face" in told.text
    assert told.text.endswith("model.state_size=25, model.value_channels=25, model.expert_hidden=50 would carry all")
    assert told.changes == {"model.state_size": 25, "model.value_channels": 25, "model.expert_hidden": 50}
    assert unsent_scalars(few.replaced(told.changes), 400) is None
    assert told in feasibility_report(few, width=400).warnings
    assert told not in feasibility_report(few).warnings
    automatic = unsent_scalars(config, 400)
    assert automatic is not None
    assert automatic.changes == {"model.state_size": 25}, "value channels and experts follow"
    assert unsent_scalars(config.replaced(automatic.changes), 400) is None
    assert unsent_scalars(config, 96) is None
    assert unsent_scalars(config.replaced({"embedding_mapping.placement": "surface"}), 400) is None


def test_channels_that_are_chosen_for_a_small_face_are_told() -> None:
    config = through(lattice__dimensions=(8, 4, 4), lattice__adaptive_radius_ratio=0.2)
    assert chosen_channels(config, 384) == (
        "24 scalars are painted on each cell of the -x face: cells send 24 value channels, and experts are 48 wide"
    )
    student = StudentModel.seeded(config, 384)
    assert student.prototype.functional.message_size == 24
    assert student.prototype.functional.out.in_features == 48
    assert chosen_channels(config, 96) is None
    assert chosen_channels(config.replaced({"model.value_channels": 24}), 384) is None
    assert chosen_channels(config.replaced({"embedding_mapping.placement": "surface"}), 384) is None


def test_where_no_setting_can_send_all_none_is_offered() -> None:
    config = through(lattice__dimensions=(8, 1, 1), lattice__adaptive_radius_ratio=0.2)
    told = unsent_scalars(config, 400)
    assert told is not None
    assert told.text.endswith("which is more than the settings allow: a larger face needs fewer")
    assert told.changes == {}


def test_the_sizes_that_are_named_do_carry_all() -> None:
    config = through(lattice__dimensions=(4, 3, 3), lattice__adaptive_radius_ratio=0.4, lattice__lattice_steps=6,
                     embedding_mapping__start="identity")  # fmt: skip
    inputs = torch.nn.functional.normalize(torch.randn(6, 90, generator=torch.Generator().manual_seed(1)), dim=-1)

    def answers(of: SimpleProjectConfig) -> torch.Tensor:
        student, means = StudentModel.seeded(of, 90), build_tier_means(of, torch.device("cpu"))
        return torch.cosine_similarity(student(inputs, means, 6).embedding_BD, inputs)

    narrow = config.override(["model.value_channels=6"])
    assert unsent_scalars(narrow, 90) is not None
    assert answers(narrow).max() < 0.9
    assert unsent_scalars(config, 90) is None, "value channels are chosen automatically"
    assert answers(config).min() > 0.97
