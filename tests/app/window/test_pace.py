"""A rate keeps its unit while it swings, and the time left counts evaluations."""

from __future__ import annotations

import pytest

from app.window.pace import Pace


def test_a_rate_that_swings_around_one_in_ten_seconds_keeps_its_unit() -> None:
    pace = Pace()
    texts = [pace.rate_text(rate) for rate in (3.5, 0.12, 0.09, 0.12, 0.25, 0.09, 0.31, 0.12)]
    assert texts == [
        "3.5 steps/s",
        "0.12 steps/s",
        "11 s per step",
        "8.3 s per step",
        "4.0 s per step",
        "11 s per step",
        "0.31 steps/s",
        "0.12 steps/s",
    ]
    assert pace.rate_text(1234) == "1,234 steps/s"
    assert pace.rate_text(0.0) == "measuring the rate"


@pytest.mark.parametrize(
    ("steps", "rate", "text"),
    [(40, 1.0, "about 40 s left"), (600, 2.0, "about 5 min left"), (7200, 1.0, "about 2 h 00 min left"),
     (0, 1.0, ""), (10, 0.0, "")],
)  # fmt: skip
def test_time_left(steps: int, rate: float, text: str) -> None:
    assert Pace().left_text(steps, rate) == text


def test_evaluations_to_come_take_their_time_until_another_network_is_there() -> None:
    pace = Pace()
    pace.set_schedule(10)
    pace.evaluated(5.0)
    assert pace.left_text(100, 10.0) == "about 1 min left"
    pace.forget()
    assert pace.left_text(100, 10.0) == "about 10 s left"
