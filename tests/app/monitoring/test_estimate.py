"""Estimates follow what torch really keeps, and what training steps really took."""

from __future__ import annotations

import pytest

from app.monitoring.estimate import RunEstimator, work
from lattice.config import SimpleProjectConfig
from lattice.training.footprint import RECOMPUTE_TIME

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
