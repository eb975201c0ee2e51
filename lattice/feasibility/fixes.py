"""The nearest values of the lattice's settings that fill an empty tier or widen the light cone.

Every value returned was tried: the settings with it are valid, and do what is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lattice.config.lattice import LatticeSettings
from lattice.config.model import Faces, Placement
from lattice.tiers.distances import next_distance, previous_distance
from lattice.tiers.light_cone import light_cone
from lattice.tiers.live import live_tiers
from lattice.tiers.shells import TIERS, Tier, tier_shells

RATIO_FIELDS: dict[Tier, str] = {
    "local": "local_distance_ratio",
    "functional": "functional_distance_ratio",
    "distant": "distant_distance_ratio",
}
RADIUS_FIELD = "adaptive_radius_ratio"
STEPS_FIELD = "lattice_steps"

_DECIMALS = (2, 3, 4)
"""Values are rounded as coarsely as they may be."""
_DISTANCES_TRIED = 8


@dataclass(frozen=True)
class Cure:
    """One changed setting, the settings that result, and which tiers it costs their neighbours."""

    field: str
    value: float
    settings: LatticeSettings
    emptied: tuple[Tier, ...] = ()


def changed(settings: LatticeSettings, **changes: Any) -> LatticeSettings | None:
    """Return the settings with some fields changed, None if that is not valid."""
    values = {name: getattr(settings, name) for name in LatticeSettings.model_fields}
    try:
        return LatticeSettings(**(values | changes))
    except ValidationError:
        return None


def cure_empty_tier(settings: LatticeSettings, tier: Tier) -> Cure | None:
    """Return the nearest change of one setting that gives an empty tier neighbours, None if no single one does.

    The tier's own ratio comes first, then the next inner tier's, then the radius; a change that takes no other
    tier's neighbours comes before one that does.
    """
    before = live_tiers(settings)
    found = []
    for field, value in _candidates(settings, tier):
        trial = changed(settings, **{field: value})
        if trial is None:
            continue
        after = live_tiers(trial)
        if tier in after:
            cure = Cure(field, value, trial, tuple(other for other in before if other not in after))
            if not cure.emptied:
                return cure
            found.append(cure)
    return found[0] if found else None


def fill_all_tiers(settings: LatticeSettings) -> LatticeSettings | None:
    """Return settings near these whose three tiers all hold neighbours, None if the lattice is too small for that.

    The local tier gets the nearest distance that occurs, the functional tier the second; the radius grows if the
    third is out of reach.
    """
    first = next_distance(settings.dimensions, 0)
    second = None if first is None else next_distance(settings.dimensions, first)
    third = None if second is None else next_distance(settings.dimensions, second)
    if first is None or second is None or third is None:
        return None
    least = math.sqrt(third) / settings.max_dimension / settings.distant_distance_ratio
    for decimals in _DECIMALS:
        ratio = max(settings.adaptive_radius_ratio, _rounded_up(least, decimals))
        radius = ratio * settings.max_dimension
        trial = changed(
            settings,
            adaptive_radius_ratio=ratio,
            local_distance_ratio=_rounded_up(math.sqrt(first) / radius, decimals),
            functional_distance_ratio=_rounded_up(math.sqrt(second) / radius, decimals),
        )
        if trial is not None and live_tiers(trial) == TIERS:
            return trial
    return None


def cure_by_radius(settings: LatticeSettings, placement: Placement, faces: Faces = ("-x", "+x")) -> Cure | None:
    """Return the smallest radius ratio with which the light cone spans the cube, None if none does."""
    cone = light_cone(settings, placement, faces)
    per_step = math.ceil(cone.distance / settings.lattice_steps)
    least = per_step / settings.max_dimension / settings.distant_distance_ratio
    for decimals in _DECIMALS:
        ratio = _rounded_up(least, decimals)
        trial = changed(settings, adaptive_radius_ratio=ratio)
        if trial is not None and light_cone(trial, placement, faces).spans:
            return Cure(RADIUS_FIELD, ratio, trial)
    return None


def cure_by_steps(settings: LatticeSettings, placement: Placement, faces: Faces = ("-x", "+x")) -> Cure | None:
    """Return the fewest lattice steps with which the light cone spans the cube, None if none do."""
    cone = light_cone(settings, placement, faces)
    reach = cone.reach[cone.axis]
    steps = math.ceil(cone.distance / reach) if reach else 0
    trial = changed(settings, lattice_steps=steps)
    return None if trial is None else Cure(STEPS_FIELD, steps, trial)


def _candidates(settings: LatticeSettings, tier: Tier) -> Iterator[tuple[str, float]]:
    """Yield values that may fill a tier, best first; they still have to be tried."""
    index = TIERS.index(tier)
    shell = tier_shells(settings.get_distance_thresholds())[tier]
    nearest = next_distance(settings.dimensions, shell.inner)
    if nearest is not None:
        for decimals in _DECIMALS:
            yield RATIO_FIELDS[tier], _rounded_up(math.sqrt(nearest) / settings.max_radius, decimals)
    farthest = previous_distance(settings.dimensions, shell.outer)
    if index > 0 and farthest is not None:
        for decimals in _DECIMALS:
            yield RATIO_FIELDS[TIERS[index - 1]], _rounded_below(math.sqrt(farthest) / settings.max_radius, decimals)
    ratio = getattr(settings, RATIO_FIELDS[tier])
    distance = nearest
    for _ in range(_DISTANCES_TRIED):
        if distance is None:
            return
        for decimals in _DECIMALS:
            yield RADIUS_FIELD, _rounded_up(math.sqrt(distance) / ratio / settings.max_dimension, decimals)
        distance = next_distance(settings.dimensions, distance)


def _rounded_up(value: float, decimals: int) -> float:
    scale = 10.0**decimals
    return math.ceil(value * scale - 1e-9) / scale


def _rounded_below(value: float, decimals: int) -> float:
    """Round down to something clearly less than `value`."""
    scale = 10.0**decimals
    return (math.ceil(value * scale - 1e-6) - 1) / scale
