"""Sums over a checkpoint's tensors, so that one that changed on the disk is not taken for the one that was written."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lattice.errors import CheckpointError
from lattice.training.checkpoint_checks import damaged, name_of, shown


def checksums_of(tensors: Mapping[str, Tensor]) -> dict[str, int]:
    """Return the CRC-32 of each tensor's bytes, by name; tensors are contiguous and on the processor."""
    return {name: _sum_of(value) for name, value in tensors.items()}


def check_sums(path: Path, tensors: Mapping[str, Tensor], noted: Any) -> None:
    """Raise `CheckpointError` that names the first tensor whose bytes are not those that were written.

    Args:
        path: the file.
        tensors: those that were read; others are checked elsewhere.
        noted: `checksums_of` of what was written; None in files from before this was noted.
    """
    if noted is None:
        return
    if not isinstance(noted, dict):
        raise damaged(path, f"its checksums are {shown(noted)}, expected numbers by name")
    for name, value in tensors.items():
        if name in noted and noted[name] != _sum_of(value):
            raise CheckpointError(
                f"{path}: the tensor {name_of(name)} is not the one that was saved, for its checksum differs: the file "
                "changed on the disk or while it was copied. Copy it again, or use an earlier checkpoint"
            )


def _sum_of(value: Tensor) -> int:
    return zlib.crc32(value.contiguous().reshape(-1).view(torch.uint8).numpy().data)
