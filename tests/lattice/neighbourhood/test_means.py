"""What callers of `TierMeans` rely on besides the figures."""

import pytest
import torch

from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS

ENGINES = ("reference", "sparse", "fft", "dense", "compiled")


def test_neighbours_are_those_that_are_averaged():
    means = TierMeans.build((4, 5, 6), (1.0, 2.0, 3.0), "sparse", dtype=torch.float64)
    for cell in (0, 57, 119):
        for tier in TIERS:
            listed = means.neighbours(cell, tier)
            one_hot = torch.eye(120, dtype=torch.float64)
            row = means.means(one_hot, tier)[cell]
            assert torch.equal(row.nonzero().squeeze(1), listed)
            assert listed.shape[0] == means.counts(tier)[cell]


def test_neighbours_of_a_cell_outside():
    means = TierMeans.build((2, 2, 2), (1.0, 2.0, 3.0), "reference")
    with pytest.raises(IndexError, match="cell 8 is not one of the 8 cells"):
        means.neighbours(8, "local")


def test_a_constant_stays_the_same_wherever_there_are_neighbours():
    means = TierMeans.build((5, 5, 5), (0.5, 4.0, 6.0), "sparse")
    ones = torch.ones(125, 1)
    assert torch.equal(means.means(ones, "local"), torch.zeros(125, 1))
    torch.testing.assert_close(means.means(ones, "functional"), ones)
    lonely = means.counts("distant") == 0
    assert lonely[62]
    torch.testing.assert_close(means.means(ones, "distant").squeeze(1), (~lonely).float())


@pytest.mark.parametrize("engine", ENGINES)
def test_half_precision_is_averaged_in_float32(engine):
    means = TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), engine)
    fields = torch.randn(216, 2).bfloat16().requires_grad_()
    result = means.means(fields, "distant")
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result, means.means(fields.float(), "distant").bfloat16())
    result.float().sum().backward()
    assert fields.grad is not None
    assert fields.grad.dtype == torch.bfloat16


@pytest.mark.parametrize("engine", ENGINES)
def test_autocast_does_not_reach_the_sums(engine):
    means = TierMeans.build((6, 6, 6), (1.0, 2.0, 3.0), engine)
    fields = torch.randn(216, 2, requires_grad=True)
    expected = means.means(fields, "functional")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = means.means(fields, "functional")
        together = means.means_all(fields)["functional"]
    torch.testing.assert_close(result, expected)
    torch.testing.assert_close(together, expected)


def test_fields_are_left_as_they_were():
    means = TierMeans.build((4, 4, 4), (1.0, 2.0, 3.0), "fft")
    fields = torch.randn(64, 3)
    before = fields.clone()
    means.means_all(fields)
    assert torch.equal(fields, before)


def test_wrong_shapes_and_precisions_are_named():
    means = TierMeans.build((3, 3, 3), (1.0, 2.0, 3.0), "sparse")
    with pytest.raises(ValueError, match=r"expected fields of shape \[27, F\], got \[26, 2\]"):
        means.means(torch.zeros(26, 2), "local")
    with pytest.raises(TypeError, match=r"dtype=torch\.float64"):
        means.means_all(torch.zeros(27, 2, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"float32 or float64, got torch\.float16"):
        TierMeans.build((3, 3, 3), (1.0, 2.0, 3.0), dtype=torch.float16)


def test_a_gradient_is_not_differentiated_again():
    means = TierMeans.build((3, 3, 3), (1.0, 2.0, 3.0), "sparse")
    fields = torch.randn(27, 1, requires_grad=True)
    (gradient,) = torch.autograd.grad(means.means(fields, "local").square().sum(), fields, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_attributes_describe_the_lattice():
    means = TierMeans.build((10, 10, 10), (0.2, 1.3, 2.0), "fft")
    assert means.dimensions == (10, 10, 10)
    assert means.thresholds == (0.2, 1.3, 2.0)
    assert means.live_tiers == ("functional", "distant")
    assert means.engine == "fft"
    assert means.reason == "asked for by the settings"
    assert means.bytes >= 2 * 12 * 12 * 7 * 4
    assert means.counts("local").sum() == 0


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("engine", ENGINES)
def test_channels_first_is_the_same_mean(engine, batch):
    means = TierMeans.build((3, 5, 4), (1.0, 1.5, 2.9), engine, dtype=torch.float64)
    fields = torch.randn(6, 60, batch, dtype=torch.float64, requires_grad=True)
    for tier in means.live_tiers:
        by_channel = means.channel_means(fields, tier)
        assert by_channel.is_contiguous()
        by_cell = means.means(fields.transpose(0, 1).flatten(1), tier)
        torch.testing.assert_close(by_channel, by_cell.unflatten(1, (6, batch)).transpose(0, 1))
        weights = torch.randn_like(fields)
        (expected,) = torch.autograd.grad((by_cell.unflatten(1, (6, batch)).transpose(0, 1) * weights).sum(), fields)
        (gradient,) = torch.autograd.grad((by_channel * weights).sum(), fields)
        torch.testing.assert_close(gradient, expected)


def test_channels_first_checks_its_fields():
    means = TierMeans.build((2, 2, 2), (0.5, 1.0, 1.5))
    assert not means.channel_means(torch.ones(3, 8, 2), "local").any()
    with pytest.raises(ValueError, match=r"expected fields of shape \[F, 8, B\], got \[8, 3\]"):
        means.channel_means(torch.ones(8, 3), "distant")
    with pytest.raises(TypeError, match=r"built with dtype=torch\.float64"):
        means.channel_means(torch.ones(3, 8, 2, dtype=torch.float64), "distant")
