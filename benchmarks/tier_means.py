"""Tier means against gather/scatter, PyTorch Geometric and conv3d: forward and backward, and build time.

All live tiers at the default ratios are computed from the same values. Each way has them as it likes them best: peers
one row per cell, our engines as a student keeps them, channels first, a few samples side by side. Every result is
checked against gather/scatter before it is timed. Sizes at which a peer would not fit in memory are left out for that
peer. The floor is what a perfect machine of the same rates would need, see `floors.py`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeAlias

import torch
from torch import Tensor

from benchmarks.floors import Rates, measure_rates, tier_means_floor
from benchmarks.options import PEERS_EXTRA, make_parser, missing_extra, prepare, turns_of
from benchmarks.peers import Convolution, GatherScatter
from benchmarks.timing import best_seconds, machine
from lattice.config import LatticeSettings
from lattice.config.lattice import EngineName
from lattice.devices import free_memory_bytes
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.neighbourhood.engines import ENGINES
from lattice.tiers import FieldShape
from lattice.units import bytes_text

Means: TypeAlias = Callable[[Tensor], tuple[Tensor, ...]]

GRAPH = "PyG messages"

_VALUES = 1 << 20
"""Values per side where no number of fields is given: 256 fields at 16^3."""
_ROWS = 1 << 14
"""Cells times samples where no batch is given, as in a training step that keeps a processor busy."""
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Candidate:
    """A way to compute tier means, and the layout that it is given."""

    means: Means
    arrange: Callable[[Tensor], Tensor] = torch.clone
    """Returns its input for values [N, F]."""
    restore: Callable[[Tensor], Tensor] = torch.clone
    """Returns [N, F] for one of its results."""


@dataclass(frozen=True)
class Result:
    """Figures of one cube."""

    side: int
    fields: int
    batch: int
    """Samples that our engines have side by side; the fields are channels times samples."""
    edges: int
    auto: str
    milliseconds: dict[str, float]
    """Forward and backward through all tiers."""
    build_milliseconds: dict[str, float]
    times_gather_scatter: dict[str, float]
    """How often faster than gather/scatter; empty where that did not fit."""
    floor_milliseconds: float
    left_out: dict[str, str]


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("tier-means", __doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[8, 12, 16, 24, 32], help="cells along each side")
    parser.add_argument("--fields", type=int, help="fields per cell (default: so many that all cubes hold 2^20 values)")
    parser.add_argument("--batch-size", type=int, help="samples among the fields (default: so many that rows are 2^14)")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=["sparse", "fft"], help="beside 'auto'")
    parser.add_argument("--rounds", type=int, default=10, help="most turns per candidate (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="time per candidate (default: %(default)s)")
    options = parser.parse_args(arguments)
    device = prepare(options)
    rates = measure_rates(device, processor_time=options.processor_time)
    results = []
    for side in options.sides:
        results.append(measure(side, options.fields or max(16, _VALUES // side**3), device, rates, options))
        if not options.json:
            print(as_text(results[-1]), flush=True)
    if options.json:
        measured = {"machine": machine(device), "rates": asdict(rates)}
        print(json.dumps({**measured, "results": [asdict(result) for result in results]}))
    else:
        print(", ".join(f"{key} {value}" for key, value in machine(device).items()) + f"; {rates.as_text()}")
    return 0


def measure(side: int, fields: int, device: torch.device, rates: Rates, options: argparse.Namespace) -> Result:
    """Measure all candidates that fit on one cube."""
    thresholds = LatticeSettings(dimensions=(side, side, side)).get_distance_thresholds()
    stencils = Stencils.of((side, side, side), thresholds)
    values = torch.randn(stencils.cells, fields, device=device)
    shape = _shape(fields, options.batch_size or _ROWS // stencils.cells)
    limit = free_memory_bytes(device) // 2
    peers: dict[str, tuple[int, Callable[[], Means]]] = {
        "gather/scatter": (GatherScatter.bytes_needed(stencils, fields), partial(GatherScatter, stencils, device)),
        "conv3d": (8 * values.nbytes, partial(Convolution, stencils, device)),
    }
    ours: dict[str, tuple[int, Callable[[], Candidate]]] = {}
    for engine in options.engines:
        needed = ENGINES[engine].bytes_needed(stencils, torch.float32)
        ours[engine] = (needed, partial(_ours, engine, stencils, shape, device))
    left_out: dict[str, str] = {}
    ours["auto"] = (0, partial(_ours, "auto", stencils, shape, device))
    if missing := missing_extra(PEERS_EXTRA, "torch_geometric"):
        left_out[GRAPH] = missing
    else:
        # The import takes seconds, which are no part of building an edge list.
        importlib.import_module("benchmarks.graph_peer")
        peers[GRAPH] = (GatherScatter.bytes_needed(stencils, fields), partial(_graph_means, stencils, device))
    means: dict[str, Candidate] = {}
    builds: dict[str, float] = {}
    plain = {name: (needed, partial(_peer, make)) for name, (needed, make) in peers.items()}
    for name, (needed, make) in (plain | ours).items():
        if needed > limit:
            left_out[name] = f"needs {bytes_text(needed)}, {bytes_text(limit)} may be used"
            continue
        start = time.perf_counter()
        means[name] = make()
        builds[name] = time.perf_counter() - start
    _compare(means, values[:, : 8 * shape.batch])
    weights = [torch.randn_like(values) for _ in stencils.shells]
    candidates = {name: _forward_backward(one, values, weights) for name, one in means.items()}
    best = best_seconds(candidates, device=device, **turns_of(options))
    peer = best.get("gather/scatter")
    return Result(
        side=side,
        fields=fields,
        batch=shape.batch,
        edges=sum(stencils.edges.values()),
        auto=_build("auto", stencils, shape, device).engine,
        milliseconds={name: round(seconds * 1e3, 3) for name, seconds in best.items()},
        build_milliseconds={name: round(seconds * 1e3, 2) for name, seconds in builds.items()},
        times_gather_scatter={} if peer is None else {name: round(peer / best[name], 1) for name in best},
        floor_milliseconds=round(tier_means_floor(stencils, fields).milliseconds(rates), 3),
        left_out=left_out,
    )


def as_text(result: Result) -> str:
    """Return one cube's figures as lines of a table."""
    lines = [
        f"{result.side}^3, {result.fields} fields (batch {result.batch}), {result.edges:,} edges; "
        f"auto takes {result.auto}",
        f"  {'':<16}{'forward+backward':>18}{'x gather/scatter':>18}{'build':>12}",
    ]
    for name, milliseconds in result.milliseconds.items():
        ratio = f"{result.times_gather_scatter[name]:.1f}" if result.times_gather_scatter else "-"
        lines.append(f"  {name:<16}{milliseconds:>15.2f} ms{ratio:>18}{result.build_milliseconds[name]:>9.1f} ms")
    lines.append(f"  {'floor':<16}{result.floor_milliseconds:>15.2f} ms")
    lines += [f"  {name:<16}left out: {reason}" for name, reason in result.left_out.items()]
    return "\n".join(lines) + "\n"


def _shape(fields: int, most_samples: int) -> FieldShape:
    """Return as many samples as divide the fields and are not more than wanted."""
    batch = max(number for number in range(1, max(1, min(fields, most_samples)) + 1) if fields % number == 0)
    return FieldShape(fields // batch, batch)


def _forward_backward(one: Candidate, values: Tensor, weights: list[Tensor]) -> Callable[[], object]:
    """Return what is timed; everything is arranged before."""
    own = one.arrange(values).requires_grad_()
    gradients = [one.arrange(weight) for weight in weights]
    return lambda: torch.autograd.grad(one.means(own), own, gradients)


def _peer(make: Callable[[], Means]) -> Candidate:
    return Candidate(make())


def _graph_means(stencils: Stencils, device: torch.device) -> Means:
    from benchmarks.graph_peer import Graph

    return Graph(stencils, device)


def _ours(name: EngineName, stencils: Stencils, shape: FieldShape, device: torch.device) -> Candidate:
    tier_means = _build(name, stencils, shape, device)
    cells = stencils.cells

    def live_means(fields_CNB: Tensor) -> tuple[Tensor, ...]:
        return tuple(tier_means.channel_means(fields_CNB, tier) for tier in tier_means.live_tiers)

    def arrange(values_NF: Tensor) -> Tensor:
        channels = values_NF.shape[1] // shape.batch
        return values_NF.reshape(cells, channels, shape.batch).transpose(0, 1).contiguous()

    def restore(fields_CNB: Tensor) -> Tensor:
        return fields_CNB.transpose(0, 1).reshape(cells, -1)

    return Candidate(live_means, arrange, restore)


def _build(name: EngineName, stencils: Stencils, shape: FieldShape, device: torch.device) -> TierMeans:
    at_once = dict.fromkeys(stencils.shells, shape)
    return TierMeans.build(stencils.dimensions, stencils.thresholds, name, device=device, fields=at_once)


def _compare(means: dict[str, Candidate], values: Tensor) -> None:
    """Raise RuntimeError unless all candidates give the first one's means."""
    with torch.no_grad():
        found = {name: [one.restore(mean) for mean in one.means(one.arrange(values))] for name, one in means.items()}
    (first, expected), *others = found.items()
    for name, own in others:
        error = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(own, expected, strict=True))
        if error > _TOLERANCE:
            raise RuntimeError(f"{name} differs from {first} by {error:.2g} of the largest mean")
