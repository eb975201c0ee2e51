"""A trial of a cell rule before a run relies on it: one batch forward and backward.

Shapes: B batch, D embedding width.
"""

from __future__ import annotations

import torch

from lattice.config import SimpleProjectConfig
from lattice.errors import PluginError
from lattice.losses import losses
from lattice.model.rollout import Rollout
from lattice.model.rules.faults import checked_groups, rule_faults
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.plugin_faults import defined_at, refused
from lattice.plugins import BUILT_IN, CELL_RULES

SAMPLES = 2


def try_student(config: SimpleProjectConfig, width: int, tier_means: TierMeans, device: torch.device) -> StudentModel:
    """Return a new student whose rule was tried if a plugin brought it; the built-in ones are tested.

    Raises:
        PluginError: the rule can't be made, raises, or gives wrong shapes or numbers that are not finite; the message
            says file and line.
    """
    student = StudentModel.seeded(config, width).to(device)
    if CELL_RULES.entry(config.model.rule).plugin != BUILT_IN:
        with rule_faults(type(student.prototype)):  # the backward pass, too
            check_rule(student, tier_means, config)
    return student


def check_rule(student: StudentModel, tier_means: TierMeans, config: SimpleProjectConfig) -> None:
    """Do one batch of random embeddings forward and backward; raise `PluginError` for what a rule must not give."""
    generator = torch.Generator().manual_seed(0)
    inputs_BD = torch.nn.functional.normalize(torch.randn(SAMPLES, student.width, generator=generator), dim=-1)
    inputs_BD = inputs_BD.to(student.features.device)
    checked_groups(student.prototype)
    with torch.enable_grad():
        output = student(inputs_BD, tier_means, config.lattice.lattice_steps)
        _check_names(student, output.rollout)
        parts = losses(output.embedding_BD, inputs_BD, output.rollout, config.training_embedding.loss_weights)
        if parts["total"].requires_grad:
            parts["total"].backward()
    gradients = [parameter.grad for parameter in student.parameters() if parameter.grad is not None]
    for step, state in enumerate(output.rollout.states):
        if not torch.isfinite(state).all():
            raise _fault(student, f"the states after lattice step {step} are not finite")
    if not all(torch.isfinite(gradient).all() for gradient in gradients):
        raise _fault(student, "a gradient is not finite")
    student.zero_grad(set_to_none=True)


def _check_names(student: StudentModel, rollout: Rollout) -> None:
    for step, trace in enumerate(rollout.traces):
        if trace.keys() != rollout.traces[0].keys():
            first, other = (", ".join(map(repr, names)) or "none" for names in (rollout.traces[0], trace))
            expected = "the same names in the trace of every lattice step"
            raise refused(type(student.prototype).forward, expected, f"{first} at step 0, {other} at step {step}")


def _fault(student: StudentModel, what: str) -> PluginError:
    forward = type(student.prototype).forward
    return PluginError(f"{defined_at(forward)}: {forward.__qualname__}: {what}")
