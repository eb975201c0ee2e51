"""Two programs in turns: rates from times, a program that stands still, and one that ends too early."""

from __future__ import annotations

import sys
import time
from itertools import groupby

import pytest

from benchmarks.in_turns import SteppingProgram, rate, rates_in_turns
from benchmarks.window import as_text, summarise

STEPS = "import time\nwhile True:\n    time.sleep({})\n    print(time.monotonic(), flush=True)"


def program(pause: float) -> SteppingProgram:
    return SteppingProgram([sys.executable, "-c", STEPS.format(pause)])


def test_a_rate_counts_the_gaps_within_a_span() -> None:
    times = [0.0, 1.0, 1.5, 2.0, 2.5, 9.0]
    assert rate(times, 0.5, 3.0) == pytest.approx(3 / 1.5)
    with pytest.raises(ValueError, match=r"1 training steps in 6\.0 s are too few"):
        rate(times, 3.0, 9.001)


def test_a_suspended_program_stands_still() -> None:
    with program(0.01) as stepping:
        stepping.wait_for(3)
        stepping.suspend()
        time.sleep(0.1)
        seen = len(stepping.times)
        time.sleep(0.3)
        assert len(stepping.times) == seen
        stepping.resume()
        stepping.wait_for(seen + 3)


def test_each_program_steps_in_its_turn_only() -> None:
    with program(0.005) as quick, program(0.1) as slow:
        for one in (quick, slow):
            one.wait_for(1)
            one.suspend()
        began = time.monotonic()
        rates = rates_in_turns(quick, slow, turns=2, seconds=1.0)
    assert len(rates) == 2
    assert all(steps > 0.0 for pair in rates for steps in pair)
    named = sorted([(when, "quick") for when in quick.times] + [(when, "slow") for when in slow.times])
    turns = [name for name, _ in groupby((name for when, name in named if when > began))]
    assert turns == ["quick", "slow", "quick"]


def test_a_turn_without_steps_is_longer() -> None:
    with program(0.005) as quick, program(0.4) as slow:
        for one in (quick, slow):
            one.wait_for(1)
            one.suspend()
        rates = rates_in_turns(quick, slow, turns=1, seconds=0.2)
    assert rates[0][1] > 0.0


def test_a_program_that_ends_is_told_with_its_error() -> None:
    with (
        SteppingProgram([sys.executable, "-c", "raise SystemExit('no such preset')"]) as broken,
        pytest.raises(RuntimeError, match="after 0 training steps"),
    ):
        broken.wait_for(1)


def test_ratios_are_taken_within_a_turn() -> None:
    watched = {"import_torch_seconds": 2.0, "first_frame_seconds": 1.0, "first_training_step_seconds": 4.0}
    result = summarise([watched], [(10.0, 9.0), (4.0, 3.0), (8.0, 8.0)])
    assert result["window_over_headless"] == pytest.approx(0.9)
    assert result["headless_steps_per_second"] == 8.0
    assert result["window_over_headless_quartiles"] == [0.75, 1.0]
    assert result["first_training_step_over_import_torch"] == 2.0
    assert "window over headless" in as_text(result)
    assert "rates" not in as_text(result)
