"""Dotted keys: listing, finding and setting."""

import pytest

from lattice.config import LatticeSettings, LossWeights, SimpleProjectConfig, flat_settings, setting_fields
from lattice.config.keys import assign, section_model
from lattice.errors import ConfigError


def test_every_field_has_its_value_under_the_same_key():
    config = SimpleProjectConfig()
    assert [key for key, _ in setting_fields(SimpleProjectConfig)] == [key for key, _ in flat_settings(config)]


def test_keys_reach_into_nested_sections():
    flat = dict(flat_settings(SimpleProjectConfig()))
    assert flat["lattice.dimensions"] == (8, 8, 8)
    assert flat["training_embedding.loss_weights.similarity"] == 1.0
    assert "training_embedding.loss_weights" not in flat
    assert "lattice.max_radius" not in flat


def test_sections_are_told_from_values():
    fields = SimpleProjectConfig.model_fields
    assert section_model(fields["lattice"]) is LatticeSettings
    assert section_model(fields["training_embedding"].annotation.model_fields["loss_weights"]) is LossWeights
    assert section_model(LatticeSettings.model_fields["dimensions"]) is None
    assert section_model(None) is None


def test_assign_makes_missing_sections_and_keeps_the_rest():
    values = {"a": {"x": 1}}
    assign(values, "a.y", 2)
    assign(values, "b.c.z", 3)
    assign(values, "top", 4)
    assert values == {"a": {"x": 1, "y": 2}, "b": {"c": {"z": 3}}, "top": 4}


def test_assign_below_a_value_is_an_error():
    with pytest.raises(ConfigError, match=r"setting 'a\.x\.y': 'x' is a value, not a section"):
        assign({"a": {"x": 1}}, "a.x.y", 2)
