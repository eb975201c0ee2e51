"""Write the loss curve that the tests hold the `debug` preset to: `python tools/write_golden_curve.py`.

Run it only after a change that is meant to change the numbers, and say so in the changelog.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests/lattice/training/golden_debug.json"
TRAINING_STEPS = 24


def main() -> int:
    """Train on the processor in float32 and write every training step's total loss."""
    sys.path.insert(0, str(ROOT))
    import torch

    from lattice.config import SimpleProjectConfig
    from lattice.data import load_dataset
    from lattice.training.trainer import EmbeddingTrainer

    config = SimpleProjectConfig.from_preset("debug").override(["device.policy=cpu", "training_embedding.seed=0"])
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    trainer = EmbeddingTrainer(config, dataset)
    totals = [trainer.step().losses["total"] for _ in range(TRAINING_STEPS)]
    written = {"torch": torch.__version__, "total": [float(f"{total:.7g}") for total in totals]}
    GOLDEN.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
