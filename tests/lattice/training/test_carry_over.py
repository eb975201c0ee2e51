"""What is taken from one student to another, what begins again, and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.model.student import StudentModel
from lattice.training.carry_over import ALONE, ELSEWHERE, CarryOver, Misfit, carry_over

ConfigMaker = Callable[..., SimpleProjectConfig]

THROUGH = "embedding_mapping.placement=through"


def moved(before: SimpleProjectConfig, after: SimpleProjectConfig, widths: tuple[int, int] = (12, 12)):
    """Return both students and what was carried over, with every old weight told from every new one."""
    old, new = StudentModel.seeded(before, widths[0]), StudentModel.seeded(after, widths[1])
    with torch.no_grad():
        for number, parameter in enumerate(old.parameters()):
            parameter.add_(0.01 * (number + 1))
    return old, new, carry_over(old, new, before, after, outer=True)


def names(result: CarryOver) -> dict[str, str]:
    return {misfit.name: misfit.why for misfit in result.left_out}


def test_everything_fits_the_same_cube(small_config: ConfigMaker) -> None:
    old, new, result = moved(small_config(), small_config("training_embedding.seed=3"))
    assert result.left_out == ()
    assert set(result.taken) == set(new.state_dict())
    assert all(torch.equal(value, new.state_dict()[name]) for name, value in old.state_dict().items())
    assert (result.cells, result.outer_maps) == (True, True)
    assert str(result) == f"{len(result.taken)} weights taken over; nothing is left out"


@pytest.mark.parametrize("rule", ["experts", "nca", "diffusion"])
def test_another_size_takes_all_cells_and_begins_the_outer_maps_again(small_config: ConfigMaker, rule: str) -> None:
    before = small_config(f"model.rule={rule}")
    old, new, result = moved(before, small_config(f"model.rule={rule}", "lattice.dimensions=[4, 4, 5]"))
    assert set(names(result)) == {"mapper.project.weight", "extractor.project.weight", "extractor.project.bias"}
    for name, value in new.state_dict().items():
        if name.startswith(("prototype.", "volume.", "mapper.lift", "mapper.position", "extractor.read")):
            assert torch.equal(value, old.state_dict()[name]), name
    assert (result.cells, result.outer_maps) == (True, False)


def test_a_longer_cube_between_the_same_faces_takes_the_outer_maps_too(small_config: ConfigMaker) -> None:
    _, _, result = moved(small_config(THROUGH), small_config(THROUGH, "lattice.dimensions=[7, 3, 5]"))
    assert result.left_out == ()


def test_outer_maps_belong_together(small_config: ConfigMaker) -> None:
    """From -x to +y of 4x3x5 and of 5x3x4: the output faces have 20 cells both, the input faces 15 and 12."""
    faces = (THROUGH, "embedding_mapping.output_face=+y", "embedding_mapping.scalars_per_cell=1")
    _, new, result = moved(small_config(*faces), small_config(*faces, "lattice.dimensions=[5, 3, 4]"))
    assert names(result) == {
        "mapper.project.weight": "",
        "extractor.project.weight": ALONE,
        "extractor.project.bias": ALONE,
    }
    fresh = StudentModel.seeded(small_config(*faces, "lattice.dimensions=[5, 3, 4]"), 12)
    assert torch.equal(new.extractor.project.weight, fresh.extractor.project.weight)
    assert "extractor.project.weight [12, 20] begins again: the other outer map does not fit" in str(result)


def test_outer_maps_of_the_same_shape_are_of_no_use_where_paint_arrives_elsewhere(small_config: ConfigMaker) -> None:
    cube = (THROUGH, "lattice.dimensions=[3, 3, 3]")
    after = small_config(*cube, "embedding_mapping.output_face=+y")
    _, _, result = moved(small_config(*cube), after)
    assert names(result)["mapper.project.weight"] == ELSEWHERE
    assert names(result)["extractor.project.weight"] == ELSEWHERE


def test_another_width_and_another_state_are_listed_with_both_shapes(small_config: ConfigMaker) -> None:
    _, _, result = moved(small_config(), small_config("model.state_size=7"), widths=(12, 16))
    listed = {misfit.name: misfit for misfit in result.left_out}
    assert listed["mapper.lift.weight"] == Misfit("mapper.lift.weight", (7, 1), (6, 1))
    assert listed["mapper.project.weight"].stored == (54, 12)
    assert listed["mapper.project.weight"].shape == (54, 16)
    assert not result.cells
    assert "mapper.lift.weight [7, 1] begins again: it was [6, 1]" in str(result)


def test_what_only_one_of_them_has_is_listed(small_config: ConfigMaker) -> None:
    through, surface = small_config(THROUGH), small_config()
    assert "volume.surface.weight [6, 6] is new" in str(moved(through, surface)[2])
    assert "volume.surface.weight [6, 6] has no place here" in str(moved(surface, through)[2])


def test_the_identity_is_made_again_for_the_maps_that_are_there(small_config: ConfigMaker) -> None:
    identity = "embedding_mapping.start=identity"
    before = small_config(THROUGH)
    _, new, result = moved(before, small_config(THROUGH, identity, "lattice.dimensions=[4, 4, 5]"))
    assert not result.outer_maps
    product = new.extractor.project.weight @ new.mapper.project.weight
    torch.testing.assert_close(product, torch.eye(12), atol=1e-5, rtol=0)
    old, new, result = moved(before, small_config(THROUGH, identity, "lattice.dimensions=[7, 3, 5]"))
    assert result.outer_maps
    assert torch.equal(new.extractor.project.weight, old.extractor.project.weight)


def test_an_edit_leaves_the_outer_maps_to_begin_again(small_config: ConfigMaker) -> None:
    config = small_config()
    old, new = StudentModel.seeded(config, 12), StudentModel.seeded(small_config("training_embedding.seed=1"), 12)
    before = new.mapper.project.weight.clone()
    result = carry_over(old, new, config, config, outer=False)
    assert torch.equal(new.mapper.project.weight, before)
    assert set(names(result)) == {"mapper.project.weight", "extractor.project.weight"}
