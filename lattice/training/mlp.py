"""A plain network to compare with: one hidden layer, as many parameters as the student.

Shapes: B batch, D embedding width, H hidden units.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lattice.seeding import seeded


def hidden_units(parameters: int, width: int) -> int:
    """Return H for which `H (2 D + 1) + D`, the parameters of the MLP, is nearest to `parameters`; at least 1.

    One unit more or less is `2 D + 1` parameters: from 50 times as many on, the count is within 1 %.
    """
    return max(round((parameters - width) / (2 * width + 1)), 1)


def parameter_count(module: nn.Module) -> int:
    """Return the numbers that make up a network."""
    return sum(parameter.numel() for parameter in module.parameters())


class MLP(nn.Module):
    """`y = (W2 silu(W1 sqrt(D) x + b1) + b2) / sqrt(D)`.

    The gains, which the student has as well, make the components of a unit embedding about 1 in size on the inside.
    Without the one at the end an answer begins ten times too large, and the peak learning rate of the presets is spent
    on that: on `denoise` the cosine after 600 training steps was 0.25.
    """

    def __init__(self, width: int, hidden: int, seed: int) -> None:
        """Create the network with torch's default start of linear maps, which follows from `seed`."""
        super().__init__()
        with seeded(seed):
            self.inner = nn.Linear(width, hidden)
            self.outer = nn.Linear(hidden, width)
        self.gain = math.sqrt(width)

    def forward(self, embedding_BD: Tensor) -> Tensor:
        """Return the answer to embeddings, [B, D]."""
        answer: Tensor = self.outer(F.silu(self.inner(embedding_BD * self.gain))) / self.gain
        return answer

    @torch.no_grad()
    def answers(self, rows_SD: Tensor, batch_size: int) -> Tensor:
        """Return the answers to many rows, [S, D], batch by batch."""
        return torch.cat([self(rows_BD) for rows_BD in rows_SD.split(batch_size)])
