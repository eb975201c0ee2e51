"""Every engine against brute force in float64: values, gradients, borders and degenerate lattices."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS

ENGINES = ("reference", "sparse", "fft", "dense", "compiled")
TOLERANCE = 1e-5

LATTICES = {
    "cube": ((8, 8, 8), (1.0, 2.1, 3.2)),
    "default ratios": ((10, 10, 10), (0.2, 1.3, 2.0)),
    "box": ((5, 9, 7), (1.0, 1.8, 4.0)),
    "all tiers empty": ((4, 4, 4), (0.1, 0.5, 0.99)),
    "one cell thick": ((1, 6, 7), (1.0, 2.0, 3.5)),
    "a line": ((1, 1, 12), (1.0, 3.0, 5.0)),
    "a line along x": ((12, 1, 1), (1.0, 3.0, 5.0)),
    "one cell": ((1, 1, 1), (1.0, 2.0, 3.0)),
    "radius beyond the cube": ((3, 4, 5), (1.5, 4.0, 100.0)),
    "only corners see each other": ((3, 3, 3), (0.5, 3.2, 3.5)),
    "thresholds equal to distances": ((6, 6, 6), (math.sqrt(2), 0.7 * 10 * 0.3, 3.0)),
}


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("engine", ENGINES)
def test_means_are_exact_in_float32(engine, name, brute_force, relative_error):
    dimensions, thresholds = LATTICES[name]
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, engine)
    fields = torch.randn(truth.cells, 7, generator=torch.Generator().manual_seed(0))
    together = means.means_all(fields)
    assert tuple(together) == TIERS
    for tier in TIERS:
        expected = truth.means(fields, tier)
        assert relative_error(means.means(fields, tier), expected) < TOLERANCE
        assert relative_error(together[tier], expected) < TOLERANCE
        assert torch.equal(means.counts(tier), truth.adjacency[tier].sum(1).int())
    assert means.live_tiers == tuple(tier for tier in TIERS if truth.adjacency[tier].any())


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_are_exact_in_float32(engine, name, brute_force, relative_error):
    dimensions, thresholds = LATTICES[name]
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, engine)
    generator = torch.Generator().manual_seed(1)
    fields = torch.randn(truth.cells, 5, generator=generator, requires_grad=True)
    weights = {tier: torch.randn(truth.cells, 5, generator=generator) for tier in TIERS}
    expected = {tier: truth.gradient(weights[tier], tier) for tier in TIERS}
    for tier in means.live_tiers:
        (gradient,) = torch.autograd.grad((means.means(fields, tier) * weights[tier]).sum(), fields)
        assert relative_error(gradient, expected[tier]) < TOLERANCE
    if means.live_tiers:
        together = means.means_all(fields)
        (gradient,) = torch.autograd.grad(sum((together[tier] * weights[tier]).sum() for tier in TIERS), fields)
        assert relative_error(gradient, sum(expected.values())) < TOLERANCE


@pytest.mark.parametrize("engine", ENGINES)
def test_gradcheck(engine):
    means = TierMeans.build((2, 4, 3), (1.0, 2.0, 3.3), engine, dtype=torch.float64)
    fields = torch.randn(24, 2, dtype=torch.float64, requires_grad=True)
    for tier in TIERS:
        assert torch.autograd.gradcheck(lambda values, tier=tier: means.means(values, tier), fields)
    assert torch.autograd.gradcheck(lambda values: tuple(means.means_all(values).values()), fields)


@pytest.mark.parametrize("engine", ENGINES)
def test_float64_is_computed_in_float64(engine, brute_force, relative_error):
    dimensions, thresholds = LATTICES["box"]
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, engine, dtype=torch.float64)
    fields = torch.randn(truth.cells, 3, dtype=torch.float64)
    for tier in TIERS:
        result = means.means(fields, tier)
        assert result.dtype == torch.float64
        assert relative_error(result, truth.means(fields, tier)) < 1e-13


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loud_field_does_not_leak_into_its_neighbours(engine, brute_force, relative_error):
    dimensions, thresholds = LATTICES["cube"]
    truth = brute_force(dimensions, thresholds)
    fields = torch.randn(truth.cells, 4) * torch.tensor([1.0, 1e12, 1e-12, 1.0])
    means = TierMeans.build(dimensions, thresholds, engine)
    for tier in TIERS:
        assert relative_error(means.means(fields, tier), truth.means(fields, tier)) < TOLERANCE


@pytest.mark.parametrize("engine", ENGINES)
def test_strided_and_empty_fields(engine, brute_force, relative_error):
    dimensions, thresholds = LATTICES["box"]
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, engine)
    strided = torch.randn(6, truth.cells).t()[:, ::2]
    assert relative_error(means.means(strided, "distant"), truth.means(strided, "distant")) < TOLERANCE
    assert means.means(torch.zeros(truth.cells, 0), "distant").shape == (truth.cells, 0)


@settings(max_examples=40)
@given(
    dimensions=st.tuples(*[st.integers(1, 7)] * 3),
    thresholds=st.lists(st.floats(0.0, 9.0), min_size=3, max_size=3).map(sorted),
)
def test_engines_agree_on_any_lattice(dimensions, thresholds):
    built = {engine: TierMeans.build(dimensions, thresholds, engine) for engine in ENGINES}
    reference = built["reference"]
    fields = torch.randn(math.prod(dimensions), 3, requires_grad=True)
    weights = torch.randn(math.prod(dimensions), 3)
    for tier in TIERS:
        expected = reference.means(fields, tier)
        for means in built.values():
            torch.testing.assert_close(means.means(fields, tier), expected, rtol=0, atol=TOLERANCE)
    for tier in reference.live_tiers:
        expected, *others = (
            torch.autograd.grad((means.means(fields, tier) * weights).sum(), fields)[0] for means in built.values()
        )
        for gradient in others:
            torch.testing.assert_close(gradient, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.gpu
@pytest.mark.parametrize("engine", [name for name in ENGINES if name != "compiled"])
@pytest.mark.parametrize("name", LATTICES)
def test_cuda_gives_the_same(engine, name, brute_force, relative_error):
    dimensions, thresholds = LATTICES[name]
    truth = brute_force(dimensions, thresholds)
    means = TierMeans.build(dimensions, thresholds, engine, device="cuda")
    fields = torch.randn(truth.cells, 5, device="cuda", requires_grad=True)
    weights = torch.randn(truth.cells, 5, device="cuda")
    for tier in means.live_tiers:
        result = means.means(fields, tier)
        assert result.device == fields.device
        (gradient,) = torch.autograd.grad((result * weights).sum(), fields)
        assert relative_error(result.detach().cpu(), truth.means(fields.detach().cpu(), tier)) < TOLERANCE
        assert relative_error(gradient.cpu(), truth.gradient(weights.cpu(), tier)) < TOLERANCE
