"""Neighbour tiers: which offsets belong to them, how many neighbours cells have, and how far they reach."""

from lattice.tiers.counts import interior_counts, tier_counts
from lattice.tiers.fields import FieldShape
from lattice.tiers.light_cone import LightCone, light_cone
from lattice.tiers.live import live_tiers
from lattice.tiers.shells import TIERS, Shell, Thresholds, Tier, tier_offsets, tier_shell, tier_shells

__all__ = [
    "TIERS",
    "FieldShape",
    "LightCone",
    "Shell",
    "Thresholds",
    "Tier",
    "interior_counts",
    "light_cone",
    "live_tiers",
    "tier_counts",
    "tier_offsets",
    "tier_shell",
    "tier_shells",
]
