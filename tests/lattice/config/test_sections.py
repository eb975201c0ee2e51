"""Sections that registries bring: names that must be registered, choices, and what a file holds of them."""

from __future__ import annotations

from typing import Literal

import pytest

from lattice.config import (
    NCASettings,
    RuleSections,
    Settings,
    SimpleProjectConfig,
    choices_of,
    cost_of_key,
    own_keys,
    setting,
    setting_fields,
)
from lattice.errors import ConfigError
from lattice.offer import Offer
from lattice.plugins import CELL_RULES

FIELDS = dict(setting_fields(SimpleProjectConfig))


class Choosy(Settings):
    sure: Literal["a", "b"] = setting("a", title="Sure", description="One.", cost="live")
    maybe: Literal["c"] | None = setting(None, title="Maybe", description="Empty: none.", cost="live")
    free: str = setting("", title="Free", description="Any.", cost="live")


def test_choices_are_those_of_a_literal_or_of_a_registry() -> None:
    assert choices_of(Choosy.model_fields["sure"]) == ("a", "b")
    assert choices_of(Choosy.model_fields["maybe"]) == ("c",)
    assert choices_of(Choosy.model_fields["free"]) == ()
    assert choices_of(FIELDS["model.rule"]) == ("experts", "nca", "diffusion")
    assert choices_of(FIELDS["training_embedding.objective"]) == ("reconstruct", "denoise", "pairs")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("model.rule=nka", r"model\.rule: there is no cell rule 'nka'.*Did you mean 'nca'\?"),
        ("training_embedding.objective=x", r"training_embedding\.objective: there is no objective 'x': expected"),
        ("rule.nca.hiden=3", r"unknown setting 'rule\.nca\.hiden'; the nearest valid one is 'rule\.nca\.hidden'"),
        ("rule.nca.hidden=0", r"rule\.nca\.hidden = 0: .*\(allowed: 1 to 1024 channels\)"),
        ("rule.nca.fire_rate=true", r"rule\.nca\.fire_rate: got true, expected another kind of value \("),
        ("rule.nca=3", r"rule\.nca = 3: expected a section with settings, not a single value"),
        ("rule.foo.x=1", r"rule\.foo: there is no cell rule 'foo'.*--plugin FILE\.py"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_named(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SimpleProjectConfig().override([assignment])


def test_a_file_holds_what_is_in_use_or_not_default() -> None:
    config = SimpleProjectConfig()
    assert "rule" not in config.to_mapping()
    used = config.override(["model.rule=nca"])
    assert used.to_mapping()["rule"] == {"nca": {"hidden": 64, "fire_rate": 0.5}}
    edited = config.override(["rule.diffusion.start_rate=0.5"])
    assert edited.to_mapping()["rule"] == {"diffusion": {"start_rate": 0.5}}
    for one in (config, used, edited):
        assert SimpleProjectConfig.from_toml_text(one.to_toml()) == one
        assert hash(SimpleProjectConfig.from_mapping(one.to_mapping()).rule) == hash(one.rule)
    assert len({config.rule, used.rule, edited.rule}) == 2


def test_settings_that_are_not_in_use_cost_nothing_to_change() -> None:
    config = SimpleProjectConfig()
    assert cost_of_key("rule.nca.hidden") == "rebuild"
    assert config.changes_to(config.override(["rule.nca.hidden=8"])) == {"rule.nca.hidden": "live"}
    used = config.override(["model.rule=nca"])
    assert used.changes_to(used.override(["rule.nca.hidden=8"])) == {"rule.nca.hidden": "rebuild"}
    assert config.changes_to(used) == {"model.rule": "rebuild"}


def test_sections_are_read_as_attributes() -> None:
    assert SimpleProjectConfig().rule.nca == NCASettings()
    assert RuleSections.registry is CELL_RULES


def test_a_registered_class_has_its_own_keys_in_the_order_of_their_declaration() -> None:
    assert own_keys("model.rule", "nca") == ("rule.nca.hidden", "rule.nca.fire_rate")
    experts = own_keys("model.rule", "experts")
    assert experts[0] == "model.message_channels"
    shared = {"model.rule", "model.state_size", "model.update_scale", "model.position_frequencies"}
    assert shared.isdisjoint(experts)
    assert shared | set(experts) == {key for key in FIELDS if key.startswith("model.")}
    assert own_keys("training_embedding.objective", "denoise") == ()
    assert own_keys("model.rule", "nothing") == ()
    with pytest.raises(KeyError, match=r"model\.state_size"):
        own_keys("model.state_size", "nca")


def test_a_config_from_before_a_class_changed_can_be_edited() -> None:
    class Before(Settings):
        gone: int = setting(1, title="Gone", description="One.", cost="live")
        stays: int = setting(1, title="Stays", description="One.", cost="live")

    class After(Settings):
        stays: int = setting(1, title="Stays", description="One.", cost="live")
        new: int = setting(3, title="New", description="One.", cost="live")

    try:
        CELL_RULES.add("changing", Offer(list, "Changing", "Changes.", Before), "test")
        old = SimpleProjectConfig().replaced({"rule.changing.gone": 2, "rule.changing.stays": 2})
        CELL_RULES.add("changing", Offer(list, "Changing", "Changes.", After), "test")
        edited = old.replaced({"model.rule": "changing"})
        assert edited.to_mapping()["rule"] == {"changing": {"stays": 2, "new": 3}}
        with pytest.raises(ConfigError, match=r"unknown setting 'rule\.changing\.gone'"):
            old.replaced({"rule.changing.gone": 3})
        CELL_RULES.remove_plugin("test")
        with pytest.raises(ConfigError, match=r"^edit: model\.rule: there is no cell rule 'changing': expected [^;]*$"):
            edited.replaced({"lattice.lattice_steps": 3})
        assert edited.replaced({"model.rule": "nca"}).rule == old.replaced({"model.rule": "nca"}).rule
    finally:
        CELL_RULES.remove_plugin("test")
