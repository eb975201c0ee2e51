"""How far a run is stands in its log where no bar is drawn."""

from types import SimpleNamespace
from typing import Any

import pytest

from lattice.cli.heartbeat import EVERY_SECONDS, FIRST_SECONDS, Heartbeat

REPORT: Any = SimpleNamespace(losses={"total": 0.25})
SCORED: Any = SimpleNamespace(training_step=40, student=SimpleNamespace(cosine=0.5))


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_line_comes_soon_and_then_once_a_while(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    heartbeat = Heartbeat(20, 120, wanted=True, clock=clock)
    for now in (0.0, FIRST_SECONDS - 1, FIRST_SECONDS, FIRST_SECONDS + EVERY_SECONDS - 1):
        clock.now = now
        heartbeat.stepped(60, 20.0, REPORT, None)
    clock.now = FIRST_SECONDS + EVERY_SECONDS
    heartbeat.stepped(70, 25.0, REPORT, SCORED)
    assert [record.message for record in caplog.records] == [
        "Training step 60 of 120: loss 0.2500, 2.00 steps/s, about 30 s of training left",
        "Training step 70 of 120: loss 0.2500, validation cosine 0.5000 at step 40, 2.00 steps/s, "
        "about 25 s of training left",
    ]


def test_other_work_shares_the_beat(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    heartbeat = Heartbeat(0, 10, wanted=True, clock=clock)
    clock.now = FIRST_SECONDS
    heartbeat.working("evaluating", 40, 620)
    heartbeat.stepped(1, 9.0, REPORT, None)
    clock.now += EVERY_SECONDS
    heartbeat.working("linear baseline", 3, None)
    assert [record.message for record in caplog.records] == ["Evaluating: 40 of 620", "Linear baseline: 3"]


def test_nothing_is_said_beside_a_bar(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    heartbeat = Heartbeat(0, 10, wanted=False, clock=clock)
    clock.now = FIRST_SECONDS
    heartbeat.stepped(1, 9.0, REPORT, None)
    assert not caplog.records
