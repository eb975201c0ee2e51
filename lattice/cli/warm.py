"""`--weights`: a new run whose weights come from a checkpoint or an export."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lattice.cli.wishes import config_from
from lattice.config import Wishes
from lattice.progress import Progress

if TYPE_CHECKING:
    from lattice.training.trainer import EmbeddingTrainer


def open_from_weights(arguments: argparse.Namespace, wishes: Wishes, progress: Progress) -> EmbeddingTrainer:
    """Build the run that the options describe, and start it from the file's weights.

    Raises:
        ConfigError: the settings can't be had.
        CheckpointError: the file is none whose weights can be used.
    """
    from lattice.data import load_dataset
    from lattice.devices import choose_device
    from lattice.training.saving import read_weights
    from lattice.training.trainer import EmbeddingTrainer
    from lattice.training.warm_start import requested

    stored = read_weights(arguments.weights)
    own = arguments.preset is not None or arguments.config is not None
    base = config_from(arguments) if own else None
    config, settings = requested(stored.config, base, wishes)
    device = choose_device(config.device.policy)
    dataset = load_dataset(config.training_embedding, config.data, config.teacher, device=device, progress=progress)
    trainer = EmbeddingTrainer(config, dataset, device, fit_start=False)
    trainer.take_weights(stored, settings, progress)
    return trainer
