"""How many rows each source gives."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lattice.data.mixing import mix_counts, most_rows

COUNTS = st.lists(st.integers(1, 1000), min_size=1, max_size=5)
LIMITS = st.none() | st.integers(1, 3000)


@pytest.mark.parametrize(
    ("available", "weights", "limit", "expected"),
    [
        ([100, 50], (), None, [100, 50]),
        ([100, 50], (), 60, [30, 30]),
        ([100, 5], (), 60, [55, 5]),
        ([100, 50], (1, 1), None, [50, 50]),
        ([100, 50], (3, 1), None, [100, 33]),
        ([100, 50], (3, 1), 40, [30, 10]),
        ([7], (2.5,), 4, [4]),
    ],
)
def test_worked_examples(
    available: list[int], weights: tuple[float, ...], limit: int | None, expected: list[int]
) -> None:
    assert mix_counts(available, weights, limit) == expected


@given(COUNTS, LIMITS)
def test_without_weights_everything_is_taken_up_to_the_limit(available: list[int], limit: int | None) -> None:
    counts = mix_counts(available, (), limit)
    assert all(0 <= count <= most for count, most in zip(counts, available, strict=True))
    assert sum(counts) == (sum(available) if limit is None else min(limit, sum(available)))


@given(st.lists(st.tuples(st.integers(1, 1000), st.floats(0.1, 10)), min_size=1, max_size=5), LIMITS)
def test_weights_are_kept_to_one_row_and_a_source_is_never_repeated(
    sources: list[tuple[int, float]], limit: int | None
) -> None:
    available, weights = zip(*sources, strict=True)
    counts = mix_counts(available, weights, limit)
    assert all(0 <= count <= most for count, most in zip(counts, available, strict=True))
    assert limit is None or sum(counts) <= limit
    scale = max(count / weight for count, weight in zip(counts, weights, strict=True))
    assert all(
        abs(count - scale * weight) <= 1 + max(weights) / weight for count, weight in zip(counts, weights, strict=True)
    )


@given(COUNTS, st.integers(1, 3000))
def test_no_more_rows_are_opened_than_a_mix_can_take(available: list[int], limit: int) -> None:
    weights = tuple(float(count) for count in available)
    opened = [min(count, most_rows(i, weights, limit) or 0) for i, count in enumerate(available)]
    assert mix_counts(opened, weights, limit) == mix_counts(available, weights, limit)
