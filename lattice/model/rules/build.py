"""From the configuration to its cell rule."""

from __future__ import annotations

from typing import Any

from lattice.config import SimpleProjectConfig
from lattice.geometry import position_features
from lattice.model.rules.base import CellRule, CellShape, Kept, NoSettings
from lattice.model.rules.faults import checked_rule, rule_faults
from lattice.model.rules.measure import measured
from lattice.plugins import CELL_RULES
from lattice.tiers import FieldShape, Tier, live_tiers
from lattice.tiers.flow import similarity_channels, value_channels


def rule_class(config: SimpleProjectConfig) -> type[CellRule]:
    """Return the class that `model.rule` names; raises `PluginError` if nothing of that name is loaded."""
    rule: type[CellRule] = CELL_RULES[config.model.rule].load()
    return rule


def rule_settings(config: SimpleProjectConfig) -> Any:
    """Return the settings of the rule in use."""
    offer = CELL_RULES[config.model.rule]
    if offer.settings is None or not offer.settings.model_fields:
        return NoSettings()
    return getattr(config, offer.section) if offer.section else getattr(config.rule, config.model.rule)


def cell_shape(config: SimpleProjectConfig, width: int | None = None) -> CellShape:
    """Return the sizes that the configuration gives to a rule, for embeddings of `width` floats, if that is known."""
    one_cell = position_features((1, 1, 1), config.model.position_frequencies)
    return CellShape(
        config.model.state_size, one_cell.shape[1], similarity_channels(config), value_channels(config, width)
    )


def build_rule(config: SimpleProjectConfig, width: int) -> CellRule:
    """Create the rule with new weights, drawn from torch's global generator, for embeddings of `width` floats."""
    kind = rule_class(config)
    with rule_faults(kind):
        rule = checked_rule(kind, kind.build(cell_shape(config, width), rule_settings(config), config))
        rule.configure(rule_settings(config))
    return rule


def kept_by_rule(config: SimpleProjectConfig, width: int | None = None) -> Kept:
    """Return what one update costs: fields per tier, floats kept for the backward pass, and those of the trace.

    Args:
        config: of the run.
        width: floats of an embedding; where it isn't known, a cube with small faces counts as cheaper than it is.

    Raises:
        PluginError: a plugged rule, whose costs are measured, raised, or returned what it must not.
    """
    kind = rule_class(config)
    with rule_faults(kind):
        return measured(kind, cell_shape(config, width), rule_settings(config), live_tiers(config.lattice))


def fields_per_tier(config: SimpleProjectConfig, width: int | None = None) -> dict[Tier, FieldShape]:
    """Return the fields of one batch per tier: what the rule sends there, and the samples; see `kept_by_rule`."""
    batch = config.training_embedding.batch_size
    return {tier: FieldShape(channels, batch) for tier, channels in kept_by_rule(config, width).fields.items()}
