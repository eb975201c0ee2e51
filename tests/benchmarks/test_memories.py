"""The benchmark of the start from memories: its runs, and a cube in which no cell hears another."""

import torch

from benchmarks.memories import SilentMeans, as_text, measure
from lattice.config import SimpleProjectConfig
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans

SMALL = [
    "lattice.dimensions=[3,3,3]",
    "lattice.adaptive_radius_ratio=0.5",
    "lattice.lattice_steps=2",
    "training_embedding.max_total_samples=32",
    "training_embedding.batch_size=16",
    "embedding_mapping.scalars_per_cell=1",
]


def test_a_run_is_scored_before_and_after_training():
    config = SimpleProjectConfig.from_preset("memories").override(SMALL)
    result = measure(config, 1, torch.device("cpu"))
    assert (result.start, result.placement, result.scalars_per_cell, result.training_steps) == (
        "memories", "surface", 1, 1,
    )  # fmt: skip
    assert result.before != result.after
    assert result.silenced != result.after
    assert "surface memories seed 0  1 scalars a cell" in as_text(result)


def test_silent_cells_do_not_depend_on_each_other():
    config = SimpleProjectConfig.from_preset("memories").override(SMALL)
    means = TierMeans.build((3, 3, 3), config.lattice.get_distance_thresholds())
    student = StudentModel.seeded(config.replaced({"embedding_mapping.volume_initializer": "zeros"}), 12)
    inputs = torch.nn.functional.normalize(torch.randn(1, 12, generator=torch.Generator().manual_seed(0)), dim=-1)
    with torch.no_grad():
        for heard, others_change in ((means, True), (SilentMeans(means), False)):
            before = student(inputs, heard, 2).rollout.final
            weight = student.mapper.project.weight[0].clone()
            student.mapper.project.weight[0] += 1.0
            after = student(inputs, heard, 2).rollout.final
            student.mapper.project.weight[0] = weight
            changed = (before != after).any(-1).squeeze(1)
            assert changed[0]
            assert bool(changed[1:].any()) is others_change
