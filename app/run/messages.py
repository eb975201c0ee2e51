"""What the worker reports to the window: frozen values, safe to read from any thread."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from app.run.commands import Observe
from app.run.file_commands import SaveKind
from app.run.sound_commands import SoundKept
from app.run.summary import RunSummary
from lattice.config import EditCost
from lattice.errors import (
    CellcubeError,
    DataMovedError,
    NonFiniteError,
    RebuildRefusedError,
    TeacherError,
    is_out_of_memory,
)
from lattice.plugin_loading import plugin_fault
from lattice.training.outdated import outdates_scores
from lattice.training.reports import EvalReport, Observation, StepReport

RunState = Literal["empty", "loading", "paused", "stepping", "training", "finished", "failed"]
"""`stepping` is one training step that was requested by itself."""
Awaited = Literal["", "pause", "start"]
"""What was requested and the worker has not come to yet, as while a training step takes long."""

Remedy = Literal["", "locate data", "restart student"]
"""Where the data is, or leave to throw trained weights away."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A run is ready, and waits."""

    summary: RunSummary
    start: bool = False
    """Whether training it at once was requested."""


@dataclass(frozen=True)
class StateChanged:
    """The worker now does something else."""

    state: RunState


@dataclass(frozen=True, eq=False)
class StepsDone:
    """All training steps since the last such message, oldest first."""

    reports: tuple[StepReport, ...]
    steps_per_second: float
    """Over the last seconds of wall time, evaluations left out; 0 if unknown."""


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The student was scored on the held-out samples."""

    report: EvalReport
    scoring_seconds: float = 0.0
    """What scoring took, without fitting the baselines, which is done once."""


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
    way: Literal["apply", "undo", "redo", "back"] = "apply"
    """How they came into force; `back`: the run went back to its last sound state."""
    brought_back: bool = False
    """A run that was kept took the present one's place: these are its settings."""
    watched: Observe | None = None
    """What was watched in that run."""
    step_left: int = 0
    """Training step of the run that was left for it."""
    undo_levels: int = 0
    """Edits that can be undone now."""
    redo_levels: int = 0
    """Edits that were undone and can be applied again now."""

    @property
    def restarts_scores(self) -> bool:
        """Whether the cube now computes something else, so that what was measured before says nothing about it."""
        return self.cost in ("stencil", "rebuild")

    @property
    def outdates_scores(self) -> bool:
        """Whether scores that were measured before say nothing about the run as it is now, see `outdates_scores`."""
        return outdates_scores(self.changed, self.cost)


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
    token: int = 0
    """Of the command that failed; 0 if nobody waits for its answer."""
    remedy: Remedy = ""
    """What may help with a saved run."""
    non_finite: bool = False
    """Whether a number of the training step was not finite, so that its update was left out."""
    cell: tuple[int, int, int] | None = None
    lattice_step: int | None = None
    """Which cell's state it was, and the index of that state; None where it was none's."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A command was carried out."""

    token: int
    result: Any
    """What the command's type parameter says."""


@dataclass(frozen=True)
class GivenUp:
    """A command was cancelled."""

    token: int


PAUSED_ADVICE = "The run is paused and can still be saved. Press Start to go on, or reset the run."
PLUGIN_ADVICE = "Mend the plugin: it is loaded again when its file is saved. Everything else goes on as before."
REMEDY_ADVICE: dict[Remedy, str] = {
    "": "",
    "locate data": "Locate the data, and the run goes on with it.",
    "restart student": "Open the file without these changes to go on, or begin a new student: its weights start again.",
}
UNHARMED_ADVICE = "Everything else goes on as before."

Message = (
    Opened
    | StateChanged
    | StepsDone
    | Evaluated
    | Observed
    | Applied
    | Saved
    | WorkProgress
    | WorkDone
    | Failed
    | Answered
    | GivenUp
    | SoundKept
)


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
    if isinstance(error, NonFiniteError):
        return Failed(title, str(error), "", details, non_finite=True, cell=error.cell, lattice_step=error.lattice_step)
    if isinstance(error, CellcubeError):
        remedy = _remedy(error)
        return Failed(title, str(error), REMEDY_ADVICE[remedy], details, remedy=remedy)
    if is_out_of_memory(error):
        return Failed(
            title,
            "There is not enough memory for this.",
            f"Lower the batch size, the lattice's size or its lattice steps{', then press Start' if paused else ''}.",
            details,
        )
    if isinstance(error, OSError):
        return Failed(title, str(error), "Check that the file and its folder exist and can be used.", details)
    if fault := plugin_fault(error):
        return Failed(title, fault, PAUSED_ADVICE if paused else PLUGIN_ADVICE, details)
    return Failed(
        title,
        f"{type(error).__name__}: {error}" if str(error) else type(error).__name__,
        PAUSED_ADVICE if paused else UNHARMED_ADVICE,
        details,
    )


def _remedy(error: CellcubeError) -> Remedy:
    if isinstance(error, DataMovedError):
        return "locate data"
    return "restart student" if isinstance(error, RebuildRefusedError) else ""


def input_failure(title: str, error: Exception) -> Failed:
    """Put a problem of the user's making into words, without a traceback."""
    return replace(describe_failure(title, error), details="")
