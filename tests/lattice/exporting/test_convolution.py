"""Means by convolution are those of the reference engine."""

from __future__ import annotations

import pytest
import torch

from lattice.exporting.convolution import ConvolutionMeans
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS


@pytest.mark.parametrize(
    ("dimensions", "thresholds"),
    [
        ((3, 4, 5), (1.0, 1.5, 2.5)),
        ((2, 2, 2), (1.0, 2.0, 9.0)),
        ((1, 1, 6), (1.0, 2.0, 3.0)),
        ((4, 4, 4), (0.5, 1, 1)),
    ],
)
def test_means_are_those_of_the_reference(
    dimensions: tuple[int, int, int], thresholds: tuple[float, float, float]
) -> None:
    means = ConvolutionMeans.of(dimensions, thresholds)
    reference = TierMeans.build(dimensions, thresholds, engine="reference", dtype=torch.float64)
    cells = dimensions[0] * dimensions[1] * dimensions[2]
    fields_FNB = torch.randn(3, cells, 2, generator=torch.Generator().manual_seed(0))
    assert means.live_tiers == reference.live_tiers
    for tier in TIERS:
        wanted = reference.channel_means(fields_FNB.double(), tier)
        torch.testing.assert_close(means.channel_means(fields_FNB, tier).double(), wanted, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(means.means(fields_FNB[0], tier).double(), wanted[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(means.means_all(fields_FNB[0])[tier].double(), wanted[0], rtol=1e-5, atol=1e-6)
