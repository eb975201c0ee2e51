"""Small runs on plugins, and what of the window a plugged panel uses, for the tests of examples and of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from PyQt6.QtCore import QObject, pyqtSignal

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, load_dataset
from lattice.plugin_loading import loaded_plugins, unload
from lattice.training.trainer import EmbeddingTrainer


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Unload all plugins at the end."""
    yield
    for plugin in loaded_plugins():
        unload(plugin.name)


def config_with(*settings: str) -> SimpleProjectConfig:
    small = ["lattice.dimensions=5,5,5", "training_embedding.max_total_samples=120", "training_embedding.batch_size=8"]
    return SimpleProjectConfig.from_preset("debug").override([*small, *settings])


@cache
def samples() -> EmbeddingDataset:
    config = config_with()
    return load_dataset(config.training_embedding, config.data, config.teacher)


def trained(*settings: str) -> EmbeddingTrainer:
    trainer = EmbeddingTrainer(config_with(*settings), samples())
    for _ in range(3):
        trainer.step()
    return trainer


class Display(QObject):
    """The part of the window's display that the panels use."""

    observation_shown = pyqtSignal(object, int)


class Services:
    """The services of the window that the panels use."""

    def __init__(self) -> None:
        self.display = Display()
