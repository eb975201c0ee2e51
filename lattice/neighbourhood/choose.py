"""Which engine to build: the cheaper one by a cost model, of those that fit in memory.

Per field and tier, `sparse` costs one multiply-add per edge and `fft` a pair of transforms of the padded box,
P log2 P each with P points. The two constants were measured on one core of an AMD EPYC with AVX-512 for cubes
of 16 to 40 cells a side; only their ratio matters for the choice.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import torch

from lattice.config.lattice import EngineName
from lattice.devices import free_memory_bytes
from lattice.errors import TierMemoryError
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.fft import FFTEngine, padded_sides
from lattice.neighbourhood.reference import ReferenceEngine
from lattice.neighbourhood.sparse import MOST_SPARSE_EDGES, SparseEngine
from lattice.units import bytes_text, milliseconds_text

BuiltEngine: TypeAlias = Literal["reference", "sparse", "fft"]

ENGINES: dict[BuiltEngine, type[TierEngine]] = {
    "reference": ReferenceEngine,
    "sparse": SparseEngine,
    "fft": FFTEngine,
}

_SPARSE_NS_PER_EDGE = 0.11
_FFT_NS_PER_POINT = 0.75
"""Per point of the padded box and log2 of their number, for one forward and one inverse transform."""


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
    if not fits(stencils, "sparse", dtype, memory_limit_bytes):
        return "fft", f"sparse matrices of {bytes_text(SparseEngine.bytes_needed(stencils, dtype))} would not fit"
    sparse, fft = estimated_milliseconds(stencils, "sparse"), estimated_milliseconds(stencils, "fft")
    edges = f"{sum(stencils.edges.values()):,} edges ({milliseconds_text(sparse)} per field)"
    box = "x".join(str(side) for side in padded_sides(stencils))
    transforms = f"transforms of {box} points ({milliseconds_text(fft)})"
    if sparse <= fft:
        return "sparse", f"{edges} cost less than {transforms}"
    if not fits(stencils, "fft", dtype, memory_limit_bytes):
        return "sparse", f"spectra of {bytes_text(FFTEngine.bytes_needed(stencils, dtype))} would not fit"
    return "fft", f"{transforms} cost less than {edges}"


def estimated_milliseconds(stencils: Stencils, engine: Literal["sparse", "fft"]) -> float:
    """Return the estimated time of one neighbour sum of one field in every live tier, on one processor core."""
    if engine == "sparse":
        return _SPARSE_NS_PER_EDGE * sum(stencils.edges.values()) * 1e-6
    points = math.prod(padded_sides(stencils))
    return _FFT_NS_PER_POINT * len(stencils.shells) * points * math.log2(max(points, 2)) * 1e-6


def fits(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> bool:
    """Return whether an engine may be built within a memory limit in bytes."""
    if engine == "sparse" and _most_edges(stencils) > MOST_SPARSE_EDGES:
        return False
    return ENGINES[engine].bytes_needed(stencils, dtype) <= limit


def _most_edges(stencils: Stencils) -> int:
    return max(stencils.edges.values(), default=0)


def refusal(stencils: Stencils, engine: BuiltEngine, dtype: torch.dtype, limit: int) -> str:
    """Return why an engine that does not fit is refused, with the bytes and what to do instead."""
    needed = ENGINES[engine].bytes_needed(stencils, dtype)
    cube = "x".join(str(side) for side in stencils.dimensions)
    size = (
        f"tier engine '{engine}' needs {needed:,} bytes ({bytes_text(needed)}) for the "
        f"{sum(stencils.edges.values()):,} edges of a {cube} cube with radius {stencils.thresholds[2]:g}"
    )
    remedies = ["a smaller lattice.adaptive_radius_ratio"]
    if needed > limit:
        problem = f"may take {limit:,} bytes ({bytes_text(limit)})"
        remedies.append("a higher neighbors.memory_limit_gb")
    else:
        problem = f"can number at most {MOST_SPARSE_EDGES:,} edges of a tier"
    if engine != "fft":
        with_fft = bytes_text(FFTEngine.bytes_needed(stencils, dtype))
        remedies.insert(0, f"neighbors.engine = 'fft', which needs {with_fft}")
    return f"{size}, and {problem}. Try {' or '.join(remedies)}."
