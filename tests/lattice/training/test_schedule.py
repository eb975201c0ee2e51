"""The learning rate against torch's own schedulers."""

from __future__ import annotations

import pytest
import torch

from lattice.config import OptimizerSettings
from lattice.training.schedule import learning_rate

STEPS = 50


def rates_of_torch(make_scheduler: object) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.02)
    scheduler = make_scheduler(optimizer)  # type: ignore[operator]
    rates = []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def rates(**settings: object) -> list[float]:
    chosen = OptimizerSettings(learning_rate=0.02, **settings)
    return [learning_rate(step, STEPS, chosen) for step in range(STEPS)]


@pytest.mark.parametrize("warmup", [0.1, 0.3, 0.5])
def test_one_cycle_is_torchs_one_cycle(warmup: float) -> None:
    expected = rates_of_torch(
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer, 0.02, total_steps=STEPS + 1, pct_start=warmup, final_div_factor=400, cycle_momentum=False
        )
    )
    actual = [
        learning_rate(step, STEPS + 1, OptimizerSettings(learning_rate=0.02, warmup_fraction=warmup))
        for step in range(STEPS)
    ]
    assert actual == pytest.approx(expected)


def test_cosine_is_torchs_cosine() -> None:
    expected = rates_of_torch(
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS - 1, eta_min=2e-6)
    )
    assert rates(schedule="cosine") == pytest.approx(expected)


def test_constant_stays_and_the_end_is_kept_beyond_the_schedule() -> None:
    assert set(rates(schedule="constant")) == {0.02}
    settings = OptimizerSettings(learning_rate=0.02)
    assert learning_rate(10 * STEPS, STEPS, settings) == pytest.approx(2e-6)
    assert learning_rate(0, 1, settings) == pytest.approx(0.02)
