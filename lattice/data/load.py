"""From the settings to a dataset on the device."""

from __future__ import annotations

from pathlib import Path

import torch

from lattice.config.training import TrainingEmbeddingSettings
from lattice.data.dataset import EmbeddingDataset, build_dataset
from lattice.data.demo import read_demo
from lattice.data.files import read_embeddings
from lattice.log import logger
from lattice.progress import Progress, no_progress


def load_dataset(
    settings: TrainingEmbeddingSettings,
    *,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> EmbeddingDataset:
    """Load the samples that the settings name and put them on `device`.

    Args:
        settings: `data` None means the bundled demo; `max_total_samples` stops reading at the source.
        device: device that holds the samples from now on.
        progress: told about long work; raising `Cancelled` in it stops.

    Raises:
        DataError: the data can't be used; the message names file and row and says what to do.
        Cancelled: from `progress`.
    """
    progress = progress or no_progress
    limit = settings.max_total_samples
    if settings.data is None:
        demo = read_demo(limit)
        dataset = build_dataset(
            demo.definitions.to(device),
            partners=demo.terms.to(device),
            texts=demo.texts,
            partner_texts=demo.term_texts,
            categories=demo.categories,
            source="WordNet 3.0 demo",
            validation_fraction=settings.validation_fraction,
        )
    else:
        path = Path(settings.data).expanduser()
        progress(f"reading {path.name}", 0, None)
        embeddings = read_embeddings(path, limit)
        dataset = build_dataset(
            embeddings.to(device), source=str(path), validation_fraction=settings.validation_fraction
        )
    logger.info(
        "data: %s, %d samples of width %d (%d for training, %d held out)",
        dataset.source, len(dataset), dataset.width, len(dataset.train_indices), len(dataset.validation_indices),
    )  # fmt: skip
    return dataset
