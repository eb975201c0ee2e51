"""The matrix products of a training step: noted while it runs, replayed alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from lattice.neighbourhood import TierMeans
from lattice.tiers import Tier
from lattice.training.trainer import EmbeddingTrainer

_PRODUCTS = {
    torch.ops.aten.mm.default: 0,
    torch.ops.aten.bmm.default: 0,
    torch.ops.aten.addmm.default: 1,
    torch.ops.aten.baddbmm.default: 1,
}
"""Matrix products, and which argument is the left factor."""

Layout = tuple[torch.Size, tuple[int, ...], torch.dtype]
"""Shape, strides and type of a factor."""


class ProductRecorder(TorchDispatchMode):
    """Notes the layouts of the factors of all matrix products."""

    def __init__(self) -> None:
        """Start with no products."""
        super().__init__()
        self.products: list[tuple[Layout, Layout]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the factors of a product, then run as usual."""
        first = _PRODUCTS.get(func)
        if first is not None and args[first].layout is torch.strided:
            left, right = args[first : first + 2]
            self.products.append((_layout(left), _layout(right)))
        return func(*args, **(kwargs or {}))


class SilentMeans(TierMeans):
    """Hands fields back as they came, so that no product of an engine is counted as one of the cell's network."""

    def __init__(self, ours: TierMeans) -> None:
        """Take over geometry from `ours`."""
        self.__dict__.update(ours.__dict__)

    def means(self, fields: Tensor, tier: Tier) -> Tensor:
        """Return a copy."""
        return fields.clone()

    def channel_means(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return a copy."""
        return fields_FNB.clone(memory_format=torch.contiguous_format)


def product_floor(trainer: EmbeddingTrainer) -> tuple[Callable[[], None], int]:
    """Return a function that does the matrix products of one training step and nothing else, and its operations.

    The factors have the strides that they had in the training step, because a transposed one can cost more. Factors
    of the same layout share their memory, so the replay finds more of them in the cache than the training step does.
    """
    silent = EmbeddingTrainer(
        trainer.config, trainer.dataset, trainer.device, tier_means=SilentMeans(trainer.tier_means)
    )
    with ProductRecorder() as recorder:
        silent.step()
    factors = {
        layout: _random_factor(layout, trainer.device) for layout in {one for pair in recorder.products for one in pair}
    }
    products = [(factors[left], factors[right]) for left, right in recorder.products]

    def replay() -> None:
        for left, right in products:
            torch.matmul(left, right)

    return replay, sum(2 * left.numel() * right.shape[-1] for left, right in products)


def _layout(factor: Tensor) -> Layout:
    return factor.shape, factor.stride(), factor.dtype


def _random_factor(layout: Layout, device: torch.device) -> Tensor:
    shape, strides, dtype = layout
    factor = torch.empty_strided(shape, strides, dtype=dtype, device=device)
    # An expanded factor holds several elements in one place, which can't be written one by one.
    return factor.normal_() if 0 not in strides else torch.randn((), device=device, dtype=dtype).expand(shape)
