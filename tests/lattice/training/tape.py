"""A CUDA graph's stand-in on the processor: records every kernel, and repeats it on the same memory.

Like a graph it knows nothing of Python: numbers that were put into a kernel stay, and so do addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

T = TypeVar("T")
Kernel = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], Any]


class _Listener(TorchDispatchMode):
    """Notes every kernel with its tensors, which thereby keep their memory."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: list[Kernel] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        result = func(*args, **given)
        self.kernels.append((func, args, given, result))
        return result


class TapeRecorder:
    """Records on the processor and times nothing: it says what it was told."""

    def __init__(self, launching: float = 2.0, replaying: float = 1.0) -> None:
        """Say that work takes `launching` seconds, and a repetition `replaying`."""
        self.recordings = self.repetitions = 0
        self.forget: Callable[[list[Kernel]], list[Kernel]] = lambda kernels: kernels
        """What becomes of the kernels of a recording, for tests of bad recordings."""
        self._launching, self._replaying = launching, replaying
        self._repeats: list[Callable[[], None]] = []

    def run(self, work: Callable[[], T]) -> T:
        return work()

    def record(self, work: Callable[[], T]) -> tuple[Callable[[], None], T]:
        self.recordings += 1
        with _Listener() as listener:
            result = work()
        kernels = self.forget(listener.kernels)

        @torch.no_grad()
        def repeat() -> None:
            self.repetitions += 1
            for function, args, kwargs, before in kernels:
                _fill(before, function(*args, **kwargs))

        self._repeats.append(repeat)
        return repeat, result

    def seconds(self, work: Callable[[], object]) -> float:
        work()
        return self._replaying if work in self._repeats else self._launching


def _fill(before: Any, again: Any) -> None:
    """Put what a kernel gave again where it gave it before; views and changes in place are there already."""
    for old, new in zip(tree_leaves(before), tree_leaves(again), strict=True):
        if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
            old.copy_(new)
