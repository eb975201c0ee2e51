"""Resolution follows the frame time, without swinging."""

from __future__ import annotations

import pytest

from app.cube.gl.adaptive_resolution import SCALES, AdaptiveResolution


def simulate(
    cost_at_one: float, frames: int, start: AdaptiveResolution | None = None
) -> tuple[AdaptiveResolution, list[float]]:
    """Draw frames with a moving camera, each as dear as its pixels."""
    governor, scales = start or AdaptiveResolution(), []
    for _ in range(frames):
        scale = governor.scale(moving=True)
        governor.frame(cost_at_one * scale**2, scale, moving=True)
        scales.append(governor.scale(moving=True))
    return governor, scales


def test_slow_frames_lower_the_resolution_fast_ones_raise_it_again():
    governor, scales = simulate(90.0, 30)
    assert scales[-1] == 0.5
    governor, scales = simulate(10.0, 200, governor)
    assert scales[-1] == 1.0


def test_one_slow_frame_changes_nothing():
    governor = AdaptiveResolution()
    for milliseconds in (300.0, 20.0, 300.0, 20.0) * 20:
        governor.frame(milliseconds, 1.0, moving=True)
    assert governor.scale(moving=True) == 1.0


def test_a_fast_device_smooths_every_frame():
    governor, scales = simulate(1.5, 100)
    assert scales[-1] == 2.0
    assert governor.scale(moving=False) == 2.0


def test_it_settles_for_every_constant_cost():
    for cost in (1, 3, 5, 8, 12, 20, 30, 39, 41, 50, 60, 70, 80, 120, 200, 500):
        _, scales = simulate(float(cost), 1500)
        assert len(set(scales[-600:])) == 1, cost


def test_in_between_it_stays_where_it_is():
    _, scales = simulate(60.0, 50)
    assert set(scales[10:]) == {0.75}
    assert simulate(35.0, 50)[1][-1] == 1.0


@pytest.mark.parametrize(("cost", "still"), [(20.0, 1.0), (60.0, 0.75), (150.0, 0.5), (250.0, 0.5), (900.0, 0.5)])
def test_a_still_camera_gets_the_finest_scale_that_does_not_stall_the_window(cost, still):
    governor, _ = simulate(cost, 60)
    assert governor.scale(moving=False) == still


@pytest.mark.parametrize("moving", [False, True])
def test_what_may_cost_more_than_the_frames_before_is_drawn_coarsely_once(moving):
    governor = AdaptiveResolution()
    governor.frame(5.0, 1.0, moving=True)
    governor.expect_other()
    assert governor.scale(moving=moving) == SCALES[-1]
    governor.frame(2.0, SCALES[-1], moving=moving)
    assert governor.scale(moving=moving) == 1.0


def test_frames_without_movement_do_not_lower_the_resolution_of_movement():
    governor = AdaptiveResolution()
    for _ in range(20):
        governor.frame(70.0, 1.0, moving=False)
    assert governor.scale(moving=True) == 1.0
    assert governor.full_ms == pytest.approx(70.0)
