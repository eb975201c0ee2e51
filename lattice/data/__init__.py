"""Data: from files and texts to a validated dataset on the device."""

from lattice.data.columns import Columns
from lattice.data.dataset import EmbeddingDataset, build_dataset
from lattice.data.encode import encode_file
from lattice.data.estimator import DatasetBudget, GPUMemoryEstimator, TrainingMemory
from lattice.data.load import load_dataset
from lattice.data.loader import UnifiedDatasetLoader
from lattice.data.report import BadRow, LoadReport
from lattice.data.teacher import Teacher, load_teacher

__all__ = [
    "BadRow",
    "Columns",
    "DatasetBudget",
    "EmbeddingDataset",
    "GPUMemoryEstimator",
    "LoadReport",
    "Teacher",
    "TrainingMemory",
    "UnifiedDatasetLoader",
    "build_dataset",
    "encode_file",
    "load_dataset",
    "load_teacher",
]
