"""Cellcube's core: a 3D cellular neural network that learns a teacher's embeddings.

The names below are the public interface. Each is imported at its first use: `import lattice` itself loads no torch.

Configuration: `SimpleProjectConfig`, `preset_names`. Data: `load_dataset`, `EmbeddingDataset`. Training:
`EmbeddingTrainer`. Use of what was learned: `load_student`, `TrainedStudent`. Plugins: `Plugins`, the registries
`CELL_RULES`, `OBJECTIVES`, `READERS`, `COLOR_MODES` and `PANELS`, and for readers of data files `Reader`,
`ReadRequest` and `Rows`. Errors: `CellcubeError` is the base of all that a caller can act on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lattice.lazy import lazy_names
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.config import CELL_RULES, OBJECTIVES, SimpleProjectConfig, preset_names
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.load import load_dataset
    from lattice.data.readers.base import Reader, ReadRequest, Rows
    from lattice.data.readers.choice import READERS
    from lattice.errors import CellcubeError, CheckpointError, ConfigError, DataError, DeviceError, PluginError
    from lattice.inference import TrainedStudent, load_student
    from lattice.plugins import COLOR_MODES, PANELS, Plugins, Registry
    from lattice.training.trainer import EmbeddingTrainer

__all__ = [
    "CELL_RULES",
    "COLOR_MODES",
    "OBJECTIVES",
    "PANELS",
    "READERS",
    "CellcubeError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "DeviceError",
    "EmbeddingDataset",
    "EmbeddingTrainer",
    "PluginError",
    "Plugins",
    "ReadRequest",
    "Reader",
    "Registry",
    "Rows",
    "SimpleProjectConfig",
    "TrainedStudent",
    "__version__",
    "load_dataset",
    "load_student",
    "preset_names",
]

_NAMES_OF = {
    "lattice.config": ("CELL_RULES", "OBJECTIVES", "SimpleProjectConfig", "preset_names"),
    "lattice.data.dataset": ("EmbeddingDataset",),
    "lattice.data.load": ("load_dataset",),
    "lattice.data.readers.base": ("ReadRequest", "Reader", "Rows"),
    "lattice.data.readers.choice": ("READERS",),
    "lattice.errors": ("CellcubeError", "CheckpointError", "ConfigError", "DataError", "DeviceError", "PluginError"),
    "lattice.inference": ("TrainedStudent", "load_student"),
    "lattice.plugins": ("COLOR_MODES", "PANELS", "Plugins", "Registry"),
    "lattice.training.trainer": ("EmbeddingTrainer",),
}

if not TYPE_CHECKING:  # a type checker takes the imports above, and knows that there is no other name
    __getattr__ = lazy_names(__name__, {name: module for module, names in _NAMES_OF.items() for name in names})


def __dir__() -> list[str]:
    """List the public names, whether they were imported or not."""
    return sorted({*globals(), *__all__})
