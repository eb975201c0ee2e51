"""How the cell prototype starts: quiet, linear in its message, and carrying along the flow.

Random weights do not carry. A random MLP shrinks what it hears, a drift that is the same for all samples drowns the
rest, and a mean over all neighbours gives the one upstream a share of the weight: the derivative of a state by the
embedding then falls by a factor of 24 to 200 per layer of the volume. At the start below it stays within a factor of
two. Nothing is zero, so that every weight gets a gradient at the first training step.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from lattice.model.experts import DistantExpert, FunctionalExpert, LocalExpert
from lattice.tiers.flow import Pattern

FAINT = 0.1
"""Share of the usual size at which everything starts that is not the message."""
MATCH = 7.0
"""Query and key of matching classes before softplus at the start; those of other classes are minus this."""
HEARD = MATCH**2 / (MATCH**2 + FunctionalExpert.SINK)
"""Share that one matching neighbour has against the sink."""
_UNUSED = -4.0
"""Query and key of a similarity channel without a class, before softplus."""


@torch.no_grad()
def fade(*weights: torch.Tensor) -> None:
    """Scale weights to `FAINT` of their size, in place."""
    for weight in weights:
        weight *= FAINT


@torch.no_grad()
def start_quiet(local: LocalExpert, distant: DistantExpert, maps: nn.Module) -> None:
    """Make what is kept and heard by the outer experts faint, and `maps` (of positions, of gates) as well.

    Gates start even by that: a gate that depends on the message changes the speed of the flow, and distorts it.
    """
    sent = local.message_size
    fade(local.projection.weight[sent:], local.projection.bias, local.receive.weight, distant.out.weight)
    fade(*maps.parameters())


@torch.no_grad()
def start_linear(expert: FunctionalExpert, gain: float) -> None:
    """Start as `change = gain * message`, in the state's channels that were sent: the first ones.

    Hidden units come in pairs with opposite signs, and `silu(x) - silu(-x) = x`: a looks-linear start (Balduzzi et al.
    2017).

    Args:
        expert: changed in place.
        gain: size of the change for a message of size 1.
    """
    *_, hidden, _ = expert.sizes
    half = hidden // 2
    nn.init.eye_(expert.value.weight)
    rows = expert.projection.weight[-hidden:]
    # What a pair knows of the own state is the same for both: it only bends what they make of the message.
    rows[half : 2 * half] = rows[:half]
    fade(rows)
    expert.projection.bias[-hidden:] = 0.0
    spread_message(expert, gain, half)


@torch.no_grad()
def spread_message(expert: FunctionalExpert, gain: float, pairs: int) -> None:
    """Carry the message through the first `pairs` pairs of hidden units; the others neither hear nor change anything.

    Unit i of the first half and unit i of the second half make a pair, see `start_linear`.
    """
    *_, hidden, values = expert.sizes
    half = hidden // 2
    spread = torch.empty(pairs, values)
    nn.init.orthogonal_(spread)
    if pairs < values:
        spread *= math.sqrt(values / pairs)
    for weight in (expert.receive.weight, expert.out.weight, expert.out.bias):
        weight.zero_()
    sent = min(values, expert.out.weight.shape[0])
    for first, sign in ((0, 1.0), (half, -1.0)):
        expert.receive.weight[first : first + pairs] = sign * spread
        expert.out.weight[:sent, first : first + pairs] = sign * gain * spread.t()[:sent]


@torch.no_grad()
def start_flow(expert: FunctionalExpert, pattern: Pattern) -> None:
    """Start by hearing the neighbour upstream alone: its class is the one that the query's code names.

    Args:
        expert: changed in place; needs one similarity channel per class.
        pattern: classes of the flow.
    """
    channels = expert.sizes[0]
    if pattern.classes > channels:
        raise ValueError(f"{pattern.classes} classes need as many similarity channels, got {channels}")
    fade(expert.projection.weight[: 2 * channels])
    for code, bias in (
        (expert.query_code.weight, expert.projection.bias[:channels]),
        (expert.key_code.weight, expert.projection.bias[channels : 2 * channels]),
    ):
        bias.fill_(_UNUSED)
        bias[: pattern.classes] = -MATCH
        code[: pattern.classes] = 2.0 * MATCH * torch.eye(pattern.classes)
