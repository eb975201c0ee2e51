"""Stable 64-bit hashes of texts and of embedding rows: equal on every machine, device and run."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from lattice.data.texts import Hashes, PackedTexts

_RUN = 256
"""Texts that are hashed without a rest: a quarter of a millisecond."""
_CHUNK_BYTES = 512 << 10
"""Keeps the temporary of a chunk in a core's cache, and threads that hash from waiting for Python's lock too often."""


def text_hashes(texts: Iterable[str], rest: Callable[[], None] | None = None) -> Hashes:
    """Return one hash per text: the first 8 bytes of BLAKE2b over its UTF-8 form, little-endian.

    Packed texts keep theirs, so that they are computed once.

    Args:
        texts: any texts.
        rest: is called after each run of texts, to let other threads go on or to stop by raising.
    """
    if not isinstance(texts, PackedTexts):
        return _blake2b((text.encode("utf-8", "surrogatepass") for text in texts), rest)
    if texts.hashes is None:
        texts.hashes = _blake2b(texts.encoded(), rest)
    return texts.hashes


def _blake2b(encoded: Iterable[bytes], rest: Callable[[], None] | None) -> Hashes:
    empty = hashlib.blake2b(digest_size=8)  # copying a state costs less than setting up another one
    digests = []
    for number, text in enumerate(encoded, 1):
        state = empty.copy()
        state.update(text)
        digests.append(state.digest())
        if rest is not None and number % _RUN == 0:
            rest()
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def split_keys(rows: Hashes, texts: Hashes | None) -> Hashes:
    """Return what decides the side of each sample: its text, or its row where there is none.

    Samples with empty texts stay together, unless all keys would then be equal: earlier checkpoints know that split.
    """
    if texts is None:
        return rows
    if len(texts) and (texts != texts[0]).any():
        return texts
    return np.where(texts == text_hashes([""]), rows, texts)


def row_hashes(rows: Tensor) -> Hashes:
    """Return one hash per row of a [S, D] tensor, computed on the tensor's own device."""
    return row_hash_tensor(rows).cpu().numpy().view(np.uint64)


def row_hash_tensor(rows: Tensor) -> Tensor:
    """Return one hash per row of a [S, D] tensor of a 2- or 4-byte type, as int64 bits on the same device.

    A row's bytes are read as whole numbers x of 64 bits (32 or 16 where the row's length asks for it), whose upper
    half is folded into the lower: x ^ (x >> 32). Their sum, weighted with odd random factors modulo 2^64, goes through
    the finaliser of SplitMix64, so that every bit of the result can stand for the whole. Not cryptographic.
    """
    rows = rows.contiguous()
    row_bytes = rows.shape[1] * rows.element_size()
    size = next(size for size in (8, 4, 2) if row_bytes % size == 0)
    factors = _factors(row_bytes // size, rows.device)
    hashes = torch.empty(rows.shape[0], dtype=torch.int64, device=rows.device)
    weigh = _weigh_on_processor if rows.device.type == "cpu" else _weigh
    weigh(rows, size, factors, max(1, _CHUNK_BYTES // (8 * len(factors))), hashes)
    return _finalise(hashes)


def _weigh(rows: Tensor, size: int, factors: Tensor, per_chunk: int, out: Tensor) -> None:
    """Write the weighted sums of the rows' numbers of `size` bytes to `out`, `per_chunk` rows at a time."""
    for chunk, sums in zip(rows.split(per_chunk), out.split(per_chunk), strict=True):
        lanes = chunk.view({8: torch.int64, 4: torch.int32, 2: torch.int16}[size]).to(torch.int64)
        if size < 8:
            lanes &= (1 << 8 * size) - 1
        torch.sum((lanes ^ _shift_right(lanes, 32)) * factors, dim=1, out=sums)


def _weigh_on_processor(rows: Tensor, size: int, factors: Tensor, per_chunk: int, out: Tensor) -> None:
    """Do the same in numpy: three passes without a temporary per product, and no waiting for other threads.

    All chunks share one temporary: fresh memory for each would cost page faults, for which threads wait in line.
    """
    lanes = rows.view(torch.uint8).numpy().view(f"u{size}")
    weights, sums = factors.numpy().view(np.uint64), out.numpy().view(np.uint64)
    scratch = np.empty((min(per_chunk, len(lanes)), len(weights)), dtype=np.uint64)
    for first in range(0, len(lanes), per_chunk):
        chunk = lanes[first : first + per_chunk].astype(np.uint64, copy=False)
        folded = np.right_shift(chunk, np.uint64(32), out=scratch[: len(chunk)])
        folded ^= chunk
        np.einsum("ij,j->i", folded, weights, out=sums[first : first + per_chunk])


@functools.lru_cache(maxsize=8)
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
