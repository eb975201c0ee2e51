"""From the settings to a dataset on the device."""

from __future__ import annotations

import torch

from lattice.config.data import DataSettings
from lattice.config.teacher import TeacherSettings
from lattice.config.training import TrainingEmbeddingSettings
from lattice.data.dataset import EmbeddingDataset
from lattice.data.loader import UnifiedDatasetLoader
from lattice.log import logger
from lattice.progress import Progress


def load_dataset(
    settings: TrainingEmbeddingSettings,
    data: DataSettings | None = None,
    teacher: TeacherSettings | None = None,
    *,
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> EmbeddingDataset:
    """Load the samples that the settings name and put them on `device`.

    Args:
        settings: `data` None means the bundled demo; `max_total_samples` stops reading at the source.
        data: columns, mixing, bounds and storage; defaults if left out.
        teacher: encoder of texts; defaults if left out. Loaded only if the data holds texts.
        device: device that holds the samples from now on.
        progress: called during long work; raising `Cancelled` in it stops.

    Raises:
        DataError: the data can't be used; the message names file and row and says what to do.
        Cancelled: from `progress`.
        TypeError: `settings` is something else, such as the whole configuration.
    """
    if not isinstance(settings, TrainingEmbeddingSettings):
        raise TypeError(
            f"load_dataset takes the section training_embedding of a configuration, got {type(settings).__name__}: "
            "load_dataset(config.training_embedding, config.data, config.teacher)"
        )
    dataset = UnifiedDatasetLoader(settings, data, teacher, device=device, progress=progress).load()
    logger.info(
        "data: %s, %d samples of width %d (%d for training, %d held out)",
        dataset.source, len(dataset), dataset.width, len(dataset.train_indices), len(dataset.validation_indices),
    )  # fmt: skip
    return dataset
