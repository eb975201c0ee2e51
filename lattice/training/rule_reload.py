"""Another class for the cell rule in mid-run: the weights that still fit stay, with the optimizer's moments."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lattice.config import SimpleProjectConfig
from lattice.config.sections import RuleSections
from lattice.model.student import StudentModel
from lattice.training.optimizer import make_optimizer
from lattice.training.rule_trial import try_student
from lattice.training.run import Run


@dataclass(frozen=True)
class RuleReload:
    """What became of the weights; names as in the student."""

    kept: tuple[str, ...]
    """Weights that were there before with the same name and shape; they keep value and moments."""
    renewed: tuple[str, ...]
    """Weights that begin again."""
    dropped: tuple[str, ...]
    """Weights of before that have no place any more."""


@dataclass(frozen=True)
class Replacement:
    """A student with the new class of the rule, not in use yet."""

    config: SimpleProjectConfig
    student: StudentModel
    optimizer: torch.optim.AdamW
    outcome: RuleReload


def plan_reload(run: Run) -> Replacement:
    """Build a student of the rule's class as it is registered now, beside the running one.

    Raises:
        PluginError: the rule can't be made or fails its trial; the message says file and line.
        ConfigError: the running settings don't fit the new class.
    """
    config = _current(run.config)
    student = try_student(config, run.dataset.width, run.tier_means, run.device)
    old, new = dict(run.student.named_parameters()), dict(student.named_parameters())
    kept = [name for name in new if name in old and old[name].shape == new[name].shape]
    optimizer = make_optimizer(student, config)
    with torch.no_grad():
        for name in kept:
            new[name].copy_(old[name])
            moments = run.optimizer.state.get(old[name])
            if moments:
                optimizer.state[new[name]] = {key: value.clone() for key, value in moments.items()}
        buffers = dict(run.student.named_buffers())
        for name, buffer in student.named_buffers():
            if name in buffers and buffers[name].shape == buffer.shape:
                buffer.copy_(buffers[name])
    outcome = RuleReload(
        kept=tuple(kept),
        renewed=tuple(name for name in new if name not in kept),
        dropped=tuple(name for name in old if name not in new),
    )
    return Replacement(config, student, optimizer, outcome)


def _current(config: SimpleProjectConfig) -> SimpleProjectConfig:
    """Return a config whose rule settings are of the class that is registered now; what that lacks is left out."""
    values = config.to_mapping()
    values["rule"] = RuleSections.current_part(values.get("rule", {}))
    if "logging" not in config.model_fields_set:
        del values["logging"]
    return SimpleProjectConfig.from_mapping(values, source="reload")
