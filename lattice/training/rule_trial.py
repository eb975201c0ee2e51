"""A trial of a cell rule before a run relies on it: one batch forward and backward.

Shapes: N cells, B batch, C state size, k values of a trace.
"""

from __future__ import annotations

import torch

from lattice.config import SimpleProjectConfig
from lattice.errors import PluginError
from lattice.losses import losses
from lattice.model.rollout import Rollout, roll_out
from lattice.model.rules.build import rule_fault
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.plugin_faults import source_of
from lattice.plugins import BUILT_IN, CELL_RULES

SAMPLES = 2


def try_student(config: SimpleProjectConfig, width: int, tier_means: TierMeans, device: torch.device) -> StudentModel:
    """Return a new student whose rule was tried if a plugin brought it; the built-in ones are tested.

    Raises:
        PluginError: the rule can't be made, raises, or gives wrong shapes or numbers that are not finite; the message
            says file and line.
    """
    plugged = CELL_RULES.entry(config.model.rule).plugin != BUILT_IN
    try:
        student = StudentModel.seeded(config, width).to(device)
        if plugged:
            check_rule(student, tier_means, config)
    except Exception as error:
        raise rule_fault(config, error) from None
    return student


def check_rule(student: StudentModel, tier_means: TierMeans, config: SimpleProjectConfig) -> None:
    """Do one batch of random embeddings forward and backward; raise `PluginError` for what a rule must not give."""
    generator = torch.Generator().manual_seed(0)
    inputs_BD = torch.nn.functional.normalize(torch.randn(SAMPLES, student.width, generator=generator), dim=-1)
    inputs_BD = inputs_BD.to(student.features.device)
    with torch.enable_grad():
        # One lattice step alone: what reads wrong shapes next would raise an error that says less.
        context = student.context(tier_means.live_tiers)
        one_step = roll_out(student.prototype, student.paint(inputs_BD), context, tier_means, 1)
        _check_shapes(student, one_step, len(tier_means.live_tiers))
        output = student(inputs_BD, tier_means, config.lattice.lattice_steps)
        _check_shapes(student, output.rollout, len(tier_means.live_tiers))
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


def _check_shapes(student: StudentModel, rollout: Rollout, live: int) -> None:
    expected = rollout.states[0].shape
    for state in rollout.states:
        if state.shape != expected or not state.is_floating_point():
            raise _fault(student, f"the next states have shape {list(state.shape)}, expected {list(expected)}")
    for trace in rollout.traces:
        for name, values in trace.items():
            if values.shape[:-1] != expected[:-1]:
                raise _fault(
                    student,
                    f"'{name}' of the trace has shape {list(values.shape)}, expected [{expected[0]}, {expected[1]}, k]",
                )
        if "gates" in trace and trace["gates"].shape[-1] != live:
            raise _fault(student, f"'gates' of the trace must hold one gate for each of the {live} live tiers")
        if trace.keys() != rollout.traces[0].keys():
            raise _fault(student, "the names in the trace differ between lattice steps")


def _fault(student: StudentModel, what: str) -> PluginError:
    kind = type(student.prototype)
    line = kind.forward.__code__.co_firstlineno
    return PluginError(f"{source_of(kind)}, line {line}: {kind.__name__}.forward: {what}")
