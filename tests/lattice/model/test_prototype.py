"""The cell prototype: one step against a per-cell reference, masking, and gradients that reach every weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.losses import losses
from lattice.model import prototype
from lattice.model.prototype import CellPrototype
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS
from lattice.tiers.flow import cell_codes

DIMENSIONS = (3, 2, 4)


def reference_step(cell: CellPrototype, state: Tensor, position: Tensor, means: TierMeans) -> Tensor:
    """One lattice step of one sample, [N, C], cell by cell and neighbour by neighbour."""
    own = torch.stack([row / (1.0 + row.square().mean()).sqrt() for row in state])
    own = own + position @ cell.position.weight.T
    result = state.clone()
    for index in range(len(state)):
        near = {tier: means.neighbours(index, tier).tolist() for tier in TIERS}
        deltas, messages = {}, {}
        local = cell.local
        sent = own @ local.projection.weight[:3].T + local.projection.bias[:3]
        messages["local"] = sent[near["local"]].mean(0) if near["local"] else torch.zeros(3).double()
        kept = local.projection.weight[3:] @ own[index] + local.projection.bias[3:]
        deltas["local"] = kept + local.receive.weight @ messages["local"]

        functional = cell.functional
        rows = own @ functional.projection.weight.T + functional.projection.bias
        query, key, hidden, value = rows[:, :2], rows[:, 2:4], rows[:, 4:], own @ functional.value.weight.T
        query = query + functional.query_code.weight.T[cell.upstream_N]
        key = key + functional.key_code.weight.T[cell.own_N]
        heard, weight = torch.zeros(3).double(), functional.SINK
        for other in near["functional"]:
            similarity = F.softplus(query[index]) @ F.softplus(key[other])
            heard, weight = heard + similarity * (value[other] - value[index]), weight + similarity
        messages["functional"] = heard / weight
        inner = hidden[index] + functional.receive.weight @ messages["functional"]
        deltas["functional"] = functional.out(F.silu(inner))

        distant = cell.distant
        sent = own @ distant.projection.weight[:3].T + distant.projection.bias[:3]
        messages["distant"] = sent[near["distant"]].mean(0) if near["distant"] else torch.zeros(3).double()
        flow_in, bias = distant.projection.weight[3:], distant.projection.bias[3:]
        moved = own[index]
        for _ in range(distant.substeps):
            drive = 0.5 * torch.tanh(0.5 * (flow_in @ moved + bias + distant.receive.weight @ messages["distant"]))
            moved = moved + distant.out.weight @ drive / distant.substeps
        deltas["distant"] = moved - own[index]

        logits = cell.gate(own[index]) + sum(cell.gate_receive[tier](messages[tier]) for tier in TIERS)
        live = [TIERS.index(tier) for tier in means.live_tiers]
        gates = logits[live].softmax(0)
        for gate, tier in zip(gates, means.live_tiers, strict=True):
            result[index] += cell.update_scale * gate * deltas[tier]
    return result


def random_cell(config: SimpleProjectConfig) -> CellPrototype:
    """Return a prototype for `DIMENSIONS` whose weights are all of usual size, as after training."""
    torch.manual_seed(1)
    cell = CellPrototype(config.model, 4, cell_codes(config)).double()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter += 0.5 * torch.randn_like(parameter)
    return cell


@pytest.fixture
def cell(small_config: Callable[..., SimpleProjectConfig]) -> CellPrototype:
    return random_cell(small_config("lattice.dimensions=[3, 2, 4]"))


@pytest.mark.parametrize("thresholds", [(1.0, 1.5, 2.3), (0.4, 1.2, 1.8)], ids=["all tiers", "local empty"])
def test_a_lattice_step_is_what_each_cell_would_compute_alone(
    cell: CellPrototype, thresholds: tuple[float, float, float]
) -> None:
    means = TierMeans.build(DIMENSIONS, thresholds, engine="sparse", dtype=torch.float64)
    states, position = torch.randn(24, 2, 6, dtype=torch.float64), torch.randn(24, 4, dtype=torch.float64)
    after, trace = cell(states, means, cell.prepare(means, position))
    for sample in range(2):
        expected = reference_step(cell, states[:, sample], position, means)
        torch.testing.assert_close(after[:, sample], expected)
    torch.testing.assert_close(trace.gates_LNB.sum(0), torch.ones(24, 2, dtype=torch.float64))


def test_blocks_of_cells_change_nothing(cell: CellPrototype, monkeypatch: pytest.MonkeyPatch) -> None:
    means = TierMeans.build(DIMENSIONS, (1.0, 1.5, 2.3), engine="sparse", dtype=torch.float64)
    states, position = torch.randn(24, 3, 6, dtype=torch.float64), torch.randn(24, 4, dtype=torch.float64)

    def step() -> tuple[Tensor, ...]:
        inner = states.clone().requires_grad_()
        after, trace = cell(inner, means, cell.prepare(means, position))
        weights = dict(cell.named_parameters())
        gradients = torch.autograd.grad(after.square().sum() + trace.gates_LNB[0].sum(), [inner, *weights.values()])
        return after, trace.gates_LNB, *(trace.messages[tier] for tier in TIERS), *gradients

    whole = step()
    monkeypatch.setattr("lattice.model.prototype._MOST_ROWS", 20)
    monkeypatch.setattr("lattice.model.prototype._BLOCK_ROWS", 18)
    assert prototype.block_lengths(24, 3, torch.device("cpu")) == [7, 7, 7, 3]
    for expected, found in zip(whole, step(), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("cells", "batch"), [(512, 32), (4096, 1), (32**3, 4), (64**3, 1), (27**3, 3), (8, 40_000)])
def test_blocks_cover_all_cells_and_are_small(cells: int, batch: int) -> None:
    lengths = prototype.block_lengths(cells, batch, torch.device("cpu"))
    assert sum(lengths) == cells
    assert min(lengths) > 0
    if len(lengths) > 1:
        assert max(lengths) * batch <= max(2 * batch, 8192 + batch)
    else:
        assert cells * batch <= 1 << 15
    assert prototype.block_lengths(cells, batch, torch.device("cuda")) == [cells]


def test_without_any_neighbours_nothing_changes(small_config: Callable[..., SimpleProjectConfig]) -> None:
    config = small_config("lattice.dimensions=[2, 2, 2]")
    cell = CellPrototype(config.model, 4, cell_codes(config))
    means = TierMeans.build((2, 2, 2), (0.1, 0.2, 0.3))
    states = torch.randn(8, 1, 6)
    after, trace = cell(states, means, cell.prepare(means, torch.randn(8, 4)))
    assert torch.equal(after, states)
    assert trace.messages == {}


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
@pytest.mark.parametrize("placement", ["surface", "through"])
def test_every_weight_of_the_prototype_learns_from_the_teacher(
    small_config: Callable[..., SimpleProjectConfig], steps: int, placement: str
) -> None:
    config = small_config(f"embedding_mapping.placement={placement}", "lattice.dimensions=[3, 3, 3]")
    student = StudentModel.seeded(config, 12)
    means = TierMeans.build((3, 3, 3), (1.0, 1.5, 2.3))
    embeddings = F.normalize(torch.randn(4, 12), dim=-1)
    output = student(embeddings, means, steps)
    weights = config.training_embedding.loss_weights.model_copy(update={"gate_balance": 0.0})
    losses(output.embedding_BD, embeddings, output.rollout, weights)["total"].backward()
    for name, parameter in student.prototype.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.norm() > 0.0, name


def test_the_teacher_reaches_every_lattice_step(small_config: Callable[..., SimpleProjectConfig]) -> None:
    student = StudentModel.seeded(small_config(), 12)
    means = TierMeans.build(small_config().lattice.dimensions, (1.0, 1.5, 2.3))
    embeddings = F.normalize(torch.randn(3, 12), dim=-1)
    output = student(embeddings, means, 4)
    loss = (output.embedding_BD - embeddings).square().sum()
    for gradient in torch.autograd.grad(loss, output.rollout.states):
        assert torch.isfinite(gradient).all()
        assert gradient.norm() > 0.0


def test_the_expert_of_an_empty_tier_gets_no_gradient(small_config: Callable[..., SimpleProjectConfig]) -> None:
    student = StudentModel.seeded(small_config(), 12)
    means = TierMeans.build(small_config().lattice.dimensions, (0.5, 1.2, 2.0))
    student(torch.randn(2, 12), means, 2).embedding_BD.sum().backward()
    assert all(parameter.grad is None for parameter in student.prototype.local.parameters())
    gate = student.prototype.gate.weight.grad
    assert gate is not None
    assert torch.equal(gate[0], torch.zeros_like(gate[0]))
    assert gate[1:].norm() > 0.0
