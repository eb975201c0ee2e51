"""The predicted memory against what torch really keeps, and the choice of recomputing."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.losses import losses
from lattice.model.student import StudentModel
from lattice.tiers import live_tiers
from lattice.training import footprint
from lattice.training.engine import build_tier_means
from lattice.training.footprint import floats_per_update, map_weights, recomputes, rollout_bytes

WIDTH = 48


def kept_floats(config: SimpleProjectConfig, *, recompute: bool = False) -> float:
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
        output = student(inputs, tier_means, config.lattice.lattice_steps, recompute=recompute)
        losses(output.embedding_BD, inputs, output.rollout, config.training_embedding.loss_weights)
    return sum(size for size, _ in seen.values()) / 4


def a_config(changes: dict[str, Any]) -> SimpleProjectConfig:
    base = {"lattice.dimensions": (8, 8, 8), "lattice.lattice_steps": 4, "training_embedding.batch_size": 8}
    return SimpleProjectConfig().replaced({**base, **changes})


def updates(config: SimpleProjectConfig) -> int:
    return config.lattice.cells * config.lattice.lattice_steps * config.training_embedding.batch_size


@pytest.mark.parametrize(
    "changes",
    [{}, {"model.state_size": 48}, {"model.message_channels": 16}, {"model.similarity_channels": 8},
     {"model.expert_hidden": 64}, {"model.flow_method": "rk4"}, {"model.flow_substeps": 4},
     {"lattice.lattice_steps": 8, "model.value_channels": 12},
     {"lattice.adaptive_radius_ratio": 0.4, "lattice.local_distance_ratio": 0.35}],
)  # fmt: skip
def test_the_formula_counts_what_torch_keeps(changes: dict[str, Any]) -> None:
    config = a_config(changes)
    assert updates(config) * floats_per_update(config) == pytest.approx(kept_floats(config), rel=0.02)


def test_what_a_small_face_needs_is_counted_once_the_width_is_known() -> None:
    config = a_config({"embedding_mapping.placement": "through", "lattice.dimensions": (24, 2, 2),
                       "lattice.adaptive_radius_ratio": 0.07})  # fmt: skip
    needed = updates(config) * floats_per_update(config, WIDTH)
    assert needed == pytest.approx(kept_floats(config), rel=0.02)
    assert rollout_bytes(config, recompute=False, width=WIDTH) > rollout_bytes(config, recompute=False)


def test_recomputing_keeps_states_and_gates_only() -> None:
    config = a_config({"lattice.lattice_steps": 10})
    per_update = config.model.state_size + len(live_tiers(config.lattice))
    kept = kept_floats(config, recompute=True)
    # Beside them: what painting the cube kept.
    assert updates(config) * per_update <= 1.01 * kept < 2 * updates(config) * per_update
    assert kept < 0.15 * kept_floats(config)
    # While going back, the floats of one lattice step come on top.
    one_step = rollout_bytes(a_config({"lattice.lattice_steps": 1}), recompute=False)
    assert rollout_bytes(config, recompute=True) == pytest.approx(one_step + 4 * updates(config) * per_update, rel=1e-6)


def test_map_weights_are_those_of_the_student() -> None:
    for changes in ({}, {"embedding_mapping.placement": "through"}, {"lattice.dimensions": (5, 7, 9)}):
        config = SimpleProjectConfig().replaced(changes)
        student = StudentModel.seeded(config, WIDTH)
        largest = sorted((parameter.numel() for parameter in student.parameters()), reverse=True)[:2]
        assert sum(largest) == map_weights(config, WIDTH)


def test_auto_recomputes_only_what_would_not_fit() -> None:
    config = a_config({})
    needed = rollout_bytes(config, recompute=False)
    assert not recomputes(config, 2 * needed)
    assert recomputes(config, needed)
    assert recomputes(config.replaced({"device.recompute": "always"}), 2 * needed)
    assert not recomputes(config.replaced({"device.recompute": "never"}), 0)


def test_what_the_process_holds_in_reserve_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "free_memory_bytes", lambda _device: 100)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _device: 70)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _device: 30)
    monkeypatch.setattr(footprint, "freed_bytes", lambda: 5)
    assert footprint.free_for_rollouts(torch.device("cpu")) == 105
    assert footprint.free_for_rollouts(torch.device("cuda", 0)) == 140


@pytest.mark.parametrize(
    ("side", "steps", "state", "batch", "gigabytes"), [(37, 5, 32, 1, 8), (64, 5, 32, 1, 24), (100, 5, 32, 1, 80)]
)
def test_large_cubes_are_predicted_to_train_on_the_cards_they_are_meant_for(
    side: int, steps: int, state: int, batch: int, gigabytes: int
) -> None:
    config = SimpleProjectConfig().replaced(
        {
            "lattice.dimensions": (side, side, side),
            "lattice.lattice_steps": steps,
            "model.state_size": state,
            "training_embedding.batch_size": batch,
        }
    )
    free = gigabytes * 10**9
    assert footprint.training_bytes(config, 768, recompute=recomputes(config, free)) < 0.9 * free


def test_a_tier_that_a_row_of_cells_has_no_room_for_keeps_nothing() -> None:
    config = SimpleProjectConfig().replaced({"lattice.dimensions": (8, 1, 1)})
    means = build_tier_means(config, torch.device("cpu"))
    assert live_tiers(config.lattice) == means.live_tiers == ("functional",)
    wider = config.replaced({"model.expert_hidden": 2 * config.model.expert_hidden, "model.flow_substeps": 4})
    only_functional = 3 * (wider.model.expert_hidden - config.model.expert_hidden)
    assert floats_per_update(wider) - floats_per_update(config) == only_functional
