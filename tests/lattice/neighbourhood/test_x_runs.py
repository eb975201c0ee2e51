"""Neighbour sums by runs, against the adjacency of all pairs."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lattice.neighbourhood import x_runs
from lattice.neighbourhood.x_runs import RunMatrix, RunTable, with_shorter
from lattice.tiers.counts import edge_count
from lattice.tiers.shells import Shell, shell_offsets

CPU = torch.device("cpu")


def adjacency(dimensions, shell):
    cells = torch.cartesian_prod(*(torch.arange(side) for side in dimensions))
    squared = (cells[:, None] - cells).square().sum(-1)
    return ((squared > shell.inner) & (squared <= shell.outer)).double()


@settings(max_examples=80)
@given(st.tuples(*[st.integers(1, 7)] * 3), st.integers(0, 40), st.integers(1, 60))
def test_sums_are_those_of_all_pairs(dimensions, inner, width):
    shell = Shell(inner, inner + width)
    assume(edge_count(dimensions, shell) > 0)
    fields = torch.randn(math.prod(dimensions), 3, dtype=torch.float64)
    result = RunMatrix(RunTable(dimensions, shell), CPU) @ fields
    torch.testing.assert_close(result, adjacency(dimensions, shell) @ fields)


def test_columns_and_their_runs_make_the_shell():
    dimensions, shell = (9, 8, 7), Shell(4, 20)
    table = RunTable(dimensions, shell)
    found = [
        [dx, *column[1:]]
        for column, slot in zip(table.offsets_M3.tolist(), table.blocks_M.tolist(), strict=True)
        for dx in range(-table.runs[slot][1], table.runs[slot][1] + 1)
        if abs(dx) >= table.runs[slot][0]
    ]
    assert sorted(found) == shell_offsets(shell, dimensions).tolist()


def test_longer_runs_are_made_of_shorter_ones():
    assert with_shorter([(1, 3)]) == [(1, 1), (2, 2), (3, 3), (1, 2), (1, 3)]
    assert with_shorter([(0, 0), (2, 2)]) == [(0, 0), (2, 2)]


def test_runs_need_far_fewer_entries_than_neighbours():
    shell = Shell(12, 29)  # the distant tier of 27^3
    table = RunTable((27, 27, 27), shell)
    assert table.entries * 27 < edge_count((27, 27, 27), shell) / 4


@pytest.mark.parametrize("fields", [1, 31, 100])
def test_chunks_of_fields_change_nothing(monkeypatch, fields):
    monkeypatch.setattr(x_runs, "_WORKSPACE_BYTES", 1)
    monkeypatch.setattr(x_runs, "_LEAST_FIELDS", 10)
    shell = Shell(3, 9)
    values = torch.randn(5 * 6 * 4, fields, dtype=torch.float64)
    result = RunMatrix(RunTable((5, 6, 4), shell), CPU) @ values
    torch.testing.assert_close(result, adjacency((5, 6, 4), shell) @ values)
