"""trackio and Weights & Biases, through their own packages, whose interfaces are alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from lattice.errors import ConfigError
from lattice.tracking.base import Picture, TrackedRun

PROJECT = "cellcube"
_WITHOUT_ACCOUNT = ("offline", "disabled", "dryrun")


class Service:
    """A run of trackio or wandb."""

    def __init__(self, module: Any, run: Any) -> None:
        """Feed `run`, which `module.init` returned."""
        self._module, self._run = module, run

    def figures(self, training_step: int, values: Mapping[str, float]) -> None:
        """Log numbers."""
        self._run.log(dict(values), step=training_step)

    def picture(self, training_step: int, name: str, rgb_HWC: Picture) -> None:
        """Log a picture."""
        self._run.log({f"pictures/{name}": self._module.Image(rgb_HWC)}, step=training_step)

    def close(self) -> None:
        """Send what is left."""
        self._run.finish()


def open_trackio(run: TrackedRun) -> Service:
    """Begin, or go on with, a trackio run; it stays on this machine unless trackio's own variables name a Space."""
    trackio = import_module("trackio")
    made = trackio.init(PROJECT, name=run.run_id, config=dict(run.settings), resume="allow", embed=False)
    return Service(trackio, made)


def open_wandb(run: TrackedRun) -> Service:
    """Begin, or go on with, a run of Weights & Biases, which is uploaded unless WANDB_MODE says otherwise.

    Raises:
        ConfigError: nobody is logged in; wandb would wait for an answer in the terminal.
    """
    wandb = import_module("wandb")
    if os.environ.get("WANDB_MODE") not in _WITHOUT_ACCOUNT and not wandb.api.api_key:
        raise ConfigError("nobody is logged in to Weights & Biases: type wandb login first, or set WANDB_MODE=offline")
    made = wandb.init(project=PROJECT, id=run.run_id, config=dict(run.settings), resume="allow", dir=str(run.folder))
    return Service(wandb, made)
