"""Estimates follow what torch really keeps, and what training steps really took."""

from __future__ import annotations

import pytest

from app.run import estimator
from app.run.estimator import RunEstimator, work
from lattice.config import SimpleProjectConfig
from lattice.training.footprint import RECOMPUTE_TIME, rollout_bytes, training_bytes

WIDTH = 48


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


def test_recomputing_is_told_and_counted() -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    estimator.observe(config, 0.3)
    lean = config.override(["device.recompute=always"])
    plain, again = estimator(config), estimator(lean)
    assert (plain.recomputes, again.recomputes) == (False, True)
    assert plain.memory_bytes is not None
    assert again.memory_bytes is not None
    assert again.memory_bytes < plain.memory_bytes
    assert again.seconds == pytest.approx(RECOMPUTE_TIME * 0.3)


class Memory:
    """Free memory that a test sets, and how often it was asked for; the time is the test's, too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.asked, self.now = 10**12, 0, 100.0
        monkeypatch.setattr(estimator, "free_for_rollouts", self.ask)
        monkeypatch.setattr(estimator.time, "monotonic", lambda: self.now)

    def ask(self, _device: object) -> int:
        self.asked += 1
        return self.free


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Take the place of the device's memory."""
    return Memory(monkeypatch)


def test_the_running_config_recomputes_as_its_trainer_says_whatever_is_free_now(memory: Memory) -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    for free, said in ((0, False), (10**12, True)):
        memory.free = free
        estimator.follow(config, recompute=said)
        estimator.observe(config, 0.3)
        assert estimator(config).recomputes is said


def test_a_rollout_under_way_counts_as_free_for_other_configs(memory: Memory) -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    other = config.replaced({"lattice.lattice_steps": config.lattice.lattice_steps + 1})
    estimator.follow(config, recompute=False)
    memory.free = int(rollout_bytes(other, recompute=False) / 0.6 - rollout_bytes(config, recompute=False) / 2)
    assert estimator(other).recomputes
    estimator.follow(config, recompute=False)
    estimator.observe(config, 0.3)
    assert not estimator(other).recomputes
    memory.now += 60.0
    assert estimator(other).recomputes


def test_what_is_needed_is_compared_with_what_is_free(memory: Memory) -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    needed = estimator(config).memory_bytes
    assert needed is not None
    memory.now += 60.0
    memory.free = int(needed / 0.89)
    assert estimator(config).fits
    memory.now += 60.0
    memory.free = int(needed / 0.91)
    lean = estimator(config.override(["device.recompute=never"]))
    assert lean.free_bytes == memory.free
    assert not lean.fits


def test_the_running_weights_give_way_to_others(memory: Memory) -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    memory.free = 10**10
    estimator.follow(config, recompute=False)
    assert estimator(config).free_bytes == memory.free
    estimator.observe(config, 0.3)
    memory.now += 60.0
    held = training_bytes(config, WIDTH, recompute=False) - rollout_bytes(config, recompute=False)
    assert held > 0
    assert estimator(config).free_bytes == memory.free + held


def test_free_memory_is_asked_for_at_most_once_a_second(memory: Memory) -> None:
    estimator, config = RunEstimator(WIDTH), SimpleProjectConfig()
    for _ in range(20):
        estimator(config)
        memory.now += 0.1
    assert memory.asked == 2
