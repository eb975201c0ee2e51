"""Layout of sparse matrices of ones."""

import torch

from lattice.neighbourhood import rows
from lattice.neighbourhood.rows import entry_count, neighbour_rows, rows_bytes
from lattice.tiers.counts import shell_counts
from lattice.tiers.shells import Shell, shell_offsets

CPU = torch.device("cpu")


def test_a_line_of_three():
    offsets = torch.tensor([[0, 0, -1], [0, 0, 1], [0, 0, -2]])
    matrix = neighbour_rows((1, 1, 3), offsets, torch.tensor([0, 0, 1]), CPU)
    assert matrix.starts.tolist() == [0, 1, 3, 5]
    assert matrix.columns.tolist() == [1, 0, 2, 1, 3]
    values = torch.tensor([[1.0], [10.0], [100.0], [1000.0], [0.0], [0.0]])
    assert (matrix @ values).tolist() == [[10.0], [101.0], [1010.0]]


def test_columns_ascend_and_indices_are_short(monkeypatch):
    monkeypatch.setattr(rows, "_TESTED_PAIRS", 100)  # many chunks
    box, shell = (3, 5, 4), Shell(1, 5)
    offsets = shell_offsets(shell, box)
    matrix = neighbour_rows(box, offsets, torch.zeros(len(offsets), dtype=torch.int64), CPU)
    counts = shell_counts(box, shell)
    assert matrix.columns.dtype == matrix.starts.dtype == torch.int32
    assert torch.equal(matrix.starts.diff(), counts)
    for columns in matrix.columns.split(counts.tolist()):
        assert torch.equal(columns, columns.unique())
    assert entry_count(box, offsets) == counts.sum()
    assert rows_bytes(box, int(counts.sum())) == matrix.columns.nbytes + matrix.starts.nbytes


def test_offsets_longer_than_the_box_have_no_entries():
    assert entry_count((2, 2, 2), torch.tensor([[3, 0, 0], [0, -2, 0], [1, 1, 1]])) == 1


def test_no_fields():
    matrix = neighbour_rows((1, 1, 3), torch.tensor([[0, 0, 1]]), torch.zeros(1, dtype=torch.int64), CPU)
    assert (matrix @ torch.zeros(3, 0)).shape == (3, 0)
