"""The trackers in the box, registered by the same door as those of plugins."""

from __future__ import annotations

from lattice.plugins import Plugins
from lattice.tracking.base import TrackerKind
from lattice.tracking.services import open_trackio, open_wandb
from lattice.tracking.tensorboard import EventFiles


def setup(plugins: Plugins) -> None:
    """Register them."""
    look = "look at it with tensorboard --logdir {folder}"
    events = TrackerKind("TensorBoard", "tensorboardX PIL", EventFiles, look, install="'cellcube[trackers]'")
    plugins.tracker("tensorboard", events)
    plugins.tracker("trackio", TrackerKind("trackio", "trackio", open_trackio, "look at it with trackio show"))
    plugins.tracker("wandb", TrackerKind("Weights & Biases", "wandb", open_wandb))
