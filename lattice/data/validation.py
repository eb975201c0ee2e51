"""Which rows can be used: checked on the device that holds them, all at once, and every dropped row is accounted for.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

REASONS = ("kept", "not finite", "norm too small", "norm too large", "duplicate")
"""Meaning of a row's code; a row that fails several checks counts for the first."""
KEPT, NOT_FINITE, NORM_TOO_SMALL, NORM_TOO_LARGE, DUPLICATE = range(len(REASONS))


_SERIAL_NUMBERS = 32768
"""Numbers that torch's processor kernels handle without other threads. A check runs beside the thread that reads, so
waiting for a third one costs more than it brings, most of all on a busy machine."""


@dataclass(frozen=True)
class Bounds:
    """Euclidean lengths that a row may have."""

    min_norm: float
    max_norm: float


def check_values(rows: Tensor, bounds: Bounds, out: Tensor) -> None:
    """Write each row's code, duplicates apart, to `out` int8 [S]; no host sync.

    Length in float32; where that overflows or is not a number, it is decided value by value in float64.
    """
    norms = _lengths(rows)
    out.zero_()
    out.masked_fill_(norms < bounds.min_norm, NORM_TOO_SMALL)
    out.masked_fill_(norms > bounds.max_norm, NORM_TOO_LARGE)
    out.masked_fill_(~torch.isfinite(norms), NOT_FINITE)


def _lengths(rows: Tensor) -> Tensor:
    """Return each row's length, float32 [S]; the processor's share is done by the thread that calls alone.

    Numpy's sum of products does a piece in one call; torch does so, too, only where it may use other threads.
    """
    if rows.device.type == "cpu" and rows.dtype == torch.float32:
        values = rows.numpy()
        with np.errstate(over="ignore", invalid="ignore"):
            return torch.from_numpy(np.sqrt(np.einsum("ij,ij->i", values, values)))
    norms = torch.empty(len(rows), dtype=torch.float32, device=rows.device)
    per_call = max(1, _SERIAL_NUMBERS // rows.shape[1]) if rows.device.type == "cpu" else max(1, len(rows))
    for part, part_norms in zip(rows.split(per_call), norms.split(per_call), strict=True):
        torch.linalg.vector_norm(part, dim=1, dtype=torch.float32, out=part_norms)
    return norms


def settle_overflow(rows: Tensor, bounds: Bounds, codes: Tensor) -> None:
    """Check rows again whose length was not finite in float32: large but finite values are no fault by themselves."""
    doubtful = (codes == NOT_FINITE).nonzero().squeeze(1)
    if len(doubtful) == 0:
        return
    values = rows[doubtful]
    norms = torch.linalg.vector_norm(values, dim=1, dtype=torch.float64)
    settled = torch.full_like(codes[doubtful], NOT_FINITE)
    finite = torch.isfinite(values).all(dim=1)
    settled.masked_fill_(finite & (norms > bounds.max_norm), NORM_TOO_LARGE)
    settled.masked_fill_(finite & (norms <= bounds.max_norm), KEPT)
    codes[doubtful] = settled


def mark_duplicates(hashes: Tensor, rows: Sequence[Tensor], codes: Tensor) -> None:
    """Mark rows that equal an earlier kept one bit for bit.

    Args:
        hashes: int64 [S], equal for equal rows.
        rows: tables [S, D] that must all be equal; compared only where hashes are.
        codes: int8 [S], changed in place.
    """
    kept = (codes == KEPT).nonzero().squeeze(1)
    if len(kept) < 2 or (hashes.device.type == "cpu" and not _repeats(hashes.numpy())):
        return
    ordered, order = torch.sort(hashes if len(kept) == len(hashes) else hashes[kept], stable=True)
    again = torch.zeros_like(ordered, dtype=torch.bool)
    again[1:] = ordered[1:] == ordered[:-1]
    if not bool(again.any()):
        return
    positions = torch.arange(len(ordered), device=ordered.device)
    first = torch.cummax(torch.where(again, 0, positions), dim=0).values
    later, earlier = kept[order[again]], kept[order[first[again]]]
    equal = torch.ones(len(later), dtype=torch.bool, device=later.device)
    for table in rows:
        bits = _bits(table)
        equal &= (bits[later] == bits[earlier]).all(dim=1)
    codes.index_fill_(0, later[equal], DUPLICATE)


def _repeats(values: np.ndarray[Any, np.dtype[np.int64]]) -> bool:
    """Say whether a value occurs twice; numpy sorts values alone in a tenth of the time that their order takes."""
    ordered = np.sort(values)
    return bool((ordered[1:] == ordered[:-1]).any())


def _bits(table: Tensor) -> Tensor:
    return table.view(torch.int16 if table.dtype.itemsize == 2 else torch.int32)


def count_reasons(codes: Tensor) -> dict[str, int]:
    """Return reason -> number of dropped rows, for reasons that occur; one host sync."""
    counts = torch.bincount(codes.long(), minlength=len(REASONS)).tolist()
    return {reason: count for reason, count in zip(REASONS[1:], counts[1:], strict=True) if count}
