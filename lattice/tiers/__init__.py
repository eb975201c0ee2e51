"""Neighbour tiers: which offsets belong to them, how many neighbours cells have, and what that means for a config."""

from lattice.tiers.advice import TierWarning
from lattice.tiers.counts import interior_counts, tier_counts
from lattice.tiers.cures import live_tiers
from lattice.tiers.fields import FieldShape, fields_per_tier
from lattice.tiers.light_cone import LightCone, light_cone
from lattice.tiers.report import EngineEstimate, TierReport, TierSummary, feasibility_report
from lattice.tiers.shells import TIERS, Shell, Thresholds, Tier, tier_offsets, tier_shell, tier_shells

__all__ = [
    "TIERS",
    "EngineEstimate",
    "FieldShape",
    "LightCone",
    "Shell",
    "Thresholds",
    "Tier",
    "TierReport",
    "TierSummary",
    "TierWarning",
    "feasibility_report",
    "fields_per_tier",
    "interior_counts",
    "light_cone",
    "live_tiers",
    "tier_counts",
    "tier_offsets",
    "tier_shell",
    "tier_shells",
]
