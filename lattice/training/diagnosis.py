"""Find out what first stopped being finite, so that the error can name it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lattice.errors import NonFiniteError
from lattice.geometry import unflatten
from lattice.model.rules.base import RecordingHear
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.tiers import Tier


@dataclass(frozen=True)
class Culprit:
    """The first thing along the data's way that is not finite."""

    words: str
    """Names it, with lattice step, cell, channel and tier where it is a state."""
    weights_harmed: bool = False
    """Whether a weight itself is not finite, so that only an earlier state of the run helps."""
    cell: tuple[int, int, int] | None = None
    """Where it is a cell's state."""
    lattice_step: int | None = None
    """Index of the state: 0 is the painted one."""


@torch.no_grad()
def first_non_finite(
    student: StudentModel, tier_means: TierMeans, steps: int, inputs_BD: Tensor, erased_N: Tensor | None = None
) -> Culprit:
    """Return the first of weights, input, states, output and gradients that is not finite; else the loss.

    `erased_N` are the cells that were erased in that pass, bool [N]; None for none.
    """
    for name, parameter in student.named_parameters():
        if not _finite(parameter):
            return Culprit(f"the weight {name}", weights_harmed=True)
    if not _finite(inputs_BD):
        return Culprit("the input embeddings")
    output = student(inputs_BD, tier_means, steps, erased_N=erased_N)
    for step, state_NBC in enumerate(output.rollout.states):
        if not _finite(state_NBC):
            return _of_state(student, tier_means, output.rollout.states, step)
    if not _finite(output.embedding_BD):
        return Culprit("the student's embedding")
    for name, parameter in student.named_parameters():
        if parameter.grad is not None and not _finite(parameter.grad):
            return Culprit(f"the gradient of {name}")
    return Culprit("the loss")


def _of_state(student: StudentModel, tier_means: TierMeans, states: tuple[Tensor, ...], step: int) -> Culprit:
    """Name the first number of a state that is not finite, and the tier from which it was heard, if it was."""
    number, sample, channel = (int(index) for index in (~torch.isfinite(states[step])).nonzero()[0])
    x, y, z = (int(side) for side in unflatten(torch.tensor(number), student.dimensions))
    words = f"channel {channel} of the cell ({x}, {y}, {z})"
    if step == 0:
        return Culprit(f"{words} as it is painted", cell=(x, y, z), lattice_step=0)
    tier = _loud_tier(student, tier_means, states[step - 1], step - 1, number, sample)
    heard = f", heard from its {tier} tier," if tier else ""
    return Culprit(f"{words} after lattice step {step}{heard}", cell=(x, y, z), lattice_step=step)


def _loud_tier(
    student: StudentModel, tier_means: TierMeans, before_NBC: Tensor, step: int, cell: int, sample: int
) -> Tier | None:
    """Return the tier whose message to a cell is not finite, None if the cell made it so by itself."""
    with torch.autocast(before_NBC.device.type, torch.bfloat16, enabled=student.precision == "bfloat16"):
        context = student.context(tier_means.live_tiers).at(step)
        messages = student.prototype.messages(before_NBC, RecordingHear(tier_means), context)
    return next((tier for tier, message in messages.items() if not _finite(message[cell, sample])), None)


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


def refusal(culprit: Culprit, training_step: int) -> NonFiniteError:
    """Return the error for a training step whose update was left out."""
    rest = (
        "but the weights were harmed before: open the last checkpoint or autosave, or reset the run"
        if culprit.weights_harmed
        else "and the weights are unharmed. Lower the learning rate or the update scale, then go on"
    )
    error = NonFiniteError(
        f"training step {training_step}: {culprit.words} is not finite; the update was left out, {rest}"
    )
    error.cell, error.lattice_step = culprit.cell, culprit.lattice_step
    return error
