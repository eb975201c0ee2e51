"""Small configs, samples and trainers that the core's tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, build_dataset
from lattice.training.trainer import EmbeddingTrainer

SMALL = (
    "lattice.dimensions=[4, 3, 5]",
    "lattice.adaptive_radius_ratio=0.5",
    "lattice.local_distance_ratio=0.45",
    "lattice.functional_distance_ratio=0.7",
    "lattice.lattice_steps=2",
    "model.state_size=6",
    "model.message_channels=3",
    "model.similarity_channels=2",
    "model.value_channels=3",
    "model.expert_hidden=5",
    "model.position_frequencies=1",
    "training_embedding.batch_size=4",
    "training_embedding.training_steps=20",
    "training_embedding.evaluation_samples=8",
    "device.policy=cpu",
)
"""Settings of a cube whose three tiers all hold neighbours."""


def make_config(*overrides: str) -> SimpleProjectConfig:
    """Return the small config with further `section.key=value` texts applied."""
    return SimpleProjectConfig().override([*SMALL, *overrides])


def make_dataset(samples: int = 40, width: int = 12, *, pairs: bool = False, seed: int = 0) -> EmbeddingDataset:
    """Return random unit embeddings with texts."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.nn.functional.normalize(torch.randn(samples, width, generator=generator), dim=-1)
    partners = torch.nn.functional.normalize(torch.randn(samples, width, generator=generator), dim=-1)
    texts = [f"text {seed} {index}" for index in range(samples)]
    return build_dataset(
        rows,
        partners=partners if pairs else None,
        texts=texts,
        partner_texts=[f"partner {index}" for index in range(samples)] if pairs else None,
        categories=None,
        source=f"random samples {seed}",
        validation_fraction=0.2,
    )


@pytest.fixture
def small_config() -> Callable[..., SimpleProjectConfig]:
    """Return `make_config`."""
    return make_config


@pytest.fixture
def small_dataset() -> Callable[..., EmbeddingDataset]:
    """Return `make_dataset`."""
    return make_dataset


@pytest.fixture
def small_trainer() -> Callable[..., EmbeddingTrainer]:
    """Return a maker of trainers on the small config, with overrides."""

    def make(*overrides: str, dataset: EmbeddingDataset | None = None) -> EmbeddingTrainer:
        return EmbeddingTrainer(make_config(*overrides), dataset or make_dataset())

    return make
