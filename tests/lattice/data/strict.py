"""A watch over every operation of torch: which of them touch tensors of the processor."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class ProcessorWatch(TorchDispatchMode):
    """Collects the names of operations in which a tensor of the processor takes part, those in `allowed` apart."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        super().__init__()
        self.allowed, self.found = frozenset(allowed), list[str]()

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        name = str(func).removeprefix("aten.").partition(".")[0]
        tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, torch.Tensor)]
        if name not in self.allowed and any(tensor.device.type == "cpu" for tensor in tensors):
            self.found.append(f"{name} {[(str(tensor.device), tuple(tensor.shape)) for tensor in tensors]}")
        return result
