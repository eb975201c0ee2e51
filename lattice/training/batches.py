"""The order of the training samples: a pure function of seed and epoch, resumable from two counters."""

from __future__ import annotations

import torch
from torch import Tensor


class BatchOrder:
    """Endless batches of sample indices; every epoch is a fresh permutation of the training split."""

    def __init__(self, indices: Tensor, seed: int, *, epoch: int = 0, offset: int = 0) -> None:
        """Start at sample `offset` of `epoch`; `indices` is int64 [n] on the training device."""
        if len(indices) == 0:
            raise ValueError("there are no training samples to order")
        self.indices, self.seed = indices, seed
        self.epoch, self.offset = epoch, offset
        self._permuted = self._permute()

    def _permute(self) -> Tensor:
        device = self.indices.device
        generator = torch.Generator(device=device).manual_seed(self.seed * 0x85EBCA6B + self.epoch)
        return self.indices[torch.randperm(len(self.indices), generator=generator, device=device)]

    def next(self, batch_size: int) -> Tensor:
        """Return the next indices, int64 [B]; an epoch's rest that is smaller than a batch is left out."""
        size = min(batch_size, len(self.indices))
        if self.offset + size > len(self.indices):
            self.epoch, self.offset = self.epoch + 1, 0
            self._permuted = self._permute()
        batch = self._permuted[self.offset : self.offset + size]
        self.offset += size
        return batch
