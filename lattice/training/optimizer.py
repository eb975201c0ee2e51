"""AdamW without torch's compiler.

The methods of torch's optimizers import the compiler, only to keep it away from themselves. That takes as long as to
import torch, and a window would show its first training step a third later. Nothing here is compiled, so the same
methods are called without that guard.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn

from lattice.config import SimpleProjectConfig


class EagerAdamW(torch.optim.AdamW):
    """`torch.optim.AdamW`, its methods taken out of what guards them from the compiler."""

    add_param_group = inspect.unwrap(torch.optim.AdamW.add_param_group)
    state_dict = inspect.unwrap(torch.optim.AdamW.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.AdamW.load_state_dict)
    zero_grad = inspect.unwrap(torch.optim.AdamW.zero_grad)
    _update = inspect.unwrap(torch.optim.AdamW.step)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Do one update."""
        return self._update(closure)


def make_optimizer(student: nn.Module, config: SimpleProjectConfig) -> torch.optim.AdamW:
    """Return AdamW over all parameters; the fused kernel can skip an update on the device."""
    settings = config.optimizer
    return EagerAdamW(student.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
