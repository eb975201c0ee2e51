"""Axis labels are round, few enough, and in plain words."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curves.axes import StepAxis, ValueAxis, linear_ticks, log_ticks, round_spacing


@pytest.mark.parametrize(
    ("at_least", "spacing"), [(0.03, 0.05), (1.0, 1.0), (1.1, 2.0), (2.1, 5.0), (51, 100), (0.0, 1.0), (math.inf, 1.0)]
)
def test_spacing_is_one_two_or_five(at_least: float, spacing: float) -> None:
    assert round_spacing(at_least) == pytest.approx(spacing)


def test_ticks_are_multiples_within_the_range() -> None:
    assert linear_ticks(0.13, 0.62, 0.2) == pytest.approx([0.2, 0.4, 0.6])
    assert linear_ticks(-1.0, 1.0, 1.0) == [-1.0, 0.0, 1.0]


@given(st.floats(-6, 4), st.floats(0.05, 12), st.floats(60, 800))
def test_logarithmic_labels_do_not_touch(low: float, decades: float, pixels: float) -> None:
    ticks = log_ticks(low, low + decades, pixels)
    assert all(low - 1e-9 <= tick <= low + decades + 1e-9 for tick in ticks)
    assert ticks == sorted(ticks)
    for before, after in pairwise(ticks):
        assert (after - before) * pixels / decades >= 14


def test_decades_get_their_powers() -> None:
    assert log_ticks(-3, 2, 110) == [-3, -2, -1, 0, 1, 2]
    assert [round(10**tick, 3) for tick in log_ticks(-1, 1, 200)] == [0.1, 0.2, 0.5, 1, 2, 5, 10]


def test_less_than_a_decade_gets_even_steps() -> None:
    assert [round(10**tick, 3) for tick in log_ticks(math.log10(0.9), math.log10(1.1), 200)] == pytest.approx(
        [0.9, 0.95, 1.0, 1.05, 1.1]
    )


def test_labels_are_plain(qapp: object) -> None:
    steps, values = StepAxis(), ValueAxis()
    assert steps.tickStrings([0, 500_000, 1_000_000], 1, 500_000) == ["0", "500,000", "1,000,000"]
    assert values.tickStrings([0.2, 0.4], 1, 0.2) == ["0.2", "0.4"]
    assert values.tickStrings([0.95, 1.0], 1, 0.05) == ["0.95", "1.00"]
    values.setLogMode(y=True)
    assert values.tickStrings([-5, -1, 0, 3], 1, 1) == ["1e-5", "0.1", "1", "1e3"]


def test_training_steps_are_whole(qapp: object) -> None:
    ((spacing, ticks),) = StepAxis().tickValues(0.2, 3.9, 900)
    assert spacing == 1
    assert ticks == [1, 2, 3]
