"""What an update of a rule costs, measured where the rule gives no formula.

An update is one lattice step of one cell for one sample. A small lattice whose live tiers are those of the
configuration does one lattice step; torch's saved-tensor hooks count what autograd keeps, and a recording `hear`
counts the fields.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from lattice.config.base import Settings
from lattice.model.rules.base import CellRule, CellShape, Kept, RecordingHear, RolloutContext
from lattice.model.rules.faults import checked_answer, checked_kept
from lattice.neighbourhood import TierMeans
from lattice.seeding import seeded
from lattice.tiers.shells import TIERS, Thresholds, Tier

SIDE = 4
BATCH = 4
_RADII = (1.01, 1.42, 1.74)
"""Just above the distances 1, sqrt 2 and sqrt 3 of a lattice."""
_GAP = 0.01
"""Width of a tier that must hold no neighbours."""


def measured(rule: type[CellRule], cell: CellShape, settings: Settings, live_tiers: tuple[Tier, ...]) -> Kept:
    """Return what an update costs: by the rule's own formula, or measured once and remembered."""
    formula = checked_kept(rule, rule.kept(cell, settings, live_tiers))
    return formula if formula is not None else _measured(rule, cell, settings.model_dump_json(), live_tiers)


@lru_cache(maxsize=64)
def _measured(rule: type[CellRule], cell: CellShape, settings_json: str, live_tiers: tuple[Tier, ...]) -> Kept:
    settings = rule.settings_class.model_validate_json(settings_json)
    hear = RecordingHear(TierMeans.build((SIDE, SIDE, SIDE), thresholds_for(live_tiers), engine="sparse"))
    seen: dict[int, Tensor] = {}
    with seeded(0), torch.enable_grad():
        made = rule(cell, settings)
        context = RolloutContext(torch.rand(SIDE**3, cell.position_size), (SIDE, SIDE, SIDE), live_tiers)
        context = replace(context, prepared=made.begin(hear, context))
        not_counted = {tensor.untyped_storage().data_ptr() for tensor in (*made.parameters(), *made.buffers())}
        not_counted.add(context.position_NK.untyped_storage().data_ptr())
        # A state within a rollout: it needs gradients and is computed, so that it is kept once.
        state_NBC = torch.randn(SIDE**3, BATCH, cell.state_size, requires_grad=True)

        def pack(tensor: Tensor) -> Tensor:
            seen[tensor.untyped_storage().data_ptr()] = tensor
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            next_NBC, trace = checked_answer(made, made(state_NBC, hear, context), state_NBC, live_tiers)
    # The rollout holds every state and trace, whatever autograd keeps; the state before is held by the step before.
    for tensor in (next_NBC, *trace.values()):
        seen[tensor.untyped_storage().data_ptr()] = tensor
    not_counted.add(state_NBC.untyped_storage().data_ptr())
    kept = sum(tensor.untyped_storage().nbytes() for place, tensor in seen.items() if place not in not_counted)
    updates = SIDE**3 * BATCH
    return Kept(
        fields={tier: sum(means.shape[-1] for means in hear.heard.get(tier, ())) for tier in TIERS},
        floats=kept / (4 * updates),
        traced=sum(tensor.numel() for tensor in trace.values()) / updates,
    )


def thresholds_for(live_tiers: tuple[Tier, ...]) -> Thresholds:
    """Return tier distances at which exactly these tiers of a lattice hold neighbours."""
    radii, outer, distances = iter(_RADII), 0.0, []
    for tier in TIERS:
        outer = next(radii) if tier in live_tiers else outer + _GAP
        distances.append(outer)
    return distances[0], distances[1], distances[2]
