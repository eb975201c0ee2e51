"""Spikes are values far above the median of those before, and only the first of a run is told."""

from __future__ import annotations

import numpy as np
import pytest

from app.curves import spikes
from app.curves.history import History
from app.curves.spikes import LEAST, SPIKE, WINDOW, spikes_in, spikes_in_parts
from tests.app.reports import step_report


def steps_of(losses: np.ndarray, breaks: tuple[float, ...] = (), since: float = -1.0) -> list[int]:
    steps = np.arange(1, len(losses) + 1, dtype=float)
    return [step for step, _ in spikes_in(steps, losses, breaks, since)]


def calm(count: int = 120) -> np.ndarray:
    return 1.0 + 0.1 * np.sin(np.arange(count, dtype=float))


def test_a_spike_is_found_early_and_late_and_said_in_words() -> None:
    losses = calm()
    losses[[LEAST + 2, 90]] = 5.0, 8.0
    steps = np.arange(1, 121, dtype=float)
    found = list(spikes_in(steps, losses))
    assert [step for step, _ in found] == [LEAST + 3, 91]
    assert found[1][1].startswith("spike: loss 8.00, 8.")
    assert "times the median of the steps before" in found[1][1]


def test_of_neighbours_the_first_is_told_and_a_steep_beginning_is_none() -> None:
    losses = calm()
    losses[60:63] = 9.0
    losses[0] = 400.0
    assert steps_of(losses) == [61]


def test_what_is_not_finite_or_follows_an_edit_is_no_spike() -> None:
    losses = calm()
    losses[70] = np.nan
    losses[80:] *= 10.0
    assert steps_of(losses) == [81]
    assert steps_of(losses, breaks=(80.0,)) == []


def test_only_what_is_wanted_is_looked_at_with_the_same_outcome() -> None:
    losses = calm(3 * WINDOW)
    losses[[40, 100, 101]] = 7.0
    whole = steps_of(losses)
    assert whole == [41, 101]
    for since in (41.0, 42.0, 101.0, 102.0):
        assert steps_of(losses, since=since) == [step for step in whole if step >= since]


def test_a_long_run_is_looked_at_in_parts_with_the_same_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = calm(200)
    losses[[80, 111, 112, 160]] = 9.0
    whole = steps_of(losses)
    monkeypatch.setattr(spikes, "_AT_ONCE", 31)
    assert steps_of(losses) == whole == [81, 112, 161]


def test_a_history_knows_them_while_it_grows_and_when_it_comes_back() -> None:
    history = History()
    for step in range(1, 101):
        report = step_report(step)
        history.append(report if step != 80 else step_report(step, total=50.0))
    assert [spike.training_step for spike in history.spikes] == [80]
    again = History.from_arrays(history.to_arrays())
    assert [spike.training_step for spike in again.spikes] == [80]
    history.truncate(79)
    assert history.spikes == []


def test_medians_are_taken_only_where_a_spike_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = calm(5000)
    losses[[300, 2500, 4999]] = 9.0
    taken: list[int] = []
    median = np.median

    def counted(values: np.ndarray, axis: int | None = None) -> np.ndarray:
        taken.append(1 if axis is None else len(values))
        return median(values, axis=axis)

    monkeypatch.setattr(spikes.np, "median", counted)
    assert steps_of(losses) == [301, 2501, 5000]
    assert sum(taken) < WINDOW + 10


@pytest.mark.parametrize("seed", range(5))
def test_what_is_ruled_out_is_no_spike(seed: int) -> None:
    values = np.random.default_rng(seed).lognormal(sigma=0.8, size=400) - 0.3
    steps = np.arange(1, 401, dtype=float)
    high = [value > SPIKE * m > 0 for value, m in zip(values[WINDOW:], medians_before(values), strict=True)]
    first = [WINDOW + 1 + i for i, now in enumerate(high) if now and not (i and high[i - 1])]
    assert [step for step, _ in spikes_in(steps, values, since=WINDOW + 2.0)] == [s for s in first if s > WINDOW + 1]


def medians_before(values: np.ndarray) -> list[float]:
    return [float(np.median(values[i - WINDOW : i])) for i in range(WINDOW, len(values))]


def test_the_parts_of_a_long_course_give_the_same_and_say_how_much_they_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = calm(400)
    losses[[99, 100, 199, 350]] = 9.0
    steps = np.arange(1, 401, dtype=float)
    monkeypatch.setattr(spikes, "_PART", 100)
    parts = list(spikes_in_parts(steps, losses, (350.0,)))
    assert [samples for _, samples in parts] == [100] * 4
    assert [spike for found, _ in parts for spike in found] == list(spikes_in(steps, losses, (350.0,)))
