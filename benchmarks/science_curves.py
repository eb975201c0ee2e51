"""Learning curves of a cube that carries: as it is, without each of its parts, and with a layer erased."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.options import make_parser, prepare
from benchmarks.science_parts import PARTS, Part
from benchmarks.science_plots import draw_curves
from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, load_dataset
from lattice.model.derivative import layers_from
from lattice.seeding import seeded
from lattice.training.scoring import score
from lattice.training.trainer import EmbeddingTrainer


def main(arguments: list[str]) -> int:
    """Print a table or one JSON object; `--plot FILE` draws the curves."""
    parser = make_parser("science-curves", __doc__)
    parser.add_argument("--side", type=int, default=8, help="cells along each side (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=10, help="lattice steps (default: %(default)s)")
    parser.add_argument("--training-steps", type=int, default=100, help="of each run (default: %(default)s)")
    parser.add_argument("--every", type=int, default=20, help="training steps between scores (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=128, help="held-out samples scored (default: %(default)s)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what is trained (default: all)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curves, .svg or .png")
    options = parser.parse_args(arguments)
    device = prepare(options)
    config = SimpleProjectConfig.from_preset("wave").replaced(
        {
            "lattice.dimensions": (options.side,) * 3,
            "lattice.lattice_steps": options.steps,
            "training_embedding.training_steps": options.training_steps,
            "training_embedding.evaluation_samples": options.samples,
        }
    )
    data = load_dataset(config.training_embedding, config.data, config.teacher)
    curves = {name: learn(config, data, PARTS[name], options.every, device) for name in options.parts}
    report = {"dimensions": config.lattice.dimensions, "lattice_steps": options.steps, "curves": curves}
    if options.plot:
        draw_curves(report, options.plot)
    sys.stdout.write(json.dumps(report) + "\n" if options.json else as_text(report))
    return 0


def learn(
    config: SimpleProjectConfig, data: EmbeddingDataset, switch_off: Part, every: int, device: torch.device
) -> dict[str, Any]:
    """Train a cube without one of its parts; return validation cosines by training step, and with a layer erased."""
    trainer = EmbeddingTrainer(config, data, device)
    with seeded(config.training_embedding.seed):
        switch_off(trainer.student)
    steps, cosines = [0], [validation_cosine(trainer)]
    while trainer.training_step < config.training_embedding.training_steps:
        trainer.advance(min(every, config.training_embedding.training_steps - trainer.training_step))
        steps.append(trainer.training_step)
        cosines.append(validation_cosine(trainer))
    return {
        "steps": steps,
        "cosines": cosines,
        "without_rollout": validation_cosine(trainer, steps=0),
        "layer_erased": erased_cosine(trainer),
    }


@torch.no_grad()
def validation_cosine(trainer: EmbeddingTrainer, steps: int | None = None) -> float:
    """Return the mean cosine over the held-out samples, after `steps` lattice steps or the configured number."""
    inputs, targets = trainer.evaluator.held_out(trainer.config)
    steps = trainer.config.lattice.lattice_steps if steps is None else steps
    batches = inputs.split(trainer.config.training_embedding.batch_size)
    return score(
        torch.cat([trainer.student(batch, trainer.tier_means, steps).embedding_BD for batch in batches]), targets
    ).cosine


def erased_cosine(trainer: EmbeddingTrainer) -> float:
    """Return the validation cosine while the middle layer between the faces is set to zero after every lattice step."""
    layers = layers_from(trainer.config.lattice.dimensions, trainer.config.embedding_mapping.input_face)
    cells = layers[len(layers) // 2].to(trainer.device)

    def erase(_rule: object, _inputs: object, output: tuple[Tensor, Any]) -> tuple[Tensor, Any]:
        state_NBC, trace = output
        return state_NBC.index_fill(0, cells, 0.0), trace

    hook = trainer.student.prototype.register_forward_hook(erase)
    try:
        return validation_cosine(trainer)
    finally:
        hook.remove()


def as_text(report: dict[str, Any]) -> str:
    """Return the figures as lines of a table."""
    curves = report["curves"]
    steps = next(iter(curves.values()))["steps"]
    cube = "x".join(map(str, report["dimensions"]))
    lines = [f"{cube}, {report['lattice_steps']} lattice steps; validation cosine by training step"]
    lines.append(f"{'':<26}" + "".join(f"{step:>8}" for step in steps) + f"{'T = 0':>8}{'erased':>8}")
    for name, curve in curves.items():
        figures = [*curve["cosines"], curve["without_rollout"], curve["layer_erased"]]
        lines.append(f"{name:<26}" + "".join(f"{value:>8.3f}" for value in figures))
    return "\n".join(lines) + "\n"
