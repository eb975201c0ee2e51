"""The other process of a proof of resume: `python -m lattice.training.proof_process FOLDER`.

Reads `request.json` and `start.safetensors` there, goes on for the requested training steps, and writes the losses of
each into `steps.jsonl` and the run at its end into `end.safetensors`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lattice.errors import CellcubeError
from lattice.parsing import parse_json
from lattice.plugin_loading import load_plugin

CAN_NOT = 2


def go_on(folder: Path) -> None:
    """Resume the run in `folder` and do the requested training steps; raises `CellcubeError` if that fails."""
    import torch

    from lattice.training.trainer import EmbeddingTrainer

    request = parse_json((folder / "request.json").read_text(encoding="utf-8"))
    for name, setup in request["plugins"]:
        load_plugin(name, setup=setup)
    trainer = EmbeddingTrainer.resume(folder / "start.safetensors", policy=request["policy"])
    torch.set_num_threads(request["threads"])
    with (folder / "steps.jsonl").open("w", encoding="utf-8") as told:
        for _ in range(request["steps"]):
            told.write(json.dumps(trainer.step().losses) + "\n")
            told.flush()
    trainer.save(folder / "end.safetensors")


def main(folder: str) -> int:
    """Go on in `folder`; return the exit code, with the reason as the last line on standard error."""
    try:
        go_on(Path(folder))
    except CellcubeError as error:
        print(str(error), file=sys.stderr)  # noqa: T201 - read by the process that started this one
        return CAN_NOT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
