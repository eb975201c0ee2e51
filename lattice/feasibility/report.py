"""The feasibility report: what a lattice's settings mean, before anything is built.

Cheap enough to be asked for while a slider is dragged: nothing is listed per edge, and what depends on the
size and the thresholds only is kept for the next call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

from lattice.config.lattice import DistanceThresholds
from lattice.config.project import SimpleProjectConfig
from lattice.devices import free_memory_bytes
from lattice.feasibility.advice import TierWarning, empty_tier_warnings, light_cone_warnings
from lattice.feasibility.flow_advice import flow_warnings, unsent_scalars
from lattice.geometry import Dimensions, cell_count
from lattice.model.rules.build import fields_per_tier
from lattice.tiers.counts import count_range, edge_count, interior_counts
from lattice.tiers.light_cone import LightCone, light_cone
from lattice.tiers.shells import Tier, tier_shells


@dataclass(frozen=True)
class TierSummary:
    """Neighbours in one tier."""

    tier: Tier
    threshold: float
    """Outer distance, in cells."""
    interior: int
    """Neighbours of a cell that no border is near to."""
    least: int
    mean: float
    most: int
    """Least, mean and most neighbours over the cells of this lattice, borders included."""
    edges: int
    """Directed neighbour pairs."""


@dataclass(frozen=True)
class EngineEstimate:
    """What one engine would cost."""

    engine: str
    bytes: int
    """Memory of the stencils, with each cell's count and share per live tier."""
    milliseconds: float
    """Estimated time of one neighbour sum of one field in every tier on one processor core."""
    fits: bool
    """Whether it may be built within the memory limit."""


@dataclass(frozen=True)
class TierReport:
    """What a lattice's settings mean."""

    dimensions: Dimensions
    cells: int
    surface_cells: int
    thresholds: DistanceThresholds
    """Outer distances of the tiers, in cells."""
    tiers: tuple[TierSummary, ...]
    """Local, functional, distant."""
    light_cone: LightCone
    engines: tuple[EngineEstimate, ...]
    engine: str
    """Engine that the settings give; if they say `auto`, the chosen one, or several joined by ' + '."""
    engine_reason: str
    stencil_bytes: int
    """What they will take once they are built by that engine, see `Stencils.held_bytes`."""
    warnings: tuple[TierWarning, ...]
    """Serious ones first, calm ones last."""

    @property
    def empty_tiers(self) -> tuple[Tier, ...]:
        """Tiers without any neighbours in this lattice."""
        return tuple(summary.tier for summary in self.tiers if summary.edges == 0)

    @property
    def edges(self) -> int:
        """Directed neighbour pairs of all tiers."""
        return sum(summary.edges for summary in self.tiers)

    @property
    def engine_bytes(self) -> dict[str, int]:
        """Memory of the stencils per engine."""
        return {estimate.engine: estimate.bytes for estimate in self.engines}


def feasibility_report(
    config: SimpleProjectConfig, device: torch.device | str = "cpu", width: int | None = None
) -> TierReport:
    """Return what the settings of a lattice mean.

    Args:
        config: the whole configuration; lattice, neighbors and placement matter.
        device: whose free memory limits the stencils where the settings give no limit.
        width: floats of an embedding; None where no data is known: nothing is said then of what a small face can send.
    """
    lattice, mapping = config.lattice, config.embedding_mapping
    placement, faces = mapping.placement, mapping.faces
    dimensions, thresholds = lattice.dimensions, lattice.get_distance_thresholds()
    engines, engine, reason, held, refused = _engines(config, torch.device(device))
    unsent = None if width is None else unsent_scalars(config, width)
    warnings = (
        *empty_tier_warnings(lattice),
        *light_cone_warnings(lattice, placement, faces),
        *flow_warnings(config),
        *(() if unsent is None else (unsent,)),
        *refused,
    )
    volume = math.prod(max(side - 2, 0) for side in dimensions)
    return TierReport(
        dimensions=dimensions,
        cells=lattice.cells,
        surface_cells=lattice.cells - volume,
        thresholds=thresholds,
        tiers=_summaries(dimensions, thresholds),
        light_cone=light_cone(lattice, placement, faces),
        engines=engines,
        engine=engine,
        engine_reason=reason,
        stencil_bytes=held,
        warnings=tuple(sorted(warnings, key=lambda warning: (not warning.serious, bool(warning.calm)))),
    )


@lru_cache(maxsize=64)
def _summaries(dimensions: Dimensions, thresholds: DistanceThresholds) -> tuple[TierSummary, ...]:
    interior = interior_counts(thresholds)
    summaries = []
    for (tier, shell), threshold in zip(tier_shells(thresholds).items(), thresholds, strict=True):
        least, most = count_range(dimensions, shell)
        edges = edge_count(dimensions, shell)
        mean = edges / cell_count(dimensions)
        summaries.append(TierSummary(tier, threshold, interior[tier], least, mean, most, edges))
    return tuple(summaries)


def _engines(
    config: SimpleProjectConfig, device: torch.device
) -> tuple[tuple[EngineEstimate, ...], str, str, int, tuple[TierWarning, ...]]:
    """Return all engines' costs, the engine in use, why, its memory, and a warning if it would be refused."""
    # Engines are built on this package, so this one function looks up at them only when it is called.
    from lattice.neighbourhood.base import Stencils
    from lattice.neighbourhood.choose import choose_engines, smallest
    from lattice.neighbourhood.engines import ENGINES, fits, obstacle, refusal

    limit_gb = config.neighbors.memory_limit_gb
    limit = free_memory_bytes(device) // 2 if limit_gb is None else int(limit_gb * 1e9)
    stencils = Stencils.of(config.lattice.dimensions, config.lattice.get_distance_thresholds())
    estimates = tuple(
        EngineEstimate(
            engine=name,
            bytes=stencils.held_bytes(engine.bytes_needed(stencils, torch.float32), torch.float32),
            milliseconds=engine.nanoseconds(stencils) * 1e-6,
            fits=fits(stencils, name, torch.float32, limit),
        )
        for name, engine in ENGINES.items()
        if obstacle(name, device) is None
    )
    asked = config.neighbors.engine
    if asked == "auto":
        choice = choose_engines(stencils, torch.float32, limit, device=device, fields=fields_per_tier(config))
        if choice.fits:
            return estimates, choice.name, choice.reason, stencils.held_bytes(choice.bytes, torch.float32), ()
        reason, asked = choice.reason, smallest(stencils, torch.float32, device)
    else:
        reason = "asked for by the settings"
    held = stencils.held_bytes(ENGINES[asked].bytes_needed(stencils, torch.float32), torch.float32)
    if why := obstacle(asked, device):
        text = why.removesuffix(".")
        return estimates, asked, reason, held, (TierWarning(text, "neighbors.engine", "auto", serious=True),)
    if fits(stencils, asked, torch.float32, limit):
        return estimates, asked, reason, held, ()
    text = refusal(stencils, asked, torch.float32, limit).removesuffix(".")
    fft_fits = next(estimate.fits for estimate in estimates if estimate.engine == "fft")
    setting, value = ("neighbors.engine", "fft") if fft_fits else (None, None)
    return estimates, asked, reason, held, (TierWarning(text, setting, value, serious=True),)
