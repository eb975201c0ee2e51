"""The rows that a survey looks at: all samples of a data set, or a part that is the same every time.

The window names this kind of rows before it has loaded torch, so torch is imported where it is used.

Shapes: S samples of the data set, M of them that are looked at, D embedding width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from lattice.data.dataset import EmbeddingDataset, Indices

_SEED = 20
_BLOCK_BYTES = 32 << 20
"""Of a block of rows in float32."""


@dataclass(frozen=True, eq=False)
class SurveyRows:
    """Embeddings as they are stored, and which samples they are."""

    samples: Indices
    """Index of each row's sample in the data set, ascending, [M]."""
    rows_MD: Tensor
    """Float16, bfloat16 or float32, on the data set's own device."""
    held_out_M: NDArray[np.bool_]
    total: int
    """Samples S of the data set."""
    held_out: int
    """Held-out samples of the data set."""

    def __len__(self) -> int:
        """Return the number of rows M."""
        return len(self.samples)

    @property
    def whole(self) -> bool:
        """Whether these are all samples."""
        return len(self) == self.total

    @property
    def part_text(self) -> str:
        """Which samples these are, in words."""
        return f"all {self.total:,} samples" if self.whole else f"a fixed {len(self):,} of {self.total:,} samples"

    def part(self, most: int) -> SurveyRows:
        """Return these rows, or a fixed part of `most`."""
        if len(self) <= most:
            return self
        import torch

        kept = np.sort(drawn(len(self), most))
        rows_MD = self.rows_MD[torch.from_numpy(kept).to(self.rows_MD.device)]
        return replace(self, samples=self.samples[kept], rows_MD=rows_MD, held_out_M=self.held_out_M[kept])

    def on_host(self) -> SurveyRows:
        """Return the same rows in the computer's memory."""
        return replace(self, rows_MD=self.rows_MD.cpu())

    def blocks(self) -> Iterator[tuple[int, Tensor]]:
        """Yield (first row, rows as float32), block by block."""
        size = max(1, _BLOCK_BYTES // (4 * self.rows_MD.shape[1]))
        for start in range(0, len(self), size):
            yield start, self.rows_MD[start : start + size].float()

    def unit(self, rows: Indices | slice) -> Tensor:
        """Return some rows as float32, divided by their length."""
        import torch
        from torch.nn import functional as F

        part = self.rows_MD[rows if isinstance(rows, slice) else torch.from_numpy(rows).to(self.rows_MD.device)]
        return F.normalize(part.float(), dim=1)


def survey_rows(dataset: EmbeddingDataset, most: int) -> SurveyRows:
    """Return all rows of a data set, or `most` of them: drawn with a fixed seed, so the same every time.

    Nothing is copied where all are taken; of a streamed data set the rows stay in the computer's memory.
    """
    total = len(dataset)
    held_out = np.zeros(total, dtype=bool)
    held_out[dataset.validation_indices.cpu().numpy()] = True
    every = SurveyRows(np.arange(total), dataset.embeddings, held_out, total, int(held_out.sum()))
    return every.part(most)


def drawn(count: int, most: int) -> Indices:
    """Return at most `most` of the numbers below `count`, in a random order that is the same every time."""
    order: Indices = np.random.default_rng(_SEED).permutation(count)[:most]
    return order
