"""When a run is saved."""

from __future__ import annotations

import pytest

from lattice.errors import ConfigError
from lattice.runs.save_policy import SaveClock, SaveEvery


@pytest.mark.parametrize(
    ("text", "minutes", "steps", "words"),
    [
        ("10m", 10.0, None, "every 10 minutes"),
        ("0.5m", 0.5, None, "every 0.5 minutes"),
        ("500", None, 500, "every 500 training steps"),
        ("1m, 1", 1.0, 1, "every minute and every training step"),
        ("never", None, None, "only at its end"),
    ],
)
def test_texts_are_read(text: str, minutes: float | None, steps: int | None, words: str) -> None:
    every = SaveEvery.parse(text)
    assert (every.minutes, every.steps) == (minutes, steps)
    assert every.described() == words


@pytest.mark.parametrize("text", ["", "0", "0m", "soon", "1.5", "-3", "1h", "5m,", "9" * 5000, "nan", "1e9"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--save-every .*expected minutes such as 10m, training steps such as 500"):
        SaveEvery.parse(text)


def test_minutes_and_steps_both_count_and_nothing_is_due_without_a_step() -> None:
    clock = SaveClock(SaveEvery(minutes=1.0, steps=10), step=3, now=0.0)
    assert not clock.due(3, 1000.0)
    assert not clock.due(9, 59.0)
    assert clock.due(10, 1.0)
    assert clock.due(12, 1.0), "reports may come every few steps only"
    assert clock.due(4, 60.0)
    clock.saved(10, 1.0)
    assert not clock.due(19, 60.0)
    assert clock.due(20, 60.0)
