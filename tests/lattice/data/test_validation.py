"""Checks of rows on their device, against checks written out row by row."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from lattice.data.table import RowTable
from lattice.data.validation import REASONS, Bounds, count_reasons

BOUNDS = Bounds(1e-3, 1e3)


def codes_of(rows: torch.Tensor, *, partners: torch.Tensor | None = None, duplicates: bool = True) -> list[str]:
    pairs = partners is not None
    table = RowTable(len(rows), rows.shape[1], rows.dtype, rows.device, pairs=pairs, bounds=BOUNDS)
    table.put(0, 0, rows)
    if partners is not None:
        table.put(1, 0, partners)
    table.finish(drop_duplicates=duplicates)
    return [REASONS[code] for code in table.codes.tolist()]


def expected_codes(rows: torch.Tensor) -> list[str]:
    seen: set[tuple[float, ...]] = set()
    found = []
    for row in rows.double().tolist():
        norm = math.sqrt(sum(value * value for value in row))
        key = tuple(math.copysign(1, value) * 1e-300 if value == 0 else value for value in row)
        if not all(map(math.isfinite, row)):
            found.append("not finite")
        elif norm < BOUNDS.min_norm:
            found.append("norm too small")
        elif norm > BOUNDS.max_norm:
            found.append("norm too large")
        elif key in seen:
            found.append("duplicate")
        else:
            seen.add(key)
            found.append("kept")
    return found


VALUES = st.sampled_from([0.0, -0.0, 1.0, 1.0, -2.0, 0.5, 1e-5, 900.0, 3e4, math.inf, -math.inf, math.nan])


@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=30), st.sampled_from(["half", "float"]))
def test_every_row_gets_the_reason_that_a_slow_check_gives(values: list[list[float]], kind: str) -> None:
    rows = getattr(torch.tensor(values), kind)()
    assert codes_of(rows) == expected_codes(rows)


def test_huge_but_finite_values_are_too_large_and_not_called_infinite() -> None:
    rows = torch.tensor([[3e38, 3e38], [math.inf, 0.0], [1.0, 0.0]])
    assert codes_of(rows) == ["norm too large", "not finite", "kept"]


def test_bounds_may_admit_lengths_beyond_float32() -> None:
    table = RowTable(2, 2, torch.float32, torch.device("cpu"), pairs=False, bounds=Bounds(0.0, 1e300))
    table.put(0, 0, torch.tensor([[3e38, 3e38], [math.nan, 0.0]]))
    assert [REASONS[code] for code in table.codes.tolist()] == ["kept", "not finite"]


def test_duplicates_can_be_kept() -> None:
    rows = torch.ones(3, 4)
    assert codes_of(rows, duplicates=False) == ["kept"] * 3
    assert codes_of(rows) == ["kept", "duplicate", "duplicate"]


def test_a_pair_is_a_duplicate_only_if_both_sides_are_and_bad_if_one_is() -> None:
    rows = torch.tensor([[1.0, 0.0]] * 4)
    partners = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [math.nan, 0.0]])
    assert codes_of(rows, partners=partners) == ["kept", "kept", "duplicate", "not finite"]


def test_rows_with_equal_hashes_but_different_values_are_both_kept() -> None:
    table = RowTable(3, 4, torch.float32, torch.device("cpu"), pairs=False, bounds=BOUNDS)
    table.put(0, 0, torch.eye(3, 4))
    table.hashes.fill_(7)
    table.finish(drop_duplicates=True)
    assert table.codes.tolist() == [0, 0, 0]


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_closing_gaps_keeps_the_chosen_rows_in_order(keep: list[bool]) -> None:
    rows = torch.arange(len(keep) * 3, dtype=torch.float32).reshape(-1, 3) + 1
    table = RowTable(len(keep), 3, torch.float32, torch.device("cpu"), pairs=False, bounds=BOUNDS)
    table.put(0, 0, rows)
    kept = torch.tensor(keep).nonzero().squeeze(1)
    hashes = table.hashes.clone()
    table.compact(kept)
    assert torch.equal(table.columns[0], rows[kept])
    assert torch.equal(table.hashes, hashes[kept])


def test_only_reasons_that_occur_are_counted() -> None:
    assert count_reasons(torch.tensor([0, 1, 1, 4], dtype=torch.int8)) == {"not finite": 2, "duplicate": 1}


@pytest.mark.gpu
def test_the_device_decides_like_the_processor() -> None:
    rows = torch.randn(500, 64)
    rows[3], rows[4], rows[5], rows[6] = math.nan, 0.0, 1e20, rows[7]
    table = RowTable(500, 64, torch.float32, torch.device("cuda"), pairs=False, bounds=BOUNDS)
    table.put(0, 0, rows.cuda())
    table.finish(drop_duplicates=True)
    assert [REASONS[code] for code in table.codes.tolist()] == codes_of(rows)
