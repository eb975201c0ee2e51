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

from lattice.data.hashing import row_hashes, split_keys, text_hashes
from lattice.data.provenance import NO_TEACHER
from lattice.data.report import LoadReport
from lattice.data.streamed import StreamedRows
from lattice.data.texts import Hashes
from lattice.errors import DataError

Indices = np.ndarray[tuple[int], np.dtype[np.int64]]

LEAST_HELD_OUT = 2
"""Held-out samples that a small set gets at least, so that retrieval among them means something."""
_TENSORS = ("embeddings", "partners", "train_indices", "validation_indices")


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
    """[S_train] int64 on the device of `embeddings`, in the order of their hashes: any prefix is a fair sample."""
    validation_indices: Tensor
    """[S_validation] int64, likewise."""
    report: LoadReport | None = None
    """What the load read, guessed and dropped; None for data made in memory."""
    streams: tuple[StreamedRows, ...] = ()
    """Where the rows stay on the host: those of `embeddings` and, if there are any, of `partners`."""

    @property
    def width(self) -> int:
        """Embedding width D."""
        return int(self.embeddings.shape[1])

    @property
    def device(self) -> torch.device:
        """Device of the batches; that of `embeddings` too, unless the dataset is streamed."""
        return self.streams[0].device if self.streams else self.embeddings.device

    @property
    def streamed(self) -> bool:
        """Whether the rows stay on the host and only batches go to the device."""
        return bool(self.streams)

    def __len__(self) -> int:
        """Return the number of samples S."""
        return int(self.embeddings.shape[0])

    def text(self, sample: int) -> str:
        """Return the sample's text, or when the source has none its number, which people count from 1: `sample 12`.

        Where rows were dropped or joined the row of its file follows: `sample 12 (a.npy row 14)`.
        """
        if self.texts is not None:
            return self.texts[sample]
        origin = "" if self.report is None else self.report.kept_origin(sample)
        return f"sample {sample + 1}" + (f" ({origin})" if origin else "")

    @property
    def teacher_text(self) -> str:
        """Which teacher made the embeddings, for people."""
        return NO_TEACHER if self.report is None else self.report.teacher_text

    def batch(self, indices: Tensor, *, partners: bool = False) -> Tensor:
        """Return rows as float32 [B, D] on `device`.

        Args:
            indices: int64 [B], such as a part of `train_indices`.
            partners: take the partners' rows.
        """
        if self.streams:
            return self.streams[int(partners)].gather(indices).to(torch.float32)
        table = self.partners if partners else self.embeddings
        if table is None:
            raise DataError(f"{self.source} has no partners")
        return table[indices].to(torch.float32)

    def to(self, device: torch.device | str) -> EmbeddingDataset:
        """Return the same dataset for `device`; the rows of a streamed one stay where they are.

        Where nothing has to move it is this very object: who compares by identity takes another one for other data.
        """
        if self.streams:
            return self if self.device == torch.device(device) else self.streamed_to(device)
        there = replace(
            self,
            embeddings=self.embeddings.to(device),
            partners=None if self.partners is None else self.partners.to(device),
            train_indices=self.train_indices.to(device),
            validation_indices=self.validation_indices.to(device),
        )
        moved = (getattr(there, part) is not getattr(self, part) for part in _TENSORS)
        return there if any(moved) else self

    def streamed_to(self, device: torch.device | str) -> EmbeddingDataset:
        """Return the same dataset with its rows on the host and its batches on `device`."""
        tables = [self.embeddings] if self.partners is None else [self.embeddings, self.partners]
        if any(table.device.type != "cpu" for table in tables):
            raise ValueError("only rows in the computer's memory can be streamed")
        return replace(self, streams=tuple(StreamedRows(table, device) for table in tables))

    @property
    def memory_bytes(self) -> int:
        """Bytes of all tensors."""
        tensors = (getattr(self, part) for part in _TENSORS)
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
    report: LoadReport | None = None,
    hashes: Hashes | None = None,
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
        report: account of the load.
        hashes: S hashes by `sample_hashes`, if they are known already.

    Raises:
        DataError: fewer than two different samples, or columns of unequal length.
    """
    count = int(embeddings.shape[0])
    for name, column in (("partners", partners), ("texts", texts), ("partner texts", partner_texts)):
        if column is not None and len(column) != count:
            raise DataError(f"{source}: {count} embeddings but {len(column)} {name}; every row needs both")
    hashes = sample_hashes(embeddings, partners) if hashes is None else hashes
    own_hashes = None if texts is None else text_hashes(texts)
    train, validation = split_by_hash(split_keys(hashes, own_hashes), validation_fraction, source)
    return EmbeddingDataset(
        embeddings=embeddings,
        partners=partners,
        texts=texts,
        partner_texts=partner_texts,
        categories=categories,
        source=source,
        fingerprint=_fingerprint(embeddings, hashes, own_hashes, partner_texts),
        train_indices=torch.from_numpy(train).to(embeddings.device),
        validation_indices=torch.from_numpy(validation).to(embeddings.device),
        report=report,
    )


def sample_hashes(embeddings: Tensor, partners: Tensor | None) -> Hashes:
    """Return one hash per sample: that of its row, or of both rows of a pair."""
    hashes = row_hashes(embeddings)
    return hashes if partners is None else hashes * np.uint64(31) + row_hashes(partners)


def split_by_hash(keys: Hashes, fraction: float, source: str = "data") -> tuple[Indices, Indices]:
    """Return (training, validation) indices, each in the order of the hashes.

    Validation is where the hash, read as a share of 2^64, is below `fraction`. In a small set it gets at least two
    samples, those with the lowest hashes, and training at least one. Equal hashes stay together.

    Raises:
        DataError: fewer than two different samples.
    """
    order = order_of(keys)
    ordered = keys[order]
    if len(keys) < 2 or ordered[0] == ordered[-1]:
        raise DataError(
            f"{source}: {len(keys)} usable sample(s), all the same; at least two different ones are needed, "
            "one to learn and one held out"
        )
    share = np.uint64(min(int(fraction * 2.0**64), 2**64 - 1))
    held_out = max(int(np.searchsorted(ordered, share)), min(LEAST_HELD_OUT, len(keys) - 1))
    held_out = int(np.searchsorted(ordered, ordered[held_out - 1], side="right"))
    held_out = min(held_out, int(np.searchsorted(ordered, ordered[-1])))
    return order[held_out:], order[:held_out]


def order_of(keys: Hashes) -> Indices:
    """Return the stable order of 64-bit keys.

    Where all differ, every order is stable, and numpy's fastest one takes half the time of torch's stable one; of
    those, torch's is several times as fast. It sorts signed numbers: with the highest bit turned over they keep the
    order of the unsigned ones.
    """
    order = np.argsort(keys)
    ordered = keys[order]
    if not (ordered[1:] == ordered[:-1]).any():
        return order
    signed = torch.from_numpy((keys ^ np.uint64(1 << 63)).view(np.int64))
    return torch.sort(signed, stable=True).indices.numpy()


def _fingerprint(
    embeddings: Tensor,
    hashes: Hashes,
    texts: Hashes | None,
    partner_texts: Sequence[str] | None,
) -> str:
    digest = hashlib.sha256(f"{tuple(embeddings.shape)} {embeddings.dtype}".encode())
    digest.update(hashes.tobytes())
    partners = None if partner_texts is None else text_hashes(partner_texts)
    for name, column in ((b"texts", texts), (b"partner texts", partners)):
        if column is not None:
            digest.update(name + column.tobytes())
    return digest.hexdigest()
