"""What `auto` takes, what it says, and what is refused."""

import re

import pytest
import torch

from lattice.errors import TierMemoryError
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.choose import choose_engine

PLENTY = 10**12


def default_stencils(side):
    return Stencils.of((side, side, side), (side * 0.02, side * 0.13, side * 0.2))


def test_cubes_take_sparse_matrices_and_huge_ones_transforms():
    for side in (8, 16, 30):
        assert choose_engine(default_stencils(side), torch.float32, PLENTY)[0] == "sparse"
    engine, reason = choose_engine(default_stencils(100), torch.float32, PLENTY)
    assert engine == "fft"
    assert re.fullmatch(
        r"by estimate transforms of 120x120x120 points \([\d.]+ ms per field\) cost less than "
        r"sparse matrices \([\d,.]+ ms per field\)",
        reason,
    )


def test_auto_takes_what_fits():
    engine, reason = choose_engine(default_stencils(16), torch.float32, 100_000)
    assert engine == "fft"
    assert re.fullmatch(r"sparse matrices \([\d.]+ ms per field\) would cost less, but need 508 kB", reason)


def test_auto_without_neighbours():
    means = TierMeans.build((3, 3, 3), (0.1, 0.2, 0.3))
    assert means.engine == "sparse"
    assert means.reason == "no tier has neighbours, so there is nothing to compute"
    assert all(not mean.any() for mean in means.means_all(torch.ones(27, 2)).values())


def test_refusal_names_bytes_and_remedies():
    with pytest.raises(TierMemoryError) as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "reference", memory_limit_bytes=1_000_000)
    message = str(caught.value)
    assert message.startswith("tier engine 'reference' needs 7,584,384 bytes (7.6 MB) for a 16x16x16 cube")
    assert "with radius 3.2, whose cells have 474,024 neighbours in all" in message
    assert "may take 1,000,000 bytes (1.0 MB)" in message
    assert "neighbors.engine = 'fft', which needs 35 kB" in message
    assert "lattice.adaptive_radius_ratio" in message
    assert "neighbors.memory_limit_gb" in message


def test_refusal_of_fft_does_not_recommend_fft():
    with pytest.raises(TierMemoryError, match="tier engine 'fft' needs") as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "fft", memory_limit_bytes=10)
    assert "neighbors.engine" not in str(caught.value)


def test_auto_refuses_when_nothing_fits():
    with pytest.raises(TierMemoryError, match="needs"):
        TierMeans.build((8, 8, 8), (1.0, 2.0, 3.0), memory_limit_bytes=10)


def test_entries_beyond_short_indices_are_refused_before_anything_is_built():
    thresholds = (5.0, 150.0, 255.0)
    with pytest.raises(
        TierMemoryError, match=r"can number at most 2,147,483,647 entries of a matrix\. Try neighbors\."
    ):
        TierMeans.build((256, 256, 256), thresholds, "sparse", memory_limit_bytes=10**13)
    assert choose_engine(Stencils.of((256, 256, 256), thresholds), torch.float32, 10**13)[0] == "fft"
