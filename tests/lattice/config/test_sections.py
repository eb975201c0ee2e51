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
    setting,
    setting_fields,
)
from lattice.errors import ConfigError
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
        ("training_embedding.objective=x", r"training_embedding\.objective: there is no objective .x."),
        ("rule.nca.hiden=3", r"unknown setting 'rule\.nca\.hiden'; the nearest valid one is 'rule\.nca\.hidden'"),
        ("rule.nca.hidden=0", r"rule\.nca\.hidden = 0: .*\(allowed: 1 to 1024 channels\)"),
        ("rule.nca.fire_rate=true", r"rule\.nca\.fire_rate: got true, expected another kind of value"),
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
