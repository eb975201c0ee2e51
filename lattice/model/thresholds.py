"""Thresholds in the functional expert: what is painted strongly grows from step to step, the rest stays as it is."""

from __future__ import annotations

import torch

from lattice.model.experts import FunctionalExpert
from lattice.model.start import FAINT, spread_message

SLOPE = 0.7
"""How sharply a threshold bends."""
THRESHOLD = 2.5
"""Where it lies, in a compressed state."""
GROWTH = 243.0
"""What a state far above its threshold is multiplied by over a rollout, as far as nothing compresses it."""
GROWING_STEPS = 9
"""Lattice steps over which that growth is spread; in longer rollouts it goes on at the same pace."""


def spare_units(expert: FunctionalExpert) -> int:
    """Return how many hidden units the expert's message can do without at the start: it needs a pair per channel."""
    *_, hidden, values = expert.sizes
    return max(0, hidden - 2 * values)


def growth_per_step(lattice_steps: int) -> float:
    """Return the share by which a state above its threshold grows in a lattice step: `GROWTH` over all of them.

    In rollouts longer than `GROWING_STEPS` it is the share of one of that length: in a `through` cube a signal reaches
    a cell late, and grows there only in the steps that are left.
    """
    return float(GROWTH ** (1.0 / min(max(lattice_steps, 1), GROWING_STEPS)) - 1.0)


@torch.no_grad()
def start_thresholds(expert: FunctionalExpert, channels: int, gain: float, message_gain: float) -> None:
    """Give each of the state's first channels a hidden unit of its own: `change = gain silu(b (s - t)) / b`.

    Here s is the channel in the compressed state, t is `THRESHOLD` and b is `SLOPE`. What lies above the threshold
    grows by the share `gain` in a lattice step, what lies below stays. The units are taken from the pairs that carry
    the message, which goes through the others as before.

    Args:
        expert: changed in place.
        channels: of the state, from the first; at most `spare_units`.
        gain: change for an excess of 1 over the threshold.
        message_gain: change for a message of size 1.
    """
    *_, hidden, _ = expert.sizes
    half = hidden // 2
    pairs = (hidden - channels) // 2
    units = [*range(pairs, half), *range(half + pairs, hidden)][:channels]
    spread_message(expert, message_gain, pairs)
    rows, biases = expert.projection.weight[-hidden:], expert.projection.bias[-hidden:]
    for channel, unit in enumerate(units):
        rows[unit] *= FAINT
        rows[unit, channel], biases[unit] = SLOPE, -SLOPE * THRESHOLD
        expert.out.weight[channel, unit] = gain / SLOPE
