"""Data: from files and texts to a validated dataset on the device."""

from lattice.data.dataset import EmbeddingDataset, build_dataset
from lattice.data.load import load_dataset

__all__ = ["EmbeddingDataset", "build_dataset", "load_dataset"]
