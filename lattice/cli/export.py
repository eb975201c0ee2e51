"""`--export`: a checkpoint becomes weights or a program for use elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from lattice.cli.progress import progress_bar
from lattice.cli.replacing import check_may_write
from lattice.config.runtime import DevicePolicy
from lattice.errors import ConfigError
from lattice.exporting.forms import card_path, check_ending
from lattice.exporting.hub import check_can_push, push_to_hub


def export(
    checkpoint: Path | None,
    out: Path | None,
    policy: DevicePolicy | None,
    *,
    as_json: bool,
    overwrite: bool = False,
    repo: str | None = None,
    public: bool = False,
) -> int:
    """Export the student of `checkpoint` to `out`, in the form that its ending says; return the exit code.

    What has that name is replaced only with `overwrite`. With `repo` it is then pushed to that repository on the
    Hugging Face hub, where anyone sees it if it is `public`.
    """
    if out is None:
        raise ConfigError(f"--push-to-hub {repo} needs --export FILE, which is pushed with its model card")
    if checkpoint is None:
        raise ConfigError(f"--export {out} needs --resume FILE, the checkpoint whose student is exported")
    check_ending(out)
    for path in (out, card_path(out)):
        check_may_write(path, overwrite=overwrite)
    if repo is not None:
        check_can_push(repo)
    from lattice.training.trainer import EmbeddingTrainer

    with progress_bar() as progress:
        trainer = EmbeddingTrainer.resume(checkpoint, policy=policy, progress=progress)
        exported = trainer.export(out, progress)
        pushed = None if repo is None else push_to_hub(out, repo, public=public, progress=progress)
    if as_json:
        checked = None if exported is None else {"samples": exported.samples, "difference": exported.difference}
        told = {"export": str(out), "card": str(card_path(out)), "compared": checked}
        print(json.dumps({**told, "pushed": None if pushed is None else asdict(pushed)}), flush=True)
        return 0
    print(f"export: {out if exported is None else exported.summary()}")
    print(f"model card: {card_path(out)}")
    if pushed is not None:
        print(pushed.summary())
    return 0
