"""What the worker tells the window: frozen values, safe to read from any thread."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from app.run.commands import Observe, SaveKind
from lattice.config import EditCost, SimpleProjectConfig
from lattice.errors import CellcubeError, TeacherError
from lattice.training.reports import EvalReport, Observation, StepReport

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

RunState = Literal["empty", "loading", "paused", "stepping", "training", "finished", "failed"]
"""`stepping` is one training step that was asked for by itself."""
Awaited = Literal["", "pause", "start"]
"""What was asked for and the worker has not come to yet, as while a training step takes long."""


@dataclass(frozen=True, eq=False)
class RunSummary:
    """What is known about a run as a whole."""

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
    recovered: bool = False
    """That file is an autosave that a crash left behind."""
    curves: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The run's course as stored with the checkpoint that it was resumed from."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A run is ready, and waits."""

    summary: RunSummary
    start: bool = False
    """Whether it was asked to be trained at once."""


@dataclass(frozen=True)
class StateChanged:
    """The worker now does something else."""

    state: RunState


@dataclass(frozen=True, eq=False)
class StepsDone:
    """All training steps since the last such message, oldest first."""

    reports: tuple[StepReport, ...]
    steps_per_second: float
    """Over the last seconds of wall time, everything between training steps included; 0 if unknown."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The student was scored on the held-out samples."""

    report: EvalReport


@dataclass(frozen=True, eq=False)
class Observed:
    """One watched sample's rollout."""

    observation: Observation
    seconds: float
    """What this observation took."""
    share: float
    """Share of the worker's last seconds that went into observing, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Applied:
    """Edited settings are in force."""

    summary: RunSummary
    cost: EditCost | None
    changed: tuple[str, ...]
    """Dotted keys that changed."""
    not_kept: str = ""
    """Why the run as it was before could not be kept for Undo, if it should have been."""
    undone: bool = False
    """The last Apply was undone: these are the settings from before it, with the run that they belong to."""
    watched: Observe | None = None
    """What was watched then, if this is an undo."""

    @property
    def anew(self) -> bool:
        """Whether the cube now computes something else, so that what was measured before says nothing about it."""
        return self.cost in ("stencil", "rebuild")


@dataclass(frozen=True)
class Saved:
    """A file was written."""

    path: Path
    kind: SaveKind
    training_step: int


@dataclass(frozen=True)
class WorkProgress:
    """How far long work is; `total` None means that nobody knows."""

    what: str
    done: int
    total: int | None


@dataclass(frozen=True)
class WorkDone:
    """The long work is over, whatever its outcome."""

    cancelled: bool = False


@dataclass(frozen=True)
class Failed:
    """Something went wrong; the window lives on."""

    title: str
    what: str
    """What happened, to what, in words for a person."""
    advice: str
    """What to do."""
    details: str
    """Traceback, to copy."""
    teacher: bool = False
    """Whether another teacher may help."""


PAUSED_ADVICE = "The run is paused and can still be saved. Press Start to go on, or reset the run."
UNHARMED_ADVICE = "Everything else goes on as before."

Message = Opened | StateChanged | StepsDone | Evaluated | Observed | Applied | Saved | WorkProgress | WorkDone | Failed


def describe_failure(title: str, error: BaseException, *, paused: bool = False) -> Failed:
    """Put an exception into words; errors meant for people speak for themselves.

    Args:
        title: a headline.
        error: what was raised.
        paused: whether it stopped the training, which can be started again.
    """
    details = "".join(traceback.format_exception(error))
    if isinstance(error, TeacherError):
        return Failed(title, str(error), "File > Open texts... lets you choose another teacher.", details, True)
    if isinstance(error, CellcubeError):
        return Failed(title, str(error), "", details)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return Failed(
            title,
            "There is not enough memory for this.",
            f"Lower the batch size, the lattice's size or its lattice steps{', then press Start' if paused else ''}.",
            details,
        )
    if isinstance(error, OSError):
        return Failed(title, str(error), "Check that the file and its folder exist and can be used.", details)
    return Failed(
        title,
        f"{type(error).__name__}: {error}" if str(error) else type(error).__name__,
        PAUSED_ADVICE if paused else UNHARMED_ADVICE,
        details,
    )
