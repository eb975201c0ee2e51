"""What the student is given and what it shall answer.

Shapes: B batch, D embedding width.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import EmbeddingMappingSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset
from lattice.errors import DataError

_EVALUATION_SALT = 0x5EED


def prepare_embeddings(rows_BD: Tensor, mapping: EmbeddingMappingSettings) -> Tensor:
    """Return float32 embeddings, of unit length if the settings say so."""
    rows_BD = rows_BD.float()
    return F.normalize(rows_BD, dim=-1) if mapping.normalize_embeddings else rows_BD


def noise_generator(seed: int, counter: int, device: torch.device) -> torch.Generator:
    """Return a generator that is a pure function of seed and counter, so that resuming needs no saved state."""
    return torch.Generator(device=device).manual_seed(seed * 0x9E3779B1 + counter)


def evaluation_generator(seed: int, device: torch.device) -> torch.Generator:
    """Return the generator of the held-out samples' noise: the same at every evaluation."""
    return noise_generator(seed ^ _EVALUATION_SALT, 0, device)


def check_dataset(settings: TrainingEmbeddingSettings, dataset: EmbeddingDataset) -> None:
    """Raise `DataError` if the data can't serve the objective, or is too small to train and evaluate on."""
    if settings.objective == "pairs" and dataset.partners is None:
        raise DataError(
            f"the objective 'pairs' needs data with two texts a sample, but {dataset.source} has one: "
            "choose 'reconstruct' or 'denoise', or open data with pairs"
        )
    training, held_out = len(dataset.train_indices), len(dataset.validation_indices)
    if training < 1 or held_out < 2:
        raise DataError(
            f"{dataset.source} has {training} training and {held_out} held-out samples, but at least 1 and 2 are "
            "needed: use more data, a larger sample limit or a larger validation share"
        )


def make_batch(
    dataset: EmbeddingDataset,
    indices_B: Tensor,
    settings: TrainingEmbeddingSettings,
    mapping: EmbeddingMappingSettings,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Return (input, target), both float32 [B, D] on the dataset's device."""
    clean_BD = prepare_embeddings(dataset.batch(indices_B), mapping)
    if settings.objective == "pairs":
        check_dataset(settings, dataset)
        return clean_BD, prepare_embeddings(dataset.batch(indices_B, partners=True), mapping)
    if settings.objective == "denoise":
        noise = torch.randn(clean_BD.shape, generator=generator, device=clean_BD.device)
        return clean_BD + settings.noise_sigma * noise, clean_BD
    return clean_BD, clean_BD
