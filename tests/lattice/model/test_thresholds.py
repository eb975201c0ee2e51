"""Thresholds: what lies above one grows, what lies below stays, and the message goes on as before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.model.experts import FunctionalExpert
from lattice.model.rules.build import build_rule
from lattice.model.start import start_linear
from lattice.model.student import StudentModel
from lattice.model.thresholds import (
    GROWING_STEPS,
    GROWTH,
    SLOPE,
    THRESHOLD,
    growth_per_step,
    spare_units,
    start_thresholds,
)

Configs = Callable[..., SimpleProjectConfig]


@pytest.mark.parametrize(("hidden", "channels"), [(12, 3), (12, 8), (13, 4), (11, 1)])
def test_the_change_is_message_and_growth(hidden: int, channels: int) -> None:
    torch.manual_seed(0)
    expert = FunctionalExpert(9, similarity_channels=2, value_channels=2, hidden=hidden, classes=3).double()
    start_linear(expert, 3.0)
    start_thresholds(expert, channels, 0.8, 3.0)
    message_2R = torch.randn(2, 7, dtype=torch.float64)
    own_R9 = 3.0 * torch.randn(7, 9, dtype=torch.float64)
    rows = expert.projection.weight[-hidden:]
    # Of the own state, units know faintly what they will learn to use: left out here, so that the formula is exact.
    with torch.no_grad():
        rows[rows.abs() < 0.5 * SLOPE] = 0.0
    parts = F.linear(own_R9, *expert.fused()).T.split(expert.sizes)
    expected = torch.zeros(7, 9, dtype=torch.float64)
    expected[:, :channels] = 0.8 * F.silu(SLOPE * (own_R9[:, :channels] - THRESHOLD)) / SLOPE
    expected[:, :2] += 3.0 * message_2R.T
    torch.testing.assert_close(expert.delta(parts, message_2R, own_R9), expected, rtol=1e-5, atol=1e-6)


def test_what_a_message_does_not_need_is_spare() -> None:
    sizes = {(32, 6): 20, (12, 6): 0, (7, 3): 1, (2, 6): 0}
    for (hidden, values), spare in sizes.items():
        assert spare_units(FunctionalExpert(9, 2, values, hidden, 3)) == spare


def test_growth_over_a_rollout_does_not_depend_on_its_length_up_to_a_limit() -> None:
    for steps in (1, 5, GROWING_STEPS):
        assert (1.0 + growth_per_step(steps)) ** steps == pytest.approx(GROWTH)
    assert growth_per_step(3 * GROWING_STEPS) == growth_per_step(GROWING_STEPS)
    assert growth_per_step(0) == growth_per_step(1)


def test_a_rule_gives_as_many_thresholds_as_it_can(small_config: Configs) -> None:
    rule = build_rule(small_config("model.value_channels=1", "model.expert_hidden=6"), 12)
    assert [rule.start_thresholds(channels, 2) for channels in (1, 4, 9)] == [1, 4, 4]
    assert build_rule(small_config("model.rule=nca"), 12).start_thresholds(3, 2) == 0
    narrow = build_rule(small_config("model.value_channels=3", "model.expert_hidden=6"), 12)
    before = {name: value.clone() for name, value in narrow.state_dict().items()}
    assert narrow.start_thresholds(3, 2) == 0
    assert all(torch.equal(value, before[name]) for name, value in narrow.state_dict().items())


def test_only_a_start_from_memories_has_thresholds(small_config: Configs) -> None:
    wide = ("model.expert_hidden=12", "embedding_mapping.scalars_per_cell=2")
    students = {
        start: StudentModel.seeded(small_config(*wide, f"embedding_mapping.start={start}"), 12)
        for start in ("random", "memories")
    }
    assert {start: student.thresholds for start, student in students.items()} == {"random": 0, "memories": 2}
    fresh, grown = (dict(students[start].named_parameters()) for start in ("random", "memories"))
    changed = {name for name in fresh if not torch.equal(fresh[name], grown[name])}
    functional = {f"prototype.functional.{name}" for name in ("projection.weight", "projection.bias")}
    ends = {f"prototype.functional.{name}.weight" for name in ("receive", "out")}
    # The read-out's random start comes later from the same generator.
    assert changed == functional | ends | {"extractor.read.weight", "extractor.project.weight"} & changed
