"""The narrowest place that an embedding passes in a cube: the rank that baselines are granted, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from lattice.config import EmbeddingMappingSettings, SimpleProjectConfig
from lattice.geometry import Dimensions
from lattice.model.mapping import input_cells, output_cells, scalars_per_cell
from lattice.tiers.flow import value_channels
from lattice.training.baselines import most_rank
from lattice.units import plural


@dataclass(frozen=True)
class Bottleneck:
    """How many scalars pass at most, and the place that lets no more through."""

    rank: int
    place: str
    """In words, such as `64 painted cells with 6 scalars each`."""


def bottleneck(config: SimpleProjectConfig, width: int) -> Bottleneck:
    """Return the narrowest place between the embedding that goes in and the one that comes out.

    A linear baseline is a fair comparison if it may pass as many scalars as the student does, no fewer. A map that is a
    chain of maps has at most the rank of its narrowest link, so its rank is the smallest of

    - the width D of an embedding,
    - the painted scalars S m: S input cells with m scalars each (`W_in` is [S m, D]),
    - placement `through`: c cells, c the cells of the narrowest layer across the flow, times the channels that a cell
      sends on. That layer is the smaller one of the two faces: layers between opposite faces are all equal, and a flow
      that turns from one face to another has no more ways than the smaller of them has cells. The rule `experts` sends
      its value channels, `nca` and plugged rules may send the whole state.
    - the read scalars O m' of O output cells (`W_out` is [D, O m']).

    `training_embedding.baseline_rank` replaces the result. On the surface every cell keeps its own paint, so no layer
    counts. The number of cells alone is no rank: 64 cells with 6 scalars each pass 384 scalars.

    Args:
        config: of the run.
        width: D, floats of an embedding.
    """
    if config.training_embedding.baseline_rank is not None:
        rank = min(config.training_embedding.baseline_rank, width)
        return Bottleneck(rank, "as set by the baseline rank")
    dimensions, mapping = config.lattice.dimensions, config.embedding_mapping
    painted, read = _cells_at_ends(dimensions, mapping)
    links = [Bottleneck(width, "the embedding's width")]
    for cells, verb in ((painted, "painted"), (read, "read")):
        scalars = scalars_per_cell(width, cells, mapping)
        links.append(Bottleneck(cells * scalars, f"{cells} {verb} cells with {plural(scalars, 'scalar')} each"))
    if mapping.placement == "through":
        cells, (channels, what) = min(painted, read), _sent(config, width)
        links.append(Bottleneck(cells * channels, f"{cells} cells of the narrowest layer with {channels} {what} each"))
    return min(links, key=lambda link: link.rank)


def fitted(granted: Bottleneck, samples: int) -> Bottleneck:
    """Return the rank that baselines have where they are fitted to so many samples, and what limits it."""
    most = most_rank(samples)
    if granted.rank <= most:
        return granted
    return Bottleneck(most, f"{plural(samples, 'training sample')} have no more, of {granted.rank} that are granted")


@lru_cache(maxsize=8)
def _cells_at_ends(dimensions: Dimensions, mapping: EmbeddingMappingSettings) -> tuple[int, int]:
    """Return how many cells are painted and how many are read; kept, so that scores of a run list no cells again."""
    return len(input_cells(dimensions, mapping)), len(output_cells(dimensions, mapping))


def _sent(config: SimpleProjectConfig, width: int) -> tuple[int, str]:
    """Return how many channels a cell sends on, and what they are called."""
    if config.model.rule == "experts":
        return value_channels(config, width), "value channels"
    return config.model.state_size, "state channels"
