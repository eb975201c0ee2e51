"""Which engine to build: the one with the smaller estimated time, of those that fit in memory.

The estimates are the engines' own `nanoseconds`: constants measured on one core of an AMD EPYC with AVX-512, times
counts of what has to be computed. Only their ratio matters, and both grow with the number of fields, so the choice
depends on the lattice alone.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import torch

from lattice.config.lattice import EngineName
from lattice.devices import free_memory_bytes
from lattice.errors import TierMemoryError
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.fft import FFTEngine, padded_sides
from lattice.neighbourhood.reference import ReferenceEngine
from lattice.neighbourhood.rows import MOST_ENTRIES
from lattice.neighbourhood.sparse import SparseEngine
from lattice.units import bytes_text, milliseconds_text

BuiltEngine: TypeAlias = Literal["reference", "sparse", "fft"]

ENGINES: dict[BuiltEngine, type[TierEngine]] = {
    "reference": ReferenceEngine,
    "sparse": SparseEngine,
    "fft": FFTEngine,
}


def build_engine(
    stencils: Stencils,
    name: EngineName,
    device: torch.device,
    dtype: torch.dtype,
    memory_limit_bytes: int | None,
) -> tuple[TierEngine, str]:
    """Build the named engine, or the one that `auto` chooses; return it with the reason for the choice.

    Raises:
        TierMemoryError: if the stencils would take more than the limit.
    """
    limit = free_memory_bytes(device) // 2 if memory_limit_bytes is None else memory_limit_bytes
    if name == "auto":
        chosen, reason = choose_engine(stencils, dtype, limit)
    else:
        chosen, reason = name, "asked for by the settings"
    if not fits(stencils, chosen, dtype, limit):
        raise TierMemoryError(refusal(stencils, chosen, dtype, limit))
    return ENGINES[chosen](stencils, device, dtype), reason


def choose_engine(stencils: Stencils, dtype: torch.dtype, memory_limit_bytes: int) -> tuple[BuiltEngine, str]:
    """Return the engine that `auto` takes for a lattice, and why, as one sentence without a full stop."""
    if not stencils.shells:
        return "sparse", "no tier has neighbours, so there is nothing to compute"
    box = "x".join(str(side) for side in padded_sides(stencils))
    texts: dict[BuiltEngine, str] = {
        "sparse": f"sparse matrices ({milliseconds_text(SparseEngine.nanoseconds(stencils) * 1e-6)} per field)",
        "fft": f"transforms of {box} points ({milliseconds_text(FFTEngine.nanoseconds(stencils) * 1e-6)} per field)",
    }
    faster: BuiltEngine = "sparse" if SparseEngine.nanoseconds(stencils) <= FFTEngine.nanoseconds(stencils) else "fft"
    other: BuiltEngine = "fft" if faster == "sparse" else "sparse"
    if fits(stencils, faster, dtype, memory_limit_bytes) or not fits(stencils, other, dtype, memory_limit_bytes):
        return faster, f"by estimate {texts[faster]} cost less than {texts[other]}"
    needed = bytes_text(ENGINES[faster].bytes_needed(stencils, dtype))
    return other, f"{texts[faster]} would cost less, but need {needed}"


def fits(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> bool:
    """Return whether an engine may be built within a memory limit in bytes."""
    if engine == "sparse" and SparseEngine.most_entries(stencils) > MOST_ENTRIES:
        return False
    return ENGINES[engine].bytes_needed(stencils, dtype) <= limit


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
    if engine != "fft":
        with_fft = bytes_text(FFTEngine.bytes_needed(stencils, dtype))
        remedies.insert(0, f"neighbors.engine = 'fft', which needs {with_fft}")
    return f"{size}, and {problem}. Try {' or '.join(remedies)}."
