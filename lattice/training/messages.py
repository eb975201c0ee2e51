"""What one cell hears: tier messages of an observed state and who sent them, computed on demand.

Shapes: N cells, C state size, M message.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.errors import DataError
from lattice.geometry import flat_index, unflatten
from lattice.model.rules.base import RecordingHear
from lattice.model.rules.faults import checked_messages, rule_faults
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import Tier
from lattice.training.reports import Array, HeardTier


def heard_tiers(
    student: StudentModel,
    tier_means: TierMeans,
    state_XYZC: Array,
    lattice_step: int,
    cell: tuple[int, int, int],
) -> dict[Tier, HeardTier]:
    """Return what `cell` hears from each live tier, and from which neighbour most, in an observed state.

    `lattice_step` is the state's index in the observation.

    Raises:
        DataError: the state is of a cube of another size, or of cells with another number of channels.
        PluginError: the rule's messages can't be made.

    A neighbour's part in a message is gradient times input (Shrikumar et al., 2016): the derivative of the message's
    norm by the neighbour's state, times that state, as a magnitude.
    """
    state_N1C = _as_batch(student, state_XYZC).requires_grad_()
    index = _index(student, cell)
    heard: dict[Tier, HeardTier] = {}
    with torch.enable_grad():
        messages = _messages(student, tier_means, state_N1C, lattice_step)
        for tier, message_N1M in messages.items():
            norms_N = message_N1M[:, 0].norm(dim=-1)
            gradient_N1C = torch.zeros_like(state_N1C)
            if norms_N.requires_grad:  # not where a rule's messages follow from neither states nor weights
                (gradient_N1C,) = torch.autograd.grad(
                    norms_N[index], state_N1C, retain_graph=True, allow_unused=True, materialize_grads=True
                )
            parts_N = (gradient_N1C * state_N1C.detach()).sum(dim=(1, 2)).abs()
            parts_N[index] = 0.0
            total, most = float(parts_N.sum()), int(parts_N.argmax())
            known = total > 0.0
            x, y, z = unflatten(torch.tensor(most), student.dimensions).tolist()
            heard[tier] = HeardTier(
                float(norms_N[index].detach()),
                float(norms_N.detach().mean()),
                (x, y, z) if known else None,
                float(parts_N[most]) / total if known else 0.0,
            )
    return heard


def _as_batch(student: StudentModel, state_XYZC: Array) -> Tensor:
    """Return an observed state as a batch of one, [N, 1, C]."""
    *dimensions, channels = state_XYZC.shape
    if tuple(dimensions) != student.dimensions:
        raise DataError(f"the observation is of a {tuple(dimensions)} cube, the student is {student.dimensions}")
    if channels != student.prototype.cell.state_size:
        raise DataError(
            f"the observation has {channels} channels a cell, the student {student.prototype.cell.state_size}"
        )
    return torch.from_numpy(state_XYZC.reshape(-1, 1, channels).copy()).to(student.features)


def _messages(student: StudentModel, tier_means: TierMeans, state_N1C: Tensor, lattice_step: int) -> dict[Tier, Tensor]:
    """Return all cells' messages by live tier, [N, 1, M]."""
    hear, rule = RecordingHear(tier_means), student.prototype
    with rule_faults(type(rule)):
        messages = rule.messages(state_N1C, hear, student.context(tier_means.live_tiers).at(lattice_step))
        checked: dict[Tier, Tensor] = checked_messages(rule, messages, state_N1C)
    return checked


def _index(student: StudentModel, cell: tuple[int, int, int]) -> int:
    return int(flat_index(torch.tensor(cell), student.dimensions))
