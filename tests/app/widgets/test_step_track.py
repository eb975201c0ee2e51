"""The small line above the track follows the cosine of each lattice step."""

from __future__ import annotations

import math

import pytest
from pytestqt.qtbot import QtBot

from app.widgets.step_track import LINE_BOTTOM, LINE_TOP, StepTrack


@pytest.fixture
def track(qtbot: QtBot) -> StepTrack:
    track = StepTrack()
    qtbot.addWidget(track)
    track.resize(228, track.sizeHint().height())
    track.set_steps(4)
    return track


def test_the_line_has_a_point_above_each_stop_from_0_to_1(track: StepTrack) -> None:
    track.set_scores((0.0, 0.3, 0.5, 0.4, 1.0))
    points = track.score_points()
    assert [point.x() for point in points] == [14, 64, 114, 164, 214]
    assert points[0].y() == LINE_BOTTOM
    assert points[4].y() == LINE_TOP
    assert points[3].y() > points[2].y()


def test_noise_is_not_drawn_as_a_climb(track: StepTrack) -> None:
    track.set_scores((0.05, 0.06, 0.05, 0.05, 0.1))
    assert track.score_points()[0].y() - track.score_points()[4].y() < 1
    track.set_scores((-0.5, 0.0, 0.1, 0.2, 0.1))
    assert track.score_points()[0].y() == LINE_BOTTOM, "what is below 0 is still on the track"


@pytest.mark.parametrize("scores", [(), (0.1, 0.2), (0.1, math.nan, 0.2, 0.3, 0.4)])
def test_without_a_score_at_each_stop_there_is_no_line(track: StepTrack, scores: tuple[float, ...]) -> None:
    track.set_scores(scores)
    assert track.score_points() == []
    track.grab()


def test_the_line_can_be_seen(track: StepTrack) -> None:
    before = track.grab().toImage()
    track.set_scores((0.1, 0.3, 0.5, 0.4, 0.9))
    assert track.grab().toImage() != before
