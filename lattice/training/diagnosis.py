"""Find out what first stopped being finite, so that the error can name it."""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans


@torch.no_grad()
def first_non_finite(student: StudentModel, tier_means: TierMeans, steps: int, inputs_BD: Tensor) -> str:
    """Name the first thing along the data's way that is not finite: weights, input, a state, the output, a gradient."""
    for name, parameter in student.named_parameters():
        if not _finite(parameter):
            return f"the weight {name}"
    if not _finite(inputs_BD):
        return "the input embeddings"
    output = student(inputs_BD, tier_means, steps)
    for step, state in enumerate(output.rollout.states):
        if not _finite(state):
            return "the painted states" if step == 0 else f"the states after lattice step {step}"
    if not _finite(output.embedding_BD):
        return "the student's embedding"
    for name, parameter in student.named_parameters():
        if parameter.grad is not None and not _finite(parameter.grad):
            return f"the gradient of {name}"
    return "the loss"


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())
