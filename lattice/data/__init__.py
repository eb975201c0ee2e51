"""Data: from files and texts to a validated dataset on the device.

Each name is imported at its first use, so that a module of this package that needs no torch loads none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lattice.lazy import lazy_names

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset, build_dataset
    from lattice.data.encode import encode_file
    from lattice.data.estimator import DatasetBudget, GPUMemoryEstimator, TrainingMemory
    from lattice.data.load import load_dataset
    from lattice.data.loader import UnifiedDatasetLoader
    from lattice.data.report import BadRow, LoadReport
    from lattice.data.requested_columns import Columns
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

_NAMES_OF = {
    "lattice.data.requested_columns": ("Columns",),
    "lattice.data.dataset": ("EmbeddingDataset", "build_dataset"),
    "lattice.data.encode": ("encode_file",),
    "lattice.data.estimator": ("DatasetBudget", "GPUMemoryEstimator", "TrainingMemory"),
    "lattice.data.load": ("load_dataset",),
    "lattice.data.loader": ("UnifiedDatasetLoader",),
    "lattice.data.report": ("BadRow", "LoadReport"),
    "lattice.data.teacher": ("Teacher", "load_teacher"),
}

if not TYPE_CHECKING:  # a type checker takes the imports above, and knows that there is no other name
    __getattr__ = lazy_names(__name__, {name: module for module, names in _NAMES_OF.items() for name in names})
