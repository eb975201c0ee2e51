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


def test_small_cubes_take_edges_and_large_ones_transforms():
    assert choose_engine(default_stencils(8), torch.float32, PLENTY)[0] == "sparse"
    assert choose_engine(default_stencils(16), torch.float32, PLENTY)[0] == "sparse"
    engine, reason = choose_engine(default_stencils(48), torch.float32, PLENTY)
    assert engine == "fft"
    assert re.fullmatch(
        r"transforms of 60x60x60 points \([\d.]+ ms\) cost less than [\d,]+ edges \([\d.]+ ms per field\)",
        reason,
    )


def test_auto_takes_what_fits():
    stencils = default_stencils(16)
    engine, reason = choose_engine(stencils, torch.float32, 100_000)
    assert engine == "fft"
    assert re.fullmatch(r"sparse matrices of 3\.\d MB would not fit", reason)
    thin = Stencils.of((1, 1, 200), (1.0, 2.0, 3.0))
    engine, reason = choose_engine(thin, torch.float32, PLENTY)
    assert engine == "sparse"
    assert reason.startswith("1,188 edges (under 0.001 ms per field) cost less than transforms of 1x1x210 points")


def test_auto_without_neighbours():
    means = TierMeans.build((3, 3, 3), (0.1, 0.2, 0.3))
    assert means.engine == "sparse"
    assert means.reason == "no tier has neighbours, so there is nothing to compute"
    assert all(not mean.any() for mean in means.means_all(torch.ones(27, 2)).values())


def test_refusal_names_bytes_and_remedies():
    with pytest.raises(TierMemoryError) as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "sparse", memory_limit_bytes=1_000_000)
    message = str(caught.value)
    assert re.search(r"tier engine 'sparse' needs 3,[\d,]+ bytes \(3\.\d MB\) for the 4\d\d,\d{3} edges", message)
    assert "16x16x16 cube with radius 3.2" in message
    assert "may take 1,000,000 bytes (1.0 MB)" in message
    assert "neighbors.engine = 'fft', which needs" in message
    assert "lattice.adaptive_radius_ratio" in message
    assert "neighbors.memory_limit_gb" in message


def test_refusal_of_fft_does_not_recommend_fft():
    with pytest.raises(TierMemoryError, match="tier engine 'fft' needs") as caught:
        TierMeans.build((16, 16, 16), (0.32, 2.08, 3.2), "fft", memory_limit_bytes=10)
    assert "neighbors.engine" not in str(caught.value)


def test_auto_refuses_when_nothing_fits():
    with pytest.raises(TierMemoryError, match="needs"):
        TierMeans.build((8, 8, 8), (1.0, 2.0, 3.0), memory_limit_bytes=10)


def test_edges_beyond_short_indices_are_refused_before_anything_is_built():
    thresholds = (1.28, 8.32, 24.0)
    with pytest.raises(
        TierMemoryError, match=r"can number at most 2,147,483,647 edges of a tier\. Try neighbors\.engine"
    ):
        TierMeans.build((64, 64, 64), thresholds, "sparse", memory_limit_bytes=10**13)
    assert choose_engine(Stencils.of((64, 64, 64), thresholds), torch.float32, 10**13)[0] == "fft"
