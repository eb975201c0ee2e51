"""What one cell hears: tier messages of an observed state, computed on demand."""

from __future__ import annotations

import numpy as np
import torch

from lattice.errors import DataError
from lattice.geometry import flat_index
from lattice.model.rules.base import RecordingHear
from lattice.model.rules.faults import checked_messages, rule_faults
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import Tier
from lattice.training.reports import Array, Observation


@torch.no_grad()
def tier_messages(
    student: StudentModel,
    tier_means: TierMeans,
    observation: Observation,
    lattice_step: int,
    cell: tuple[int, int, int],
) -> dict[Tier, Array]:
    """Return the message of each live tier to `cell`, float32 [M], from the state with index `lattice_step`."""
    states = observation.states_TXYZC
    if not 0 <= lattice_step < len(states):
        raise DataError(f"there is no lattice step {lattice_step}: the observation has 0 to {len(states) - 1}")
    if observation.dimensions != student.dimensions:
        raise DataError(f"the observation is of a {observation.dimensions} cube, the student is {student.dimensions}")
    flat = torch.from_numpy(states[lattice_step].reshape(-1, 1, states.shape[-1]).copy()).to(student.features)
    hear, rule = RecordingHear(tier_means), student.prototype
    with rule_faults(type(rule)):
        messages = rule.messages(flat, hear, student.context(tier_means.live_tiers).at(lattice_step))
        messages = checked_messages(rule, messages, flat)
    index = int(flat_index(torch.tensor(cell), student.dimensions))
    return {tier: np.array(message[index, 0].float().cpu().numpy()) for tier, message in messages.items()}
