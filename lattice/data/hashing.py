"""Stable 64-bit hashes of texts and of embedding rows: equal on every machine, device and run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

_CHUNK_BYTES = 4 << 20  # keeps the temporaries of a chunk in cache


def text_hashes(texts: Iterable[str]) -> Hashes:
    """Return one hash per text: the first 8 bytes of BLAKE2b over its UTF-8 form, little-endian."""
    blake2b = hashlib.blake2b
    digests = b"".join(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def row_hashes(rows: Tensor) -> Hashes:
    """Return one hash per row of a [S, D] tensor, computed on the tensor's own device."""
    return row_hash_tensor(rows).cpu().numpy().view(np.uint64)


def row_hash_tensor(rows: Tensor) -> Tensor:
    """Return one hash per row of a [S, D] tensor of a 2- or 4-byte type, as int64 bits on the same device.

    Multilinear hashing over the ring of integers modulo 2^64 with odd random factors, then a 64-bit finaliser
    (the constants of SplitMix64), so that every bit of the result can stand for the whole. Not cryptographic.
    """
    lanes = _lanes(rows.contiguous())
    factors = _factors(lanes.shape[1], rows.device)
    hashes = torch.empty(rows.shape[0], dtype=torch.int64, device=rows.device)
    per_chunk = max(1, _CHUNK_BYTES // max(1, 8 * lanes.shape[1]))
    for start in range(0, rows.shape[0], per_chunk):
        chunk = lanes[start : start + per_chunk].to(torch.int64)
        hashes[start : start + per_chunk] = (chunk * factors).sum(dim=1)
    return _finalise(hashes)


def _lanes(rows: Tensor) -> Tensor:
    """View the bytes of each row as 32-bit integers, or 16-bit ones where the row's length is odd."""
    if (rows.shape[1] * rows.element_size()) % 4 == 0:
        return rows.view(torch.int32)
    return rows.view(torch.int16)


def _factors(count: int, device: torch.device) -> Tensor:
    """Return `count` odd 64-bit factors from a counter run through the finaliser of SplitMix64."""
    return _finalise(torch.arange(1, count + 1, device=device) * _signed(0x9E3779B97F4A7C15)) | 1


def _finalise(values: Tensor) -> Tensor:
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        values = (values ^ _shift_right(values, shift)) * _signed(factor)
    return values ^ _shift_right(values, 31)


def _shift_right(values: Tensor, bits: int) -> Tensor:
    """Shift in zeros; torch's own shift of int64 copies the sign."""
    return (values >> bits) & ((1 << (64 - bits)) - 1)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
