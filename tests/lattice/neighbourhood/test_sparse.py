"""Which form the sparse engine takes, and what it costs."""

import torch

from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.rows import NeighbourRows
from lattice.neighbourhood.sparse import SparseEngine, cheapest_form
from lattice.neighbourhood.x_runs import RunMatrix
from lattice.tiers.shells import Shell


def test_small_shells_are_listed_and_large_ones_are_runs():
    engine = SparseEngine(Stencils.of((16, 16, 16), (0.32, 2.08, 3.2)), torch.device("cpu"), torch.float32)
    assert {tier: type(matrix) for tier, matrix in engine._matrices.items()} == {
        "functional": NeighbourRows,
        "distant": RunMatrix,
    }
    assert cheapest_form((8, 8, 8), Shell(0, 1), 1).table is None
    assert cheapest_form((30, 30, 30), Shell(15, 36), 1).table is not None
    # Threads share the rows of a list, as far as it is not too long.
    assert cheapest_form((30, 30, 30), Shell(15, 36), 16).table is None
    assert cheapest_form((64, 64, 64), Shell(69, 163), 64).table is not None


def test_bytes_are_those_of_the_tensors():
    stencils = Stencils.of((16, 16, 16), (0.32, 2.08, 3.2))
    engine = SparseEngine(stencils, torch.device("cpu"), torch.float32)
    listed, runs = engine._matrices["functional"], engine._matrices["distant"]._rows
    held = sum(part.nbytes for matrix in (listed, runs) for part in (matrix.starts, matrix.columns))
    assert engine.bytes == SparseEngine.bytes_needed(stencils, torch.float32) == held


def test_a_large_cube_fits_in_little_memory():
    stencils = Stencils.of((64, 64, 64), (1.28, 8.32, 12.8))
    assert sum(stencils.edges.values()) > 1.7e9
    assert SparseEngine.bytes_needed(stencils, torch.float32) < 20e6
