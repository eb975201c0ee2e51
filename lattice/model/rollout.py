"""The rollout: T lattice steps of the whole cube. The one place that owns this loop."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.utils.checkpoint import checkpoint

from lattice.model.prototype import CellPrototype, Perception, StepTrace
from lattice.neighbourhood import TierMeans


@dataclass(frozen=True)
class Rollout:
    """All states of a rollout, the painted one first, and the trace of each step."""

    states: tuple[Tensor, ...]
    """T+1 states, each [N, B, C]."""
    traces: tuple[StepTrace, ...]
    """One trace per lattice step."""

    @property
    def final(self) -> Tensor:
        """State after the last lattice step, [N, B, C]."""
        return self.states[-1]


def roll_out(
    prototype: CellPrototype,
    state_NBC: Tensor,
    position_NK: Tensor,
    tier_means: TierMeans,
    steps: int,
    *,
    recompute: bool = False,
) -> Rollout:
    """Let the cells talk for `steps` lattice steps.

    Args:
        prototype: the shared cell network.
        state_NBC: painted states, [N, B, C].
        position_NK: position features of the cells, [N, K].
        tier_means: engine for the same lattice.
        steps: lattice steps, 0 or more; 0 returns the painted states.
        recompute: keep only states and gates, and compute each lattice step again in the backward pass; the traces
            then hold no messages. Without gradients it only drops the messages.
    """
    if steps < 0:
        raise ValueError(f"a rollout has 0 or more lattice steps, got {steps}")
    states, traces = [state_NBC], []
    perception = prototype.prepare(tier_means, position_NK)
    for _ in range(steps):
        if recompute:
            state_NBC, gates_LNB = checkpoint(
                _lean_step, prototype, state_NBC, tier_means, perception, use_reentrant=False, preserve_rng_state=False
            )
            trace = StepTrace(gates_LNB, {})
        else:
            state_NBC, trace = prototype(state_NBC, tier_means, perception)
        states.append(state_NBC)
        traces.append(trace)
    return Rollout(tuple(states), tuple(traces))


def _lean_step(
    prototype: CellPrototype, state_NBC: Tensor, tier_means: TierMeans, perception: Perception
) -> tuple[Tensor, Tensor]:
    next_NBC, trace = prototype(state_NBC, tier_means, perception)
    return next_NBC, trace.gates_LNB
