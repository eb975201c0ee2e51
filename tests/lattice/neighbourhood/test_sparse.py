"""Layout of the sparse engine's matrices."""

import torch

from lattice.neighbourhood import sparse
from lattice.neighbourhood.base import Stencils


def test_rows_are_sorted_and_indices_are_short(monkeypatch):
    monkeypatch.setattr(sparse, "_MASKED_PAIRS", 100)  # many chunks
    stencils = Stencils.of((3, 5, 4), (1.0, 2.0, 3.0))
    columns = sparse.neighbour_columns(
        stencils, stencils.shells["functional"], stencils.edges["functional"], torch.device("cpu")
    )
    assert columns.dtype == torch.int32
    for row in columns.split(stencils.counts["functional"].tolist()):
        assert torch.equal(row, row.unique())


def test_bytes_are_those_of_the_tensors():
    stencils = Stencils.of((6, 6, 6), (1.0, 2.0, 3.0))
    engine = sparse.SparseEngine(stencils, torch.device("cpu"), torch.float32)
    held = [
        part.nbytes
        for matrix in engine._matrices.values()
        for part in (matrix.crow_indices(), matrix.col_indices(), matrix.values())
    ]
    assert engine.bytes == sum(held)
