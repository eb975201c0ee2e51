"""The camera's movement, with a clock of its own."""

import pytest

from app.cube.camera import flight
from app.cube.camera.flight import CameraFlight
from app.cube.camera.pose import Pose

HERE, THERE = Pose((0.0, 0.0, 0.0), 0.0, 0.0, 10.0), Pose((0.0, 0.0, 0.0), 0.0, 0.0, 20.0)


@pytest.fixture
def clock(monkeypatch):
    """Seconds, to be set."""
    now = [100.0]
    monkeypatch.setattr(flight.time, "perf_counter", lambda: now[0])
    return now


def test_a_flight_ends_where_it_was_sent(clock):
    camera = CameraFlight(HERE)
    camera.fly(THERE)
    assert (camera.pose, camera.destination, camera.flying) == (HERE, THERE, True)
    clock[0] += 0.2
    assert camera.advance()
    assert 10.0 < camera.pose.distance < 20.0
    clock[0] += 1.0
    assert camera.advance()
    assert (camera.pose, camera.flying) == (THERE, False)
    assert not camera.advance()


def test_a_jump_and_a_stop_end_a_flight(clock):
    camera = CameraFlight(HERE)
    camera.fly(THERE)
    camera.stop()
    assert camera.destination == HERE
    camera.fly(THERE)
    camera.jump(HERE)
    clock[0] += 1.0
    assert not camera.advance()
    assert camera.pose == HERE
