"""`--export`: a checkpoint becomes weights or a program for use elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from lattice.cli.progress import progress_bar
from lattice.config.runtime import DevicePolicy
from lattice.errors import ConfigError
from lattice.exporting.forms import card_path, check_ending


def export(checkpoint: Path | None, out: Path, policy: DevicePolicy | None, *, as_json: bool) -> int:
    """Export the student of `checkpoint` to `out`, in the form that its ending says; return the exit code."""
    if checkpoint is None:
        raise ConfigError(f"--export {out} needs --resume FILE, the checkpoint whose student is exported")
    check_ending(out)
    from lattice.training.trainer import EmbeddingTrainer

    with progress_bar() as progress:
        trainer = EmbeddingTrainer.resume(checkpoint, policy=policy, progress=progress)
        exported = trainer.export(out, progress)
    if as_json:
        checked = None if exported is None else {"samples": exported.samples, "difference": exported.difference}
        print(json.dumps({"export": str(out), "card": str(card_path(out)), "compared": checked}), flush=True)
        return 0
    print(f"export: {out if exported is None else exported.summary()}")
    print(f"model card: {card_path(out)}")
    return 0
