"""One training step over cube sides, with our engine and with peers' tier means, beside the floor of its products.

The student, the data and the update are the same in every column; only the tier means differ. The floor is the
time of the step's own matrix products, replayed alone with the same shapes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.peers import Convolution, GatherScatter
from benchmarks.timing import best_seconds, machine
from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, build_dataset
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.tiers import Tier
from lattice.training.trainer import EmbeddingTrainer

_WIDTH = 384
_SAMPLES = 64
_PEER_BYTES = 6e9
"""Peers whose one pass would need more than this are left out."""


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


class PeerMeans(TierMeans):
    """Tier means computed by a peer, one tier at a time."""

    def __init__(self, ours: TierMeans, peer: GatherScatter | Convolution) -> None:
        """Take over geometry from `ours`."""
        self.__dict__.update(ours.__dict__)
        self.peer = peer

    def means(self, fields: Tensor, tier: Tier) -> Tensor:
        """Return the mean over each cell's neighbours in a tier, [N, F] -> [N, F]."""
        index = self.live_tiers.index(tier)
        if isinstance(self.peer, GatherScatter):
            cells, neighbours = self.peer.edges[index]
            sums = torch.zeros_like(fields).index_add(0, cells, fields.index_select(0, neighbours))
        else:
            samples = fields.t().reshape(-1, 1, *self.dimensions)
            kernel = self.peer.kernels[index : index + 1]
            sums = functional.conv3d(samples, kernel, padding=self.peer.reaches).flatten(1).t()
        return sums * self.peer.weights[index]


class ProductRecorder(TorchDispatchMode):
    """Notes the shapes of all matrix products."""

    def __init__(self) -> None:
        """Start with no products."""
        super().__init__()
        self.shapes: list[tuple[torch.Size, torch.Size]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        """Note the operands of mm and addmm, then run as usual."""
        if func is torch.ops.aten.mm.default and args[0].layout is torch.strided:
            self.shapes.append((args[0].shape, args[1].shape))
        elif func is torch.ops.aten.addmm.default:
            self.shapes.append((args[1].shape, args[2].shape))
        return func(*args, **(kwargs or {}))


def random_samples(device: torch.device) -> EmbeddingDataset:
    """Return random unit embeddings; training time does not depend on their values."""
    rows = functional.normalize(torch.randn(_SAMPLES, _WIDTH), dim=-1).to(device)
    return build_dataset(
        rows,
        partners=None,
        texts=None,
        partner_texts=None,
        categories=None,
        source="random samples",
        validation_fraction=0.2,
    )


def product_floor(trainer: EmbeddingTrainer) -> Callable[[], None]:
    """Return a function that does the matrix products of one training step and nothing else."""
    with ProductRecorder() as recorder:
        trainer.step()
    operands = {
        shapes: tuple(torch.randn(shape, device=trainer.device) for shape in shapes) for shapes in set(recorder.shapes)
    }

    def replay() -> None:
        for shapes in recorder.shapes:
            left, right = operands[shapes]
            torch.mm(left, right)

    return replay


def measure(side: int, batch_size: int, device: torch.device, rounds: int, seconds: float, peers: bool) -> Result:
    """Time the training step of one cube in all columns."""
    config = SimpleProjectConfig.from_preset("debug").override(
        [f"lattice.dimensions=[{side},{side},{side}]", f"training_embedding.batch_size={batch_size}"]
    )
    ours = EmbeddingTrainer(config, random_samples(device), device)
    candidates: dict[str, Callable[[], object]] = {ours.tier_means.engine: ours.step}
    stencils = Stencils.of(config.lattice.dimensions, config.lattice.get_distance_thresholds())
    if peers:
        fields = batch_size * config.model.similarity_channels * (config.model.value_channels + 1)
        made: dict[str, GatherScatter | Convolution] = {"conv3d": Convolution(stencils, device)}
        if GatherScatter.bytes_needed(stencils, fields) < _PEER_BYTES:
            made["gather/scatter"] = GatherScatter(stencils, device)
        for name, peer in made.items():
            trainer = EmbeddingTrainer(
                config, random_samples(device), device, tier_means=PeerMeans(ours.tier_means, peer)
            )
            candidates[name] = trainer.step
    candidates["products"] = product_floor(ours)
    best = best_seconds(candidates, rounds=rounds, budget_seconds=seconds, device=device)
    milliseconds = {name: 1e3 * value for name, value in best.items()}
    engine = ours.tier_means.engine
    return Result(side, batch_size, engine, milliseconds, milliseconds[engine] / milliseconds["products"])


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks training-step", description=(__doc__ or "").strip())
    parser.add_argument("--sides", type=int, nargs="+", default=[8, 12, 16, 24, 32], help="cells along each side")
    parser.add_argument("--batch-size", type=int, help="samples per step (default: 32 at 8^3, fewer for larger cubes)")
    parser.add_argument("--rounds", type=int, default=8, help="most turns per column (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time per column (default: %(default)s)")
    parser.add_argument("--threads", type=int, help="threads of torch (default: its own choice)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="leave gather/scatter and conv3d out")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    results = []
    for side in options.sides:
        batch = options.batch_size or max(1, 32 * 512 // side**3)
        result = measure(side, batch, device, options.rounds, options.seconds, not options.no_peers)
        results.append(result)
        if not options.json:
            columns = "  ".join(f"{name} {value:.1f} ms" for name, value in result.milliseconds.items())
            print(f"{side}^3, batch {batch}: {columns}; {result.times_floor:.1f} x its matrix products", flush=True)
    if options.json:
        print(json.dumps({"machine": machine(device), "results": [asdict(result) for result in results]}))
    return 0
