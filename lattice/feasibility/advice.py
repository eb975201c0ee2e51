"""What a person should know about a lattice before training it: empty tiers and a light cone that is too short."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lattice.config.lattice import LatticeSettings
from lattice.config.model import Faces, Placement
from lattice.feasibility.fixes import (
    RADIUS_FIELD,
    RATIO_FIELDS,
    Cure,
    cure_by_radius,
    cure_by_steps,
    cure_empty_tier,
    fill_all_tiers,
)
from lattice.tiers.counts import count_range
from lattice.tiers.light_cone import light_cone
from lattice.tiers.live import live_tiers
from lattice.tiers.shells import TIERS, Tier, tier_shells

_LABELS = {
    "adaptive_radius_ratio": "radius ratio",
    "local_distance_ratio": "local ratio",
    "functional_distance_ratio": "functional ratio",
    "distant_distance_ratio": "distant ratio",
}


@dataclass(frozen=True)
class TierWarning:
    """One thing to know, and what would change it."""

    text: str
    """Reason and cure, one sentence without a full stop."""
    setting: str | None = None
    """Dotted key of the setting to change, None if no single one helps."""
    value: float | int | str | None = None
    """Nearest value of that setting that cures it."""
    more: tuple[tuple[str, float | int | str | None], ...] = ()
    """Settings that have to change along with that one, dotted key and value."""
    serious: bool = False
    """Whether training can't work like this, not merely less well."""
    calm: str = ""
    """The fact in few words where nothing is wrong and the text only tells why, and what could be changed."""

    @property
    def changes(self) -> dict[str, float | int | str | None]:
        """What cures it, by dotted key; empty if nothing is known that does."""
        return {} if self.setting is None else {self.setting: self.value, **dict(self.more)}

    def __str__(self) -> str:
        """Return the text."""
        return self.text


def empty_tier_warnings(settings: LatticeSettings) -> tuple[TierWarning, ...]:
    """Return one warning per empty tier, innermost first."""
    live = live_tiers(settings)
    return tuple(_empty_tier(settings, tier) for tier in TIERS if tier not in live)


def light_cone_warnings(
    settings: LatticeSettings, placement: Placement, faces: Faces = ("-x", "+x")
) -> tuple[TierWarning, ...]:
    """Return a warning if information can't get as far as it has to in one rollout."""
    cone = light_cone(settings, placement, faces)
    if cone.spans:
        return ()
    through, opposite = placement == "through", faces[0][1] == faces[1][1]
    axis = "xyz"[cone.axis]
    cures = [
        cure for cure in (cure_by_steps(settings, placement, faces), cure_by_radius(settings, placement, faces)) if cure
    ]
    advice = " or ".join(
        f"{cure.value} lattice steps" if cure.field == "lattice_steps" else f"a radius ratio of {cure.value:g}"
        for cure in cures
    )
    if not any(cone.reach):
        problem = "no cell hears any other, so lattice steps change nothing"
    elif through:
        way = f"{_way(settings.lattice_steps, cone.reach[cone.axis])} of the {cone.distance}"
        problem = (
            f"the {faces[1]} face cannot be reached: {way} between the faces, "
            "so the read-out knows nothing of the input"
            if opposite
            else f"the {faces[0]} and the {faces[1]} face hear each other only near their edge: {way} along {axis}"
        )
    else:
        problem = (
            f"the middle of the cube hears neither end along {axis}: "
            f"{_way(settings.lattice_steps, cone.reach[cone.axis])} of {cone.distance}"
        )
    text = f"{problem}; {advice} would do" if advice else problem
    setting, value = (_key(cures[0].field), cures[0].value) if cures else (None, None)
    return (TierWarning(text, setting, value, serious=(through and opposite) or not any(cone.reach)),)


def _empty_tier(settings: LatticeSettings, tier: Tier) -> TierWarning:
    cure = cure_empty_tier(settings, tier)
    parts = [f"{tier} tier is empty: {_why_empty(settings, tier)}"]
    if cure is not None:
        parts.append(_promise(cure, tier))
    if cure is None or cure.emptied or cure.field == RADIUS_FIELD:
        together = fill_all_tiers(settings)
        parts.append(
            "this lattice has too few different distances for three tiers"
            if together is None
            else f"all three hold neighbours with {_difference(settings, together)}"
        )
    # In a small cube the innermost tier ends before the nearest neighbour, and the others do the work.
    usual = tier == TIERS[0] and live_tiers(settings) == TIERS[1:]
    calm = f"{tier} tier is empty at this size; no cell hears from it" if usual else ""
    if cure is None:
        return TierWarning("; ".join(parts), calm=calm)
    return TierWarning("; ".join(parts), _key(cure.field), cure.value, calm=calm)


def _why_empty(settings: LatticeSettings, tier: Tier) -> str:
    shell = tier_shells(settings.get_distance_thresholds())[tier]
    outer = settings.get_distance_thresholds()[TIERS.index(tier)]
    if shell.outer < 1:
        return f"{_cells(outer)} is less than 1, the distance of the nearest neighbour"
    if settings.cells == 1:
        return "a single cell has no neighbours"
    inner = 0.0 if shell.inner == 0 else settings.get_distance_thresholds()[TIERS.index(tier) - 1]
    return f"no two cells are more than {inner:.4g} and at most {_cells(outer)} apart"


def _promise(cure: Cure, tier: Tier) -> str:
    shell = tier_shells(cure.settings.get_distance_thresholds())[tier]
    most = count_range(cure.settings.dimensions, shell)[1]
    text = f"at a {_LABELS[cure.field]} of {cure.value:g} it holds {most} neighbour{'' if most == 1 else 's'}"
    if cure.emptied:
        text += f", but the {' and the '.join(cure.emptied)} tier is left empty"
    return text


def _difference(before: LatticeSettings, after: LatticeSettings) -> str:
    fields = ("adaptive_radius_ratio", *RATIO_FIELDS.values())
    return ", ".join(
        f"{_LABELS[field]} {getattr(after, field):g}"
        for field in fields
        if not math.isclose(getattr(before, field), getattr(after, field))
    )


def _way(steps: int, reach: int) -> str:
    cells = "cell" if reach == 1 else "cells"
    lattice_steps = "lattice step" if steps == 1 else "lattice steps"
    return f"{steps} {lattice_steps} of {reach} {cells} make {steps * reach}"


def _cells(distance: float) -> str:
    return f"{distance:.4g} cell{'' if distance == 1 else 's'}"


def _key(field: str) -> str:
    return f"lattice.{field}"
