"""What is known about a run as a whole: the value that panels and actions are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from lattice.config import SimpleProjectConfig

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.training.warm_start import WarmStart


class KeptIn(NamedTuple):
    """A file of the user's that holds a run as it was when it was opened from it or saved to it."""

    path: Path
    training_step: int


@dataclass(frozen=True, eq=False)
class RunSummary:
    """One run, as it was when it was opened or when settings were last applied to it."""

    name: str
    config: SimpleProjectConfig
    dataset: EmbeddingDataset
    training_step: int
    total_steps: int
    """Training step at which the run is finished."""
    device: str
    """For people: `CPU (no CUDA device)`, or the name of the card."""
    engine: str
    engine_reason: str
    memory_bytes: dict[str, int]
    cuda: bool = False
    """Whether it is a card that CUDA runs on."""
    recompute: bool = False
    """Whether lattice steps are computed again for the gradients, as the trainer decided between training steps."""
    checkpoint: Path | None = None
    """File that the run was resumed from or last saved to."""
    diverged: bool = False
    """Whether the loss of its newest training step is beyond the bound of a divergence."""
    started_from: WarmStart | None = None
    """Where the weights came from, if it began with those of a file."""
    recovered: bool = False
    """That file is an autosave that a crash left behind."""
    kept: KeptIn | None = None
    """What the user saved last of a run that was recovered; None if nothing."""
    curves: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The run's course as stored with the checkpoint that it was resumed from."""
    colors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """What the cells' colours are read against, as stored with that checkpoint."""
    raised: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """By how much a press of Start raises the training steps, as stored with that checkpoint."""
