"""Resolution follows the frame time, without swinging."""

from __future__ import annotations

from app.cube.governor import Governor


def simulate(cost_at_one: float, frames: int, start: Governor | None = None) -> tuple[Governor, list[float]]:
    governor, scales = start or Governor(), []
    for _ in range(frames):
        governor.frame(cost_at_one * governor.scale**2)
        scales.append(governor.scale)
    return governor, scales


def test_slow_frames_lower_the_resolution_fast_ones_raise_it_again():
    governor, scales = simulate(90.0, 30)
    assert scales[-1] == 0.5
    governor, scales = simulate(10.0, 200, governor)
    assert scales[-1] == 1.0


def test_one_slow_frame_changes_nothing():
    governor = Governor()
    for milliseconds in (300.0, 20.0, 300.0, 20.0) * 20:
        governor.frame(milliseconds)
    assert governor.scale == 1.0


def test_a_fast_device_smooths_every_frame():
    assert simulate(1.5, 100)[1][-1] == 2.0


def test_it_settles_for_every_constant_cost():
    for cost in (1, 3, 5, 8, 12, 20, 30, 39, 41, 50, 60, 70, 80, 120, 200, 500):
        _, scales = simulate(float(cost), 1500)
        assert len(set(scales[-600:])) == 1, cost


def test_in_between_it_stays_where_it_is():
    _, scales = simulate(60.0, 50)
    assert set(scales[10:]) == {0.75}
    assert simulate(35.0, 50)[1][-1] == 1.0
