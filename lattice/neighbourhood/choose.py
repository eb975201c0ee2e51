"""Which engine to build, and whether it fits in memory."""

from __future__ import annotations

import psutil
import torch

from lattice.config.lattice import EngineName
from lattice.errors import TierMemoryError
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.reference import ReferenceEngine
from lattice.neighbourhood.sparse import SparseEngine

ENGINES: dict[str, type[TierEngine]] = {
    "reference": ReferenceEngine,
    "sparse": SparseEngine,
}


def build_engine(
    stencils: Stencils,
    name: EngineName,
    device: torch.device,
    dtype: torch.dtype,
    memory_limit_bytes: int | None,
) -> tuple[TierEngine, str]:
    """Build the named engine, or the one that `auto` chooses; return it with the reason for the choice."""
    limit = free_bytes(device) // 2 if memory_limit_bytes is None else memory_limit_bytes
    chosen = "sparse" if name == "auto" else name
    needed = ENGINES[chosen].bytes_needed(stencils, dtype)
    if needed > limit:
        raise TierMemoryError(f"the {chosen} engine needs {needed} bytes of {limit} allowed")
    return ENGINES[chosen](stencils, device, dtype), "asked for"


def free_bytes(device: torch.device) -> int:
    """Return the memory that is free on a device, in bytes."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
