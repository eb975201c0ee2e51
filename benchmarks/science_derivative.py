"""Derivative of each layer's states by the embedding, untrained: the rule, and without each of its parts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks.options import make_parser, prepare
from benchmarks.science_parts import PARTS
from benchmarks.science_plots import draw_derivatives
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.model.derivative import layer_derivatives, layers_from
from lattice.model.student import StudentModel
from lattice.seeding import seeded
from lattice.training.engine import build_tier_means


def main(arguments: list[str]) -> int:
    """Print a table or one JSON object; `--plot FILE` draws it."""
    parser = make_parser("science-derivative", __doc__)
    parser.add_argument("--side", type=int, default=8, help="cells along each side (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=10, help="lattice steps (default: %(default)s)")
    parser.add_argument("--probes", type=int, default=48, help="random directions per layer (default: %(default)s)")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw norm and rank per layer, .svg or .png")
    options = parser.parse_args(arguments)
    device = prepare(options)
    config = SimpleProjectConfig.from_preset("wave").replaced(
        {
            "lattice.dimensions": (options.side,) * 3,
            "lattice.lattice_steps": options.steps,
            "training_embedding.max_total_samples": 8,
        }
    )
    report = measure(config, options.probes, device)
    if options.plot:
        draw_derivatives(report, options.plot)
    sys.stdout.write(json.dumps(report) + "\n" if options.json else as_text(report))
    return 0


def measure(config: SimpleProjectConfig, probes: int, device: torch.device) -> dict[str, Any]:
    """Return norms and ranks per layer for each of the parts, by name."""
    data = load_dataset(config.training_embedding, config.data, config.teacher)
    embedding = torch.nn.functional.normalize(data.embeddings[0].float(), dim=0).to(device)
    means = build_tier_means(config, device)
    layers = layers_from(config.lattice.dimensions, config.embedding_mapping.input_face)
    found = {}
    for name, switch_off in PARTS.items():
        student = StudentModel.seeded(config, data.width)
        with seeded(config.training_embedding.seed):
            switch_off(student)
        derivatives = layer_derivatives(
            student.to(device),
            means,
            [cells.to(device) for cells in layers],
            embedding,
            steps=config.lattice.lattice_steps,
            probes=probes,
        )
        found[name] = {"norms": [each.norm for each in derivatives], "ranks": [each.rank for each in derivatives]}
    lattice = config.lattice
    return {"dimensions": lattice.dimensions, "lattice_steps": lattice.lattice_steps, "probes": probes, "parts": found}


def as_text(report: dict[str, Any]) -> str:
    """Return the figures as lines of a table."""
    layers = range(len(next(iter(report["parts"].values()))["norms"]))
    cube = "x".join(map(str, report["dimensions"]))
    lines = [
        f"{cube}, {report['lattice_steps']} lattice steps, {report['probes']} probes; by layer from the input face"
    ]
    for quantity in ("norms", "ranks"):
        lines.append(f"{quantity:<26}" + "".join(f"{layer:>9}" for layer in layers))
        for name, figures in report["parts"].items():
            lines.append(f"  {name:<24}" + "".join(f"{value:>9.2g}" for value in figures[quantity]))
    return "\n".join(lines) + "\n"
