"""Forms learn everything from the settings classes."""

from __future__ import annotations

import math
from typing import Literal

import pytest

from app.forms.fields import field_spec, takes, value_at
from app.forms.scales import Scale, scale_for
from lattice.config import LatticeSettings, Settings, SimpleProjectConfig, bounds_text, flat_settings, setting
from lattice.offer import Offer
from lattice.plugins import CELL_RULES

KEYS = [key for key, _ in flat_settings(SimpleProjectConfig())]


def test_every_setting_can_be_shown() -> None:
    for key in KEYS:
        spec = field_spec(key)
        assert spec.title != key
        assert spec.description.endswith("."), key
        assert spec.default == value_at(SimpleProjectConfig(), key)
        tip = spec.tooltip()
        assert f"Default: {spec.value_text(spec.default)}" in tip
        assert "Editing it: " in tip


@pytest.mark.parametrize(
    ("key", "kind", "optional", "low", "high"),
    [
        ("lattice.dimensions", "sides", False, 1, 256),
        ("lattice.lattice_steps", "int", False, 1, 64),
        ("lattice.adaptive_radius_ratio", "float", False, 1e-9, 1.0),
        ("lattice.local_distance_ratio", "float", False, 1e-9, 1 - 1e-9),
        ("training_embedding.seed", "int", False, 0, 2**31 - 1),
        ("training_embedding.max_total_samples", "int", True, 2, math.inf),
        ("neighbors.memory_limit_gb", "float", True, 1e-9, math.inf),
        ("embedding_mapping.normalize_embeddings", "flag", False, -math.inf, math.inf),
        ("data.pair_columns", "list", True, -math.inf, math.inf),
        ("training_embedding.data", "text", True, -math.inf, math.inf),
        ("logging.log_file", "path", True, -math.inf, math.inf),
    ],
)
def test_kinds_and_bounds(key: str, kind: str, optional: bool, low: float, high: float) -> None:
    spec = field_spec(key)
    assert (spec.kind, spec.optional) == (kind, optional)
    assert (spec.minimum, spec.maximum) == pytest.approx((low, high))


def test_choices_are_the_literals() -> None:
    assert field_spec("optimizer.schedule").choices == ("one_cycle", "cosine", "constant")


def test_tooltips_tell_bounds_cost_and_default() -> None:
    tip = field_spec("lattice.adaptive_radius_ratio").tooltip()
    assert f"Bounds: {bounds_text(LatticeSettings.model_fields['adaptive_radius_ratio'])}." in tip
    assert "Default: 0.2. Editing it: stencils rebuilt, weights kept." in tip


@pytest.mark.parametrize("key", ["lattice.nothing", "nothing.lattice", "lattice", "lattice.dimensions.x"])
def test_unknown_keys_are_refused(key: str) -> None:
    with pytest.raises(KeyError):
        field_spec(key)


def test_every_slider_stays_within_the_bounds_and_returns_to_its_place() -> None:
    for key in KEYS:
        spec = field_spec(key)
        scale = scale_for(spec)
        if scale is None:
            continue
        values = [scale.value(position) for position in range(scale.positions + 1)]
        assert values == sorted(values), key
        assert spec.minimum <= values[0] == scale.low
        assert values[-1] == scale.high <= spec.maximum
        assert scale.low <= float(spec.default) <= scale.high, key
        for position in range(0, scale.positions + 1, 7):
            value = scale.value(position)
            assert scale.value(scale.position(value)) == pytest.approx(value, rel=0.05, abs=1e-9), key
            if scale.whole:
                assert value == int(value)


def test_a_logarithmic_slider_moves_in_ratios() -> None:
    scale = Scale(1e-5, 1e-1, logarithmic=True)
    assert scale.value(500) == 1e-3
    assert scale.value(250) == 1e-4
    assert scale.position(1e-2) == 750
    assert scale.position(5.0) == 1000


def test_a_logarithmic_slider_reaches_zero() -> None:
    scale = Scale(0.0, 10.0, logarithmic=True)
    assert scale.value(0) == 0.0
    assert scale.position(0.0) == 0
    assert 0 < scale.value(1) < 0.01


def test_dragged_values_are_round() -> None:
    assert Scale(0.01, 1.0).value(201) == 0.21
    assert Scale(1, 24, whole=True).value(3) == 4


def test_a_value_that_a_class_loaded_since_does_not_take_is_its_default() -> None:
    class Before(Settings):
        way: int = setting(7, title="Way", description="One.", cost="live")
        size: int = setting(7, title="Size", description="One.", cost="live")

    class After(Settings):
        way: Literal["up", "down"] = setting("up", title="Way", description="One.", cost="live")
        size: int = setting(3, title="Size", description="One.", cost="live", le=9)
        new: int = setting(3, title="New", description="One.", cost="live")

    try:
        CELL_RULES.add("changing", Offer(list, "Changing", "Changes.", Before), "test")
        config = SimpleProjectConfig().replaced({"rule.changing.size": 8})
        CELL_RULES.add("changing", Offer(list, "Changing", "Changes.", After), "test")
        assert [value_at(config, f"rule.changing.{name}") for name in ("way", "size", "new")] == ["up", 8, 3]
        assert takes("rule.changing.size", 9)
        assert not takes("rule.changing.size", 10)
        assert field_spec("model.rule").value_text("changing") == "Changing"
    finally:
        CELL_RULES.remove_plugin("test")
