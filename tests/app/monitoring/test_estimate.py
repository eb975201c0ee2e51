"""Estimates follow what torch really keeps, and what training steps really took."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from app.monitoring.estimate import RunEstimator, floats_per_update, map_weights, work
from lattice.config import SimpleProjectConfig
from lattice.losses import losses
from lattice.model.student import StudentModel
from lattice.training.trainer import build_tier_means

WIDTH = 48


def kept_floats(config: SimpleProjectConfig) -> float:
    """Count the floats that one batch keeps for its backward pass, with torch's own hooks."""
    student = StudentModel.seeded(config, WIDTH)
    tier_means = build_tier_means(config, torch.device("cpu"))
    weights = {parameter.untyped_storage().data_ptr() for parameter in student.parameters()}
    seen: dict[int, tuple[int, torch.Tensor]] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            seen[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    inputs = torch.nn.functional.normalize(torch.randn(config.training_embedding.batch_size, WIDTH), dim=-1)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = student(inputs, tier_means, config.lattice.lattice_steps)
        losses(output.embedding_BD, inputs, output.rollout, config.training_embedding.loss_weights)
    return sum(size for size, _ in seen.values()) / 4


@pytest.mark.parametrize(
    "changes",
    [{}, {"model.state_size": 48}, {"model.expert_hidden": 64}, {"model.flow_method": "rk4"},
     {"lattice.lattice_steps": 8, "model.value_channels": 12}],
)  # fmt: skip
def test_the_formula_counts_what_torch_keeps(changes: dict[str, Any]) -> None:
    base = {"lattice.dimensions": (8, 8, 8), "lattice.lattice_steps": 4, "training_embedding.batch_size": 8}
    config = SimpleProjectConfig().replaced({**base, **changes})
    updates = config.lattice.cells * config.lattice.lattice_steps * config.training_embedding.batch_size
    assert updates * floats_per_update(config) == pytest.approx(kept_floats(config), rel=0.1)


def test_map_weights_are_those_of_the_student() -> None:
    for changes in ({}, {"embedding_mapping.placement": "through"}, {"lattice.dimensions": (5, 7, 9)}):
        config = SimpleProjectConfig().replaced(changes)
        student = StudentModel.seeded(config, WIDTH)
        largest = sorted((parameter.numel() for parameter in student.parameters()), reverse=True)[:2]
        assert sum(largest) == map_weights(config, WIDTH)


def test_time_is_unknown_until_measured_and_scales_with_the_work() -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    assert estimator(config).seconds is None
    assert estimator(config).memory_bytes is not None
    estimator.observe(config, 0.05)
    assert estimator(config).seconds == pytest.approx(0.05)
    double = estimator(config.replaced({"lattice.lattice_steps": 2 * config.lattice.lattice_steps})).seconds
    assert double == pytest.approx(0.1)
    more = config.replaced({"training_embedding.accumulation": 3})
    assert estimator(more).seconds == pytest.approx(0.15)
    assert work(config.replaced({"lattice.adaptive_radius_ratio": 0.4})) > work(config)
    estimator.forget()
    assert estimator(config).seconds is None


def test_one_slow_step_does_not_move_the_estimate() -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    for _ in range(20):
        estimator.observe(config, 0.05)
    estimator.observe(config, 5.0)
    assert estimator(config).seconds == pytest.approx(0.05)
    for _ in range(20):
        estimator.observe(config, 0.1)
    assert estimator(config).seconds == pytest.approx(0.1)
