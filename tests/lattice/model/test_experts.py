"""The experts against slow, explicit arithmetic in float64."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from lattice.model.experts import DistantExpert, Expert, FunctionalExpert, LocalExpert, integrate
from lattice.neighbourhood import TierMeans


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(3)


def split(expert: Expert, states: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the parts that an expert gets of states [..., C], channels first."""
    return F.linear(states, *expert.fused()).flatten(0, -2).T.split(expert.sizes)


def functional_expert(classes: int = 7) -> FunctionalExpert:
    """Return an expert whose codes are random, not zero as at the start."""
    expert = FunctionalExpert(state_size=5, similarity_channels=2, value_channels=3, hidden=4, classes=classes).double()
    torch.nn.init.normal_(expert.query_code.weight)
    torch.nn.init.normal_(expert.key_code.weight)
    return expert


def test_functional_message_is_the_weighted_mean_of_differences_to_the_neighbours_and_a_sink() -> None:
    means = TierMeans.build((3, 2, 4), (1.0, 1.5, 2.0), engine="reference", dtype=torch.float64)
    expert = functional_expert()
    states = torch.randn(24, 2, 5, dtype=torch.float64)
    projected = expert.projection(states)
    value = states @ expert.value.weight.T
    own, upstream = torch.randint(7, (24,)), torch.randint(7, (24,))
    query_code, key_code = expert.query_code.weight[:, upstream], expert.key_code.weight[:, own]
    counts = means.counts("functional").unsqueeze(1)
    parts = expert.placed(
        split(expert, states), query_code.unsqueeze(2), key_code.unsqueeze(2), expert.SINK / counts, 2
    )
    fields = expert.fields(parts)
    averaged = means.channel_means(fields.unflatten(1, (24, 2)), "functional").flatten(1)
    message = expert.message(parts, averaged).unflatten(1, (24, 2))

    query, key = projected[..., 0:2], projected[..., 2:4]
    query, key = query + query_code.T.unsqueeze(1), key + key_code.T.unsqueeze(1)
    for cell in range(24):
        neighbours = means.neighbours(cell, "functional")
        for sample in range(2):
            weights = F.softplus(query[cell, sample]) @ F.softplus(key[neighbours, sample]).T
            differences = value[neighbours, sample] - value[cell, sample]
            expected = (weights[:, None] * differences).sum(0) / (weights.sum() + 4.0)
            torch.testing.assert_close(message[:, cell, sample], expected)


def test_a_cell_without_neighbours_hears_zero_and_keeps_finite_gradients() -> None:
    expert = functional_expert()
    parts = split(expert, torch.randn(1, 1, 5, dtype=torch.float64))
    nothing = torch.zeros(2, 1, 1, dtype=torch.float64)
    parts = expert.placed(parts, nothing, nothing, torch.full((1, 1), 4.0, dtype=torch.float64), 1)
    means = torch.zeros(8, 1, dtype=torch.float64, requires_grad=True)
    message = expert.message(parts, means)
    message.sum().backward()
    assert torch.equal(message, torch.zeros(3, 1, dtype=torch.float64))
    assert means.grad is not None
    assert torch.isfinite(means.grad).all()


def test_the_local_expert_is_linear_in_state_and_mean() -> None:
    expert = LocalExpert(state_size=4, message_channels=3).double()

    def change(state: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        return expert.delta(split(expert, state), mean, state)

    state, other = torch.randn(2, 1, 4, dtype=torch.float64)
    mean, other_mean = torch.randn(2, 3, 1, dtype=torch.float64)
    zero = change(torch.zeros_like(state), torch.zeros_like(mean))
    both = change(2.0 * state + other, 2.0 * mean + other_mean)
    torch.testing.assert_close(both - zero, 2.0 * (change(state, mean) - zero) + change(other, other_mean) - zero)


def half_tanh(values: torch.Tensor) -> torch.Tensor:
    """The flow's activation by its other formula."""
    return 0.5 * torch.tanh(0.5 * values)


def test_the_flow_agrees_with_a_very_fine_integration() -> None:
    drive = torch.randn(7, 5, dtype=torch.float64)
    weight, out = torch.randn(5, 3, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64) * 0.3
    moved = torch.zeros(7, 3, dtype=torch.float64)
    parts = 20_000
    for _ in range(parts):
        middle = moved + 0.5 / parts * half_tanh(drive + moved @ weight.T) @ out.T
        moved = moved + half_tanh(drive + middle @ weight.T) @ out.T / parts
    torch.testing.assert_close(integrate(drive.T, weight, out, method="rk4", substeps=16), moved, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk4", 4)])
def test_the_integrators_have_their_order(method: str, order: int) -> None:
    drive = torch.randn(3, 4, dtype=torch.float64)
    weight, out = torch.randn(4, 2, dtype=torch.float64), torch.randn(2, 4, dtype=torch.float64) * 0.4
    exact = integrate(drive.T, weight, out, method="rk4", substeps=512)
    errors = [
        (integrate(drive.T, weight, out, method=method, substeps=substeps) - exact).norm().item()
        for substeps in (8, 16)
    ]
    assert errors[0] / errors[1] == pytest.approx(2.0**order, rel=0.25)


def test_one_sub_step_of_the_distant_expert_by_hand() -> None:
    expert = DistantExpert(state_size=3, message_channels=2, hidden=4).double()
    expert.configure("euler", 1)
    state, message = torch.randn(1, 3, dtype=torch.float64), torch.randn(2, 1, dtype=torch.float64)
    hidden = expert.projection.weight[2:] @ state[0] + expert.projection.bias[2:]
    expected = expert.out.weight @ half_tanh(hidden + expert.receive.weight @ message[:, 0])
    torch.testing.assert_close(expert.delta(split(expert, state), message, state)[0], expected)


def test_a_flow_without_sub_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one sub-step, got 0"):
        integrate(torch.zeros(2, 1), torch.zeros(2, 1), torch.zeros(1, 2), method="euler", substeps=0)
