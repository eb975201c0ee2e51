"""Random embeddings: training time does not depend on their values."""

from __future__ import annotations

import torch
from torch.nn import functional

from lattice.data import EmbeddingDataset, build_dataset

WIDTH = 384
SAMPLES = 64


def random_samples(device: torch.device) -> EmbeddingDataset:
    """Return 64 unit embeddings of 384 floats."""
    rows = functional.normalize(torch.randn(SAMPLES, WIDTH), dim=-1).to(device)
    return build_dataset(
        rows,
        partners=None,
        texts=None,
        partner_texts=None,
        categories=None,
        source="random samples",
        validation_fraction=0.2,
    )
