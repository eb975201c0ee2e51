"""The samples of a run: embeddings on one device, their texts, and the split into training and validation.

Shapes: S samples, D embedding width.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from lattice.data.hashing import row_hashes, text_hashes
from lattice.errors import DataError


@dataclass(frozen=True, eq=False)
class EmbeddingDataset:
    """Embeddings with their texts. Rows keep their storage type; `batch` casts to float32."""

    embeddings: Tensor
    """[S, D], float16, bfloat16 or float32."""
    partners: Tensor | None
    """[S, D] targets of the objective `pairs`, None when the source has no second column."""
    texts: Sequence[str] | None
    partner_texts: Sequence[str] | None
    categories: Sequence[str] | None
    source: str
    """Where the samples came from, for people."""
    fingerprint: str
    """Hash of all embeddings and texts, the same on every machine and device."""
    train_indices: Tensor
    """[S_train] int64, rising, on the device of `embeddings`."""
    validation_indices: Tensor
    """[S_validation] int64, rising, on the device of `embeddings`."""

    @property
    def width(self) -> int:
        """Embedding width D."""
        return int(self.embeddings.shape[1])

    @property
    def device(self) -> torch.device:
        """Device of every tensor in the dataset."""
        return self.embeddings.device

    def __len__(self) -> int:
        """Return the number of samples S."""
        return int(self.embeddings.shape[0])

    def text(self, sample: int) -> str:
        """Return the sample's text, or `sample 12` when the source has none."""
        return f"sample {sample}" if self.texts is None else self.texts[sample]

    def batch(self, indices: Tensor) -> Tensor:
        """Return the rows at `indices` as float32, [B, D]."""
        return self.embeddings[indices].to(torch.float32)

    def to(self, device: torch.device | str) -> EmbeddingDataset:
        """Return the same dataset with its tensors on `device`."""
        return replace(
            self,
            embeddings=self.embeddings.to(device),
            partners=None if self.partners is None else self.partners.to(device),
            train_indices=self.train_indices.to(device),
            validation_indices=self.validation_indices.to(device),
        )

    @property
    def memory_bytes(self) -> int:
        """Bytes of all tensors."""
        tensors = (self.embeddings, self.partners, self.train_indices, self.validation_indices)
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors if tensor is not None)


def build_dataset(
    embeddings: Tensor,
    *,
    source: str,
    validation_fraction: float = 0.1,
    partners: Tensor | None = None,
    texts: Sequence[str] | None = None,
    partner_texts: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
) -> EmbeddingDataset:
    """Split and fingerprint samples.

    A sample's side of the split depends on its text alone (or its values, when there are no texts), so it
    stays there when samples are added, removed or reordered, and equal texts never fall on both sides.

    Args:
        embeddings: [S, D] float16, bfloat16 or float32, finite.
        source: where the samples came from.
        validation_fraction: expected share of held-out samples, in (0, 1).
        partners: [S, D] targets of the objective `pairs`.
        texts: S texts.
        partner_texts: S texts.
        categories: S labels.

    Raises:
        DataError: fewer than two different samples, or columns of unequal length.
    """
    count = int(embeddings.shape[0])
    for name, column in (("partners", partners), ("texts", texts), ("partner texts", partner_texts)):
        if column is not None and len(column) != count:
            raise DataError(f"{source}: {count} embeddings but {len(column)} {name}; every row needs both")
    rows = row_hashes(embeddings)
    keys = rows if texts is None else text_hashes(texts)
    train, validation = split_by_hash(keys, validation_fraction, source)
    return EmbeddingDataset(
        embeddings=embeddings,
        partners=partners,
        texts=texts,
        partner_texts=partner_texts,
        categories=categories,
        source=source,
        fingerprint=_fingerprint(embeddings, rows, partners, texts, partner_texts),
        train_indices=torch.from_numpy(train).to(embeddings.device),
        validation_indices=torch.from_numpy(validation).to(embeddings.device),
    )


def split_by_hash(
    keys: np.ndarray[tuple[int], np.dtype[np.uint64]], fraction: float, source: str = "data"
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return (training, validation) indices: validation where the hash, read as a share of 2^64, is below `fraction`.

    Both sides get at least one sample: in a small set the lowest or highest hash goes to the side that is empty.
    """
    lowest, highest = keys.min(initial=np.uint64(2**64 - 1)), keys.max(initial=np.uint64(0))
    if len(keys) < 2 or lowest == highest:
        raise DataError(
            f"{source}: {len(keys)} usable sample(s), all the same; at least two different ones are needed, "
            "one to learn and one held out"
        )
    held_out = keys < np.uint64(min(int(fraction * 2.0**64), 2**64 - 1))
    if not held_out.any():
        held_out = keys == lowest
    elif held_out.all():
        held_out = keys != highest
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _fingerprint(
    embeddings: Tensor,
    rows: np.ndarray[tuple[int], np.dtype[np.uint64]],
    partners: Tensor | None,
    texts: Sequence[str] | None,
    partner_texts: Sequence[str] | None,
) -> str:
    digest = hashlib.sha256(f"{tuple(embeddings.shape)} {embeddings.dtype}".encode())
    digest.update(rows.tobytes())
    if partners is not None:
        digest.update(b"partners" + row_hashes(partners).tobytes())
    for name, column in ((b"texts", texts), (b"partner texts", partner_texts)):
        if column is not None:
            digest.update(name + text_hashes(column).tobytes())
    return digest.hexdigest()
