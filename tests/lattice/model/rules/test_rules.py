"""The built-in rules against a reference written cell by cell, and what every rule answers about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from lattice.config import DiffusionSettings, NCASettings, SimpleProjectConfig
from lattice.losses import losses
from lattice.model.rules.base import CellRule, CellShape, Hear, NoSettings, RecordingHear, RolloutContext
from lattice.model.rules.build import cell_shape, fields_per_tier, rule_class, rule_settings
from lattice.model.rules.diffusion import DiffusionRule
from lattice.model.rules.measure import measured, thresholds_for
from lattice.model.rules.nca import NCARule
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS

ConfigMaker = Callable[..., SimpleProjectConfig]
DIMENSIONS = (3, 2, 4)
CELL = CellShape(state_size=5, position_size=9)
RULES = ("experts", "nca", "diffusion")


def a_context(means: TierMeans, **changes: object) -> RolloutContext:
    position = torch.rand(24, CELL.position_size, dtype=torch.float64)
    return replace(RolloutContext(position, DIMENSIONS, means.live_tiers, update_scale=0.7, draw=11), **changes)


@pytest.fixture(params=[(1.0, 1.5, 2.3), (0.4, 1.2, 1.8)], ids=["all tiers", "local empty"])
def means(request: pytest.FixtureRequest) -> TierMeans:
    return TierMeans.build(DIMENSIONS, request.param, engine="sparse", dtype=torch.float64)


def near_mean(state: Tensor, means: TierMeans, cell: int, tier: str) -> Tensor:
    """Return the mean state of one cell's neighbours, [C]; zeros without any."""
    near = means.neighbours(cell, tier).tolist()
    return state[near].mean(0) if near else torch.zeros_like(state[0])


def test_nca_is_what_each_cell_would_compute_alone(means: TierMeans) -> None:
    torch.manual_seed(1)
    rule = NCARule(CELL, NCASettings(hidden=7, fire_rate=0.6)).double()
    assert rule.out.weight.count_nonzero() == 0
    torch.nn.init.normal_(rule.out.weight)
    state, context = torch.randn(24, 2, 5, dtype=torch.float64), a_context(means, lattice_step=3)
    after, trace = rule(state, Hear(means), context)
    assert set(trace["fired"].unique().tolist()) == {0.0, 1.0}
    for sample in range(2):
        own = state[:, sample]
        for cell in range(24):
            hidden = rule.own.weight @ own[cell] + rule.own.bias
            for tier in means.live_tiers:
                hidden = hidden + rule.perceive[tier].weight @ (near_mean(own, means, cell, tier) - own[cell])
            change = 0.7 * trace["fired"][cell, sample] * (rule.out.weight @ hidden.clamp_min(0))
            torch.testing.assert_close(after[cell, sample], own[cell] + change)
            torch.testing.assert_close(trace["change"][cell, sample, 0], change.norm().detach())


def test_nca_fires_at_its_rate_and_repeats_it_for_the_same_draw_and_step() -> None:
    means = TierMeans.build((12, 12, 12), (1.0, 1.5, 2.3), engine="sparse")
    rule = NCARule(CELL, NCASettings(fire_rate=0.3))
    state = torch.randn(1728, 4, 5)
    context = RolloutContext(torch.rand(1728, 9), (12, 12, 12), means.live_tiers, draw=5)

    def fired(context: RolloutContext) -> Tensor:
        return rule(state, Hear(means), context)[1]["fired"]

    assert fired(context).mean().item() == pytest.approx(0.3, abs=0.02)
    assert torch.equal(fired(context), fired(context))
    assert not torch.equal(fired(context), fired(context.at(1)))
    assert not torch.equal(fired(context), fired(replace(context, draw=6)))
    rule.configure(NCASettings(fire_rate=1.0))
    assert fired(context).min() == 1.0


def test_diffusion_is_what_each_cell_would_compute_alone(means: TierMeans) -> None:
    rule = DiffusionRule(CELL, DiffusionSettings()).double()
    with torch.no_grad():
        for rate in rule.rates.values():
            rate.uniform_(0.1, 0.4)
    state = torch.randn(24, 2, 5, dtype=torch.float64)
    after, trace = rule(state, Hear(means), a_context(means))
    assert trace == {}
    for sample in range(2):
        own = state[:, sample]
        for cell in range(24):
            expected = own[cell]
            for tier in means.live_tiers:
                expected = expected + 0.7 * rule.rates[tier] * (near_mean(own, means, cell, tier) - own[cell])
            torch.testing.assert_close(after[cell, sample], expected)


@pytest.mark.parametrize("name", RULES)
def test_a_gradient_reaches_every_weight(small_config: ConfigMaker, name: str) -> None:
    config = small_config(f"model.rule={name}")
    student = StudentModel.seeded(config, 12)
    if name == "nca":  # its second layer starts at zero, and hides the first one for one update
        torch.nn.init.normal_(student.prototype.out.weight, std=0.1)
    means = TierMeans.build(config.lattice.dimensions, config.lattice.get_distance_thresholds())
    assert means.live_tiers == TIERS
    inputs = torch.nn.functional.normalize(torch.randn(4, 12), dim=-1)
    output = student(inputs, means, 2)
    losses(output.embedding_BD, inputs, output.rollout, config.training_embedding.loss_weights)["total"].backward()
    for weight, parameter in student.named_parameters():
        assert parameter.grad is not None, weight
        assert parameter.grad.count_nonzero() > 0, weight


@pytest.mark.parametrize("name", RULES)
def test_settings_sizes_and_class_come_from_the_configuration(small_config: ConfigMaker, name: str) -> None:
    config = small_config(f"model.rule={name}", "rule.nca.hidden=9", "rule.diffusion.start_rate=0.3")
    student = StudentModel.seeded(config, 12)
    assert type(student.prototype) is rule_class(config)
    assert student.prototype.settings == rule_settings(config)
    assert student.prototype.cell == cell_shape(config) == (6, student.features.shape[1], 2, 3)
    if name == "nca":
        assert student.prototype.own.out_features == 9
    if name == "diffusion":
        assert student.prototype.rates["local"].tolist() == pytest.approx([0.3] * 6)


def test_experts_are_wide_enough_for_a_small_face_and_begin_again_where_another_needs_fewer_channels(
    small_config: ConfigMaker, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ["embedding_mapping.placement=through", "model.state_size=12", "model.expert_hidden=20"]
    automatic = small_config(*settings, "lattice.dimensions=[4,2,2]").replaced({"model.value_channels": None})
    small = StudentModel.seeded(automatic, 48)
    assert small.prototype.functional.value.out_features == 12
    assert small.prototype.functional.out.in_features == 24
    assert rule_settings(automatic).expert_hidden == 20
    larger = StudentModel.seeded(automatic.replaced({"lattice.dimensions": (4, 4, 4)}), 48)
    assert larger.prototype.functional.value.out_features == 6
    assert larger.prototype.functional.out.in_features == 20
    torch.nn.init.constant_(small.prototype.local.receive.weight, 7.0)
    before = larger.prototype.functional.key_code.weight.clone()
    torch.nn.init.constant_(small.prototype.functional.key_code.weight, 7.0)
    with caplog.at_level("INFO", logger="cellcube"):
        larger.prototype.keep_weights(small.prototype)
    assert (larger.prototype.local.receive.weight == 7.0).all()
    assert larger.prototype.functional.key_code.weight.equal(before), "fits, but belongs to maps that don't"
    assert "The functional expert begins again" in caplog.text


def test_live_settings_act_without_new_weights(small_config: ConfigMaker) -> None:
    student = StudentModel.seeded(small_config("model.rule=nca"), 12)
    weights = [parameter.clone() for parameter in student.parameters()]
    student.configure(small_config("model.rule=nca", "rule.nca.fire_rate=0.25", "model.update_scale=0.125"))
    assert student.prototype.settings.fire_rate == 0.25
    assert student.context(TIERS).update_scale == 0.125
    assert all(torch.equal(old, new) for old, new in zip(weights, student.parameters(), strict=True))


class Twice(CellRule):
    """Hears two widths locally, one from afar, and says nothing about itself."""

    made: ClassVar[int] = 0

    def __init__(self, cell: CellShape, settings: NoSettings) -> None:
        super().__init__(cell, settings)
        type(self).made += 1
        self.first = torch.nn.Linear(3, cell.state_size)
        self.second = torch.nn.Linear(2, cell.state_size)

    def forward(self, state_NBC, hear, context):
        a = self.first(hear("local", state_NBC[..., :3]))
        b = self.second(hear("local", state_NBC[..., :2]) + hear("distant", state_NBC[..., 1:3]))
        return state_NBC + a.tanh() + b, {"a": a[..., :1].clone()}


def test_what_a_rule_does_not_say_is_measured_once() -> None:
    Twice.made = 0
    kept = measured(Twice, CELL, NoSettings(), TIERS)
    assert kept.fields == {"local": 5, "functional": 0, "distant": 2}
    assert kept.traced == 1
    # Two inputs of linear layers (3 and 2), tanh's result (5), the next state (5) and the trace (1).
    assert kept.floats == pytest.approx(3 + 2 + 5 + 5 + 1)
    assert measured(Twice, CELL, NoSettings(), TIERS) == kept
    assert Twice.made == 1


@pytest.mark.parametrize("live", [TIERS, ("functional", "distant"), ("distant",), ("local", "distant"), ()])
def test_the_example_lattice_has_the_live_tiers_that_are_wanted(live: tuple[str, ...]) -> None:
    assert TierMeans.build((4, 4, 4), thresholds_for(live)).live_tiers == live


def test_fields_per_tier_are_what_nca_sends(small_config: ConfigMaker) -> None:
    fields = fields_per_tier(small_config("model.rule=nca"))
    assert fields == dict.fromkeys(TIERS, (6, 4))


def test_messages_are_the_means_that_a_rule_heard(means: TierMeans) -> None:
    state = torch.randn(24, 1, 5, dtype=torch.float64)
    heard = DiffusionRule(CELL, DiffusionSettings()).double().messages(state, RecordingHear(means), a_context(means))
    assert tuple(heard) == means.live_tiers
    for tier, message in heard.items():
        torch.testing.assert_close(message[5, 0], near_mean(state[:, 0], means, 5, tier))


def test_weights_that_fit_are_kept_when_the_size_changes() -> None:
    old, new = (NCARule(CELL, NCASettings(hidden=hidden)) for hidden in (7, 8))
    torch.nn.init.normal_(old.out.weight)
    same = NCARule(CELL, NCASettings(hidden=7))
    same.keep_weights(old)
    assert all(torch.equal(a, b) for a, b in zip(old.parameters(), same.parameters(), strict=True))
    before = new.own.weight.clone()
    new.keep_weights(old)
    assert torch.equal(new.own.weight, before)


def test_gradient_groups_hold_every_weight_once() -> None:
    for rule in (NCARule(CELL, NCASettings()), DiffusionRule(CELL, DiffusionSettings())):
        grouped = [id(parameter) for group in rule.gradient_groups().values() for parameter in group]
        assert sorted(grouped) == sorted(id(parameter) for parameter in rule.parameters())
    assert set(NCARule(CELL, NCASettings()).gradient_groups()) == {"own", "perceive", "out"}
