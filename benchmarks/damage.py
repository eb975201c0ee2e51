"""The score against the share of cells erased: cubes trained with damage and without.

Each cube is the preset `wave` trained for some steps, with a share of its cells erased in training. Then shares of 0 to
50 % of the same kind of cells, and single layers, are erased at every lattice step, and held-out samples are scored.
"""

from __future__ import annotations

import json

from benchmarks.options import make_parser, prepare
from benchmarks.timing import machine
from lattice.cli.damage import damage_lines
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.training.trainer import EmbeddingTrainer


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("damage", __doc__)
    parser.add_argument("--trained", type=float, nargs="+", default=[0.0, 0.1], help="shares erased in training")
    parser.add_argument("--objective", default="reconstruct", help="of the training and the scores (%(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="training steps of each cube (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=512, help="held-out samples (default: %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="any other setting")
    options = parser.parse_args(arguments)
    device = prepare(options)
    config = SimpleProjectConfig.from_preset("wave").override(
        [
            f"device.policy={device.type}",
            f"training_embedding.evaluation_samples={options.samples}",
            f"training_embedding.objective={options.objective}",
            f"training_embedding.training_steps={options.steps}",
            *options.set,
        ]
    )
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    results = []
    for share in options.trained:
        trainer = EmbeddingTrainer(config.replaced({"training_embedding.damage": share}), dataset, device)
        trainer.advance(options.steps)
        results.append(trainer.measure_damage().to_dict())
        if not options.json:
            print(f"trained {options.steps} steps with {100 * share:g} % erased", flush=True)
            print("\n".join(f"  {line}" for line in damage_lines(results[-1])), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(device), "results": results}))
    return 0
