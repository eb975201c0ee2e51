"""Denoising by a cube that starts from memories of the data: before and after training, and what each part carries.

Each run is one student. `no rollout` reads what is painted at once; `silenced` lets no cell hear another, while each
goes on by itself. Beside them stand the identity and the linear map, both from the same held-out samples.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from benchmarks.options import make_parser, prepare
from benchmarks.timing import machine
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.neighbourhood import TierMeans
from lattice.progress import Progress, no_progress
from lattice.tiers import Tier
from lattice.training.batch_pass import scoring_pass
from lattice.training.scoring import score
from lattice.training.trainer import EmbeddingTrainer

THROUGH = {
    "embedding_mapping.placement": "through",
    "embedding_mapping.scalars_per_cell": None,
    "lattice.lattice_steps": 9,
}


@dataclass(frozen=True)
class Result:
    """Cosines of one student on the held-out samples."""

    start: str
    placement: str
    seed: int
    scalars_per_cell: int
    parameters: int
    training_steps: int
    before: float
    """Before training."""
    after: float
    no_rollout: float
    silenced: float
    identity: float
    linear: float
    fit_seconds: float
    """Of the start, building the cube included."""
    milliseconds: float
    """Of a training step."""


class SilentMeans(TierMeans):
    """Tier means of a lattice on which no cell hears another: all are 0."""

    def __init__(self, heard: TierMeans) -> None:
        """Take over geometry from `heard`."""
        self.__dict__.update(heard.__dict__)

    def means(self, fields: Tensor, tier: Tier) -> Tensor:
        """Return zeros, [N, F]."""
        return torch.zeros_like(fields)

    def channel_means(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return zeros, [F, N, B]."""
        return torch.zeros_like(fields_FNB)


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("memories", __doc__)
    parser.add_argument("--preset", default="memories", help="settings to begin with (default: %(default)s)")
    parser.add_argument("--starts", nargs="+", default=["memories", "random"], help="default: %(default)s")
    parser.add_argument("--placements", nargs="+", choices=("surface", "through"), default=["surface"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--training-steps", type=int, default=600, help="0 for the start alone (default: %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="change one setting")
    options = parser.parse_args(arguments)
    device = prepare(options)
    results = []
    for config in _configs(options):
        results.append(measure(config, options.training_steps, device))
        if not options.json:
            print(as_text(results[-1]), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(device), "results": [asdict(result) for result in results]}))
    return 0


def _configs(options: argparse.Namespace) -> list[SimpleProjectConfig]:
    base = SimpleProjectConfig.from_preset(options.preset)
    configs = []
    for placement in options.placements:
        for start in options.starts:
            for seed in options.seeds:
                changes = {"embedding_mapping.start": start, "training_embedding.seed": seed}
                changes |= THROUGH if placement == "through" else {}
                configs.append(base.replaced(changes).override(options.set))
    return configs


def measure(
    config: SimpleProjectConfig, training_steps: int, device: torch.device, progress: Progress = no_progress
) -> Result:
    """Train one student for so many training steps and score it; the schedule spans them."""
    if training_steps:
        config = config.replaced({"training_embedding.training_steps": training_steps})
    settings, mapping = config.training_embedding, config.embedding_mapping
    dataset = load_dataset(settings, config.data, config.teacher, device=device)
    began = time.perf_counter()
    trainer = EmbeddingTrainer(config, dataset, device, progress=progress)
    fitted = time.perf_counter()
    before = trainer.evaluate().student.cosine
    trained = time.perf_counter()
    for _ in range(training_steps):
        trainer.step()
        progress("Training", trainer.training_step, training_steps)
    ended = time.perf_counter()
    report = trainer.evaluate()
    return Result(
        start=mapping.start,
        placement=mapping.placement,
        seed=settings.seed,
        scalars_per_cell=trainer.student.mapper.scalars,
        parameters=sum(parameter.numel() for parameter in trainer.student.parameters()),
        training_steps=training_steps,
        before=before,
        after=report.student.cosine,
        no_rollout=report.t0.cosine,
        silenced=silenced_cosine(trainer),
        identity=report.identity.cosine,
        linear=report.linear.cosine,
        fit_seconds=fitted - began,
        milliseconds=1e3 * (ended - trained) / max(training_steps, 1),
    )


def silenced_cosine(trainer: EmbeddingTrainer) -> float:
    """Return the cosine on the held-out samples while no cell hears another."""
    inputs, targets = trainer.evaluator.held_out(trainer.config)
    scoring = scoring_pass(trainer.student, SilentMeans(trainer.tier_means), trainer.config)
    chunks = inputs.split(trainer.config.training_embedding.batch_size)
    return score(torch.cat([scoring(chunk)[0].clone() for chunk in chunks]), targets).cosine


def as_text(result: Result) -> str:
    """Return one line."""
    return (
        f"{result.placement:<8}{result.start:<9}seed {result.seed}  {result.scalars_per_cell} scalars a cell, "
        f"{result.parameters:,} parameters: before {result.before:.4f}, after {result.training_steps} training steps "
        f"{result.after:.4f} (no rollout {result.no_rollout:.4f}, silenced {result.silenced:.4f}; identity "
        f"{result.identity:.4f}, linear {result.linear:.4f}); start {result.fit_seconds:.0f} s, "
        f"{result.milliseconds:.0f} ms a training step"
    )
