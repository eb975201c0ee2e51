"""Axes and ranges that do not flicker."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.color.smoothing import SteadyAxes, SteadyRange


def cloud(spread, turn=None, seed=0, cells=4000):
    states = np.random.default_rng(seed).normal(size=(cells, len(spread))) * spread
    return (states if turn is None else states @ turn).astype(np.float32)


def rotation(width, seed=1):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(width, width)))[0]


def test_axes_are_the_three_strongest_directions():
    turn = rotation(6)
    axes = SteadyAxes()
    axes.update(cloud([5, 3, 2, 0.5, 0.2, 0.1], turn))
    assert np.abs(axes.axes.T @ turn[:3].T) == pytest.approx(np.eye(3), abs=0.06)
    assert axes.shares == pytest.approx(np.array([25, 9, 4]) / 38.3, abs=0.02)


def test_nearly_all_coordinates_lie_between_0_and_1():
    axes, states = SteadyAxes(), cloud([5, 3, 2, 0.5], rotation(4)) + 7.0
    axes.update(states)
    coordinates = axes.coordinates(states)
    assert coordinates.shape == (3, 4000)
    assert coordinates.mean(axis=1) == pytest.approx(0.5, abs=0.02)
    assert ((coordinates > 0) & (coordinates < 1)).mean() > 0.9


def test_colours_change_slowly_while_the_states_change_slowly_even_where_axes_change_places():
    axes, probe, before, jumps = SteadyAxes(), cloud([1, 1, 1, 1, 1], seed=9, cells=300), None, []
    for t in np.linspace(0.0, 1.0, 200):
        # The first two directions swap strength, and the fourth overtakes the third.
        axes.update(cloud([4 - 2 * t, 2 + 2 * t, 1.5 - 0.6 * t, 0.8 + 0.9 * t, 0.1], seed=int(1000 * t)))
        now = axes.coordinates(probe)
        if before is not None:
            jumps.append(np.abs(now - before).max())
        before = now
    assert max(jumps) < 0.06


def test_a_flipped_or_reordered_solution_is_turned_back():
    axes, states = SteadyAxes(), cloud([5, 3, 2, 0.1], rotation(4))
    axes.update(states)
    before = axes.coordinates(states)
    for _ in range(20):
        axes.update(states)
    assert np.abs(axes.coordinates(states) - before).max() < 0.02


def test_axes_arrive_when_the_states_stay_different():
    axes = SteadyAxes()
    axes.update(cloud([5, 3, 2, 0.1, 0.1, 0.1]))
    for _ in range(120):
        axes.update(cloud([0.1, 0.1, 0.1, 5, 3, 2]))
    held = np.linalg.norm(axes.axes[3:], axis=0)
    assert (held > 0.95).all()
    assert axes.axes.T @ axes.axes == pytest.approx(np.eye(3), abs=1e-9)


def test_fewer_than_three_channels_and_states_that_never_vary():
    axes = SteadyAxes()
    axes.update(cloud([1.0, 0.5]))
    assert np.isfinite(axes.coordinates(cloud([1.0, 0.5]))).all()
    still = SteadyAxes()
    still.update(np.ones((50, 8), np.float32))
    assert still.coordinates(np.ones((2, 8), np.float32)) == pytest.approx(0.5, abs=1e-3)


def test_another_width_starts_anew_and_states_that_are_not_finite_are_left_out():
    axes = SteadyAxes()
    axes.update(cloud([1.0] * 8))
    axes.update(np.full((10, 8), np.nan, np.float32))
    assert np.isfinite(axes.axes).all()
    axes.update(cloud([1.0] * 4))
    assert axes.axes.shape == (4, 3)
    axes.reset()
    assert not axes.known


def test_ranges_grow_fast_and_shrink_slowly():
    steady = SteadyRange()
    steady.update(0.0, 1.0)
    assert (steady.low, steady.high) == (0.0, 1.0)
    steady.update(0.0, 3.0)
    assert steady.high == 2.0
    steady.update(0.5, 1.0)
    assert 1.9 < steady.high < 2.0
    assert 0.0 < steady.low < 0.05
    steady.update(float("nan"), 1.0)
    assert np.isfinite(steady.low)
