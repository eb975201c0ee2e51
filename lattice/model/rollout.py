"""The rollout: T lattice steps of the whole cube. The one place that owns this loop."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor
from torch.utils.checkpoint import checkpoint

from lattice.model.erasure import without
from lattice.model.rules.base import CellRule, Hear, RolloutContext, Trace
from lattice.model.rules.faults import checked_answer, rule_faults
from lattice.neighbourhood import TierMeans


@dataclass(frozen=True)
class Rollout:
    """All states of a rollout, the painted one first, and the trace of each step."""

    states: tuple[Tensor, ...]
    """T+1 states, each [N, B, C]."""
    traces: tuple[Trace, ...]
    """What the rule reports of each lattice step, name -> [N, B, k]."""

    @property
    def final(self) -> Tensor:
        """State after the last lattice step, [N, B, C]."""
        return self.states[-1]


def roll_out(
    rule: CellRule,
    state_NBC: Tensor,
    context: RolloutContext,
    tier_means: TierMeans,
    steps: int,
    *,
    recompute: bool = False,
    erased_N: Tensor | None = None,
) -> Rollout:
    """Let the cells talk for `steps` lattice steps.

    Args:
        rule: what every cell computes.
        state_NBC: painted states, [N, B, C].
        context: of the rollout; the rule prepares its part here.
        tier_means: engine for the same lattice.
        steps: lattice steps, 0 or more; 0 returns the painted states.
        recompute: keep only states and traces, and compute each lattice step again in the backward pass.
        erased_N: cells that hold the state zero from the painted cube on, bool [N]; None for none.

    Raises:
        PluginError: a plugged rule raised, or returned what it must not; the message says file and line.
    """
    if steps < 0:
        raise ValueError(f"a rollout has 0 or more lattice steps, got {steps}")
    hear = Hear(tier_means)
    state_NBC = without(state_NBC, erased_N)
    states: list[Tensor] = [state_NBC]
    traces: list[Trace] = []
    with rule_faults(type(rule)):
        context = replace(context, prepared=rule.begin(hear, context))
        for step in range(steps):
            if recompute:
                answer = checkpoint(
                    rule, state_NBC, hear, context.at(step), use_reentrant=False, preserve_rng_state=False
                )
            else:
                answer = rule(state_NBC, hear, context.at(step))
            state_NBC, trace = checked_answer(rule, answer, state_NBC, context.live_tiers)
            state_NBC = without(state_NBC, erased_N)
            states.append(state_NBC)
            traces.append(trace)
    return Rollout(tuple(states), tuple(traces))
