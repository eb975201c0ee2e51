"""The engines by name, on which device each can work, and whether it fits in memory."""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch

from lattice.errors import TierMemoryError
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.compiled import CompiledEngine
from lattice.neighbourhood.dense import DenseEngine
from lattice.neighbourhood.fft import FFTEngine
from lattice.neighbourhood.kernel import kernel_problem
from lattice.neighbourhood.reference import ReferenceEngine
from lattice.neighbourhood.rows import MOST_ENTRIES
from lattice.neighbourhood.sparse import SparseEngine
from lattice.units import bytes_text

BuiltEngine: TypeAlias = Literal["reference", "sparse", "fft", "dense", "compiled"]

ENGINES: dict[BuiltEngine, type[TierEngine]] = {
    "reference": ReferenceEngine,
    "sparse": SparseEngine,
    "fft": FFTEngine,
    "dense": DenseEngine,
    "compiled": CompiledEngine,
}


def obstacle(engine: BuiltEngine, device: torch.device) -> str | None:
    """Return why an engine can't work on a device, and what to do; None if it can."""
    if engine != "compiled":
        return None
    why = kernel_problem() if device.type == "cpu" else f"it runs on processors, not on '{device.type}'"
    return why and f"tier engine 'compiled' can't be used: {why}. Try neighbors.engine = 'auto'."


def fits(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> bool:
    """Return whether an engine may be built within a memory limit in bytes."""
    if engine == "sparse" and SparseEngine.most_entries(stencils) > MOST_ENTRIES:
        return False
    return ENGINES[engine].bytes_needed(stencils, dtype) <= limit


def check_fits(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> None:
    """Raise `TierMemoryError` unless an engine may be built within a memory limit in bytes."""
    if not fits(stencils, engine, dtype, limit):
        raise TierMemoryError(refusal(stencils, engine, dtype, limit))


def refusal(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> str:
    """Return why an engine that does not fit is refused, with the bytes and what to do instead."""
    needed = ENGINES[engine].bytes_needed(stencils, dtype)
    cube = "x".join(str(side) for side in stencils.dimensions)
    size = (
        f"tier engine '{engine}' needs {needed:,} bytes ({bytes_text(needed)}) for a {cube} cube with radius "
        f"{stencils.thresholds[2]:g}, whose cells have {sum(stencils.edges.values()):,} neighbours in all"
    )
    remedies = ["a smaller lattice.adaptive_radius_ratio"]
    if needed > limit:
        problem = f"may take {limit:,} bytes ({bytes_text(limit)})"
        remedies.append("a higher neighbors.memory_limit_gb")
    else:
        problem = f"can number at most {MOST_ENTRIES:,} entries of a matrix"
    with_fft = FFTEngine.bytes_needed(stencils, dtype)
    if with_fft < needed:
        remedies.insert(0, f"neighbors.engine = 'fft', which needs {bytes_text(with_fft)}")
    return f"{size}, and {problem}. Try {' or '.join(remedies)}."
