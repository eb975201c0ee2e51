"""One training step over cube sides, with our engine and with peers' tier means, beside the floor of its products.

The student, the data and the update are the same in every column; only the tier means differ. The floor is the
time of the cell network's own matrix products, replayed alone with the same shapes and strides.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Protocol

import torch
from torch import Tensor

from benchmarks.floors import Rates, measure_rates
from benchmarks.options import PEERS_EXTRA, make_parser, missing_extra, prepare
from benchmarks.peers import Convolution, GatherScatter
from benchmarks.products import product_floor
from benchmarks.samples import random_samples
from benchmarks.timing import best_seconds, machine
from lattice.config import SimpleProjectConfig
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.tiers import Tier
from lattice.tiers.flow import similarity_channels, value_channels
from lattice.training.trainer import EmbeddingTrainer

_PEER_BYTES = 6e9
"""Peers whose one pass would need more than this are left out."""


class Peer(Protocol):
    """Another way to average neighbours."""

    def tier(self, fields_NF: Tensor, index: int) -> Tensor:
        """Return the means of one live tier."""


@dataclass(frozen=True)
class Result:
    """Figures of one cube."""

    side: int
    batch_size: int
    engine: str
    milliseconds: dict[str, float]
    """Per training step, by the source of the tier means; `products` is the floor."""
    times_floor: float
    """Our training step over the floor."""
    operations: int
    """Multiplications and additions of the floor."""
    left_out: dict[str, str]


class PeerMeans(TierMeans):
    """Tier means computed by a peer, one tier at a time."""

    def __init__(self, ours: TierMeans, peer: Peer) -> None:
        """Take over geometry from `ours`."""
        self.__dict__.update(ours.__dict__)
        self.peer = peer

    def means(self, fields: Tensor, tier: Tier) -> Tensor:
        """Return the mean over each cell's neighbours in a tier, [N, F] -> [N, F]."""
        return self.peer.tier(fields, self.live_tiers.index(tier))

    def channel_means(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the means of fields whose channels come first, [F, N, B] -> [F, N, B]."""
        channels, cells, batch = fields_FNB.shape
        means = self.means(fields_FNB.transpose(0, 1).reshape(cells, -1), tier)
        return means.view(cells, channels, batch).transpose(0, 1).contiguous()


def measure(
    config: SimpleProjectConfig,
    device: torch.device,
    *,
    rounds: int,
    seconds: float,
    processor_time: bool = False,
    peers: bool = True,
) -> Result:
    """Time the training step of one cube in all columns."""
    side, batch_size = config.lattice.dimensions[0], config.training_embedding.batch_size
    ours = EmbeddingTrainer(config, random_samples(device), device)
    engine = ours.tier_means.engine
    candidates: dict[str, Callable[[], object]] = {engine: ours.step}
    made, left_out = _peers(config, batch_size, device) if peers else ({}, {})
    for name, peer in made.items():
        trainer = EmbeddingTrainer(config, random_samples(device), device, tier_means=PeerMeans(ours.tier_means, peer))
        candidates[name] = trainer.step
    candidates["products"], operations = product_floor(ours)
    best = best_seconds(candidates, rounds=rounds, budget_seconds=seconds, device=device, processor_time=processor_time)
    milliseconds = {name: round(1e3 * value, 3) for name, value in best.items()}
    times_floor = round(best[engine] / best["products"], 2)
    return Result(side, batch_size, engine, milliseconds, times_floor, operations, left_out)


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("training-step", __doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[8, 12, 16, 24, 32], help="cells along each side")
    parser.add_argument("--batch-size", type=int, help="samples per step (default: 32 at 8^3, fewer for larger cubes)")
    parser.add_argument("--rounds", type=int, default=8, help="most turns per column (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time per column (default: %(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="leave the other ways to average neighbours out")
    options = parser.parse_args(arguments)
    device = prepare(options)
    rates = measure_rates(device, processor_time=options.processor_time)
    results = []
    for side in options.sides:
        batch = options.batch_size or max(1, 32 * 512 // side**3)
        config = SimpleProjectConfig.from_preset("debug").override(
            [
                "logging.level=WARNING",
                f"lattice.dimensions=[{side},{side},{side}]",
                f"training_embedding.batch_size={batch}",
            ]
        )
        results.append(
            measure(
                config,
                device,
                rounds=options.rounds,
                seconds=options.seconds,
                processor_time=options.processor_time,
                peers=not options.no_peers,
            )
        )
        if not options.json:
            print(as_text(results[-1], rates), flush=True)
    if options.json:
        measured = {"machine": machine(device), "rates": asdict(rates)}
        print(json.dumps({**measured, "results": [asdict(result) for result in results]}))
    else:
        print(", ".join(f"{key} {value}" for key, value in machine(device).items()) + f"; {rates.as_text()}")
    return 0


def as_text(result: Result, rates: Rates) -> str:
    """Return one cube's figures as lines of a table."""
    lines = [f"{result.side}^3, batch {result.batch_size}: {result.times_floor:.1f} x its matrix products"]
    lines += [f"  {name:<16}{milliseconds:>12,.1f} ms" for name, milliseconds in result.milliseconds.items()]
    lines.append(f"  {'at full rate':<16}{1e3 * result.operations / rates.operations_per_second:>12,.1f} ms")
    lines += [f"  {name:<16}left out: {reason}" for name, reason in result.left_out.items()]
    return "\n".join(lines) + "\n"


def _peers(
    config: SimpleProjectConfig, batch_size: int, device: torch.device
) -> tuple[dict[str, Peer], dict[str, str]]:
    """Return the other ways that fit in memory and are installed, and why the rest is left out."""
    stencils = Stencils.of(config.lattice.dimensions, config.lattice.get_distance_thresholds())
    fields = batch_size * similarity_channels(config) * (value_channels(config, None) + 1)
    made: dict[str, Peer] = {"conv3d": Convolution(stencils, device)}
    left_out = {}
    if GatherScatter.bytes_needed(stencils, fields) > _PEER_BYTES:
        left_out["gather/scatter"] = "its rows of all edges need more than 6 GB"
        return made, left_out
    made["gather/scatter"] = GatherScatter(stencils, device)
    if missing := missing_extra(PEERS_EXTRA, "torch_geometric"):
        left_out["PyG messages"] = missing
    else:
        from benchmarks.graph_peer import Graph

        made["PyG messages"] = Graph(stencils, device)
    return made, left_out
