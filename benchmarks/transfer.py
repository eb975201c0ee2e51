"""Cells trained in one cube at work in others: at once, and with only the outer maps learnt.

The source is the preset `wave` trained for some steps, or a file of weights. In each other size the score at the
identity start (the read-out inverts what is painted) is taken twice on the same held-out samples: with untrained cells,
and with the trained ones; where the trained outer maps fit, a third time with them. With `--learn`, outer maps that
begin at random are then trained with the cells frozen.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.options import make_parser, prepare
from benchmarks.timing import machine
from lattice.config import SimpleProjectConfig, Wishes
from lattice.data import EmbeddingDataset, load_dataset
from lattice.training.checkpoint import Checkpoint
from lattice.training.saving import read_weights
from lattice.training.trainer import EmbeddingTrainer
from lattice.training.warm_start import requested

SIZES = ("8x8x8", "12x12x12", "16x16x16", "16x8x8")
IDENTITY = "embedding_mapping.start=identity"


@dataclass(frozen=True)
class Result:
    """Validation cosines of one size of cube."""

    size: str
    lattice_steps: int
    own_start: float
    """Untrained cells, identity start."""
    at_once: float
    """Trained cells of another cube, identity start."""
    with_maps: float | None
    """The same with the trained outer maps, where they fit: between faces of the same size."""
    learnt: tuple[tuple[int, float], ...]
    """Training step and cosine while random outer maps are trained, with the cells frozen."""


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("transfer", __doc__)
    parser.add_argument("--weights", type=Path, help="trained cells (default: train them now)")
    parser.add_argument("--objective", default="reconstruct", help="of the training and the scores (%(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="training steps of the source (default: %(default)s)")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), metavar="XxYxZ", help="default: %(default)s")
    parser.add_argument("--samples", type=int, default=512, help="held-out samples (default: %(default)s)")
    parser.add_argument("--learn", type=int, default=0, metavar="N", help="train outer maps for N steps as well")
    options = parser.parse_args(arguments)
    device = prepare(options)
    common = [
        f"device.policy={device.type}",
        f"training_embedding.evaluation_samples={options.samples}",
        f"training_embedding.objective={options.objective}",
    ]
    config = SimpleProjectConfig.from_preset("wave").override(common)
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    stored = _source(options, config, dataset)
    results = []
    for size in options.sizes:
        results.append(measure(stored, dataset, size, common, options.learn, device))
        if not options.json:
            print(as_text(results[-1]), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(device), "results": [asdict(result) for result in results]}))
    return 0


def measure(
    stored: Checkpoint, dataset: EmbeddingDataset, size: str, common: list[str], learn: int, device: torch.device
) -> Result:
    """Take the scores of one size, written as `12x12x12`; `common` are assignments of all runs."""
    own = [*common, f"lattice.dimensions=[{size.replace('x', ', ')}]"]
    config, _ = requested(stored.config, None, Wishes({}, (*own, IDENTITY)))
    trainer = EmbeddingTrainer(config, dataset, device)
    own_start = trainer.evaluate().student.cosine
    outer = {
        name: value.clone()
        for name, value in trainer.student.state_dict().items()
        if name.startswith(("mapper.project", "extractor.project"))
    }
    taken = trainer.take_weights(stored).weights
    with_maps = trainer.evaluate().student.cosine if taken.outer_maps else None
    trainer.student.load_state_dict(trainer.student.state_dict() | outer)
    at_once = trainer.evaluate().student.cosine
    learnt = []
    if learn:
        random = "embedding_mapping.start=random"
        steps = f"training_embedding.training_steps={learn}"
        config, _ = requested(stored.config, None, Wishes({}, (*own, random, steps, "optimizer.frozen_cells=true")))
        trainer = EmbeddingTrainer(config, dataset, device)
        trainer.take_weights(stored)
        for step in range(0, learn, max(1, learn // 4)):
            trainer.advance(min(learn, step + max(1, learn // 4)) - trainer.training_step)
            learnt.append((trainer.training_step, trainer.evaluate().student.cosine))
    return Result(size, config.lattice.lattice_steps, own_start, at_once, with_maps, tuple(learnt))


def as_text(result: Result) -> str:
    """Return one line."""
    share = result.at_once / result.own_start
    line = (
        f"{result.size:<9} T = {result.lattice_steps:<3} own start {result.own_start:.4f}, "
        f"trained cells at once {result.at_once:.4f} ({share:.4f} of it)"
    )
    if result.with_maps is not None:
        line += f", with its outer maps {result.with_maps:.4f}"
    return line + "".join(f", outer maps learnt {step}: {cosine:.4f}" for step, cosine in result.learnt)


def _source(options: argparse.Namespace, config: SimpleProjectConfig, dataset: EmbeddingDataset) -> Checkpoint:
    if options.weights is not None:
        return read_weights(options.weights)
    trainer = EmbeddingTrainer(config.override([f"training_embedding.training_steps={options.steps}"]), dataset)
    trainer.advance(options.steps)
    with tempfile.TemporaryDirectory() as folder:
        trainer.export(Path(folder) / "cells.safetensors")
        return read_weights(Path(folder) / "cells.safetensors")
