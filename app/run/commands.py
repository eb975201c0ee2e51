"""What the window requests of the worker: plain data, so that a run in another process could be steered by it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.run.summary import RunSummary
from lattice.config import SimpleProjectConfig, Wishes
from lattice.config.runtime import DevicePolicy
from lattice.config.teacher import TeacherSettings
from lattice.exporting.forms import Exported
from lattice.training.damage_report import DamageReport

R_co = TypeVar("R_co", covariant=True)

SaveKind = Literal["checkpoint", "autosave", "embeddings"]


@dataclass(frozen=True)
class Command(Generic[R_co]):
    """One request; its type parameter is what it is answered with. No field may hold a function."""

    token: int = field(default=0, kw_only=True)
    """Comes back with the answer, or with the failure; 0: nobody waits for one."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The command failed"


@dataclass(frozen=True)
class Job(Command[R_co]):
    """Long work that changes no run, with progress and Cancel; training waits meanwhile, watching and saving do not."""


@dataclass(frozen=True)
class OpenRun(Command[RunSummary]):
    """Build a new run, or resume one; the present run stays until the new one is ready."""

    name: str
    """What is opened, for messages: a preset's or a file's name."""
    config: SimpleProjectConfig | None = None
    """Settings of a new run; None with a checkpoint."""
    checkpoint: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    """Changes to the settings of the checkpoint, or of a new run that begins with `weights`."""
    restart_student: bool = False
    """Whether a new student may take the trained one's place, if those changes need that."""
    start: bool = False
    """Train as soon as the run is ready."""
    weights: Path | None = None
    """Checkpoint or export whose weights a new run begins with; without `config`, with its settings too."""
    recovered: bool = False
    """The checkpoint is an autosave that a crash left behind: it is no file of the user's."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't open {self.name}"


@dataclass(frozen=True)
class Start(Command[None]):
    """Train until paused."""


@dataclass(frozen=True)
class Pause(Command[None]):
    """Stop training after the training step that is being done."""


@dataclass(frozen=True)
class SingleStep(Command[None]):
    """Do one training step, then pause."""


@dataclass(frozen=True)
class Reset(Command[None]):
    """Begin the run again: same settings, same data, fresh weights."""


@dataclass(frozen=True)
class Evaluate(Command[None]):
    """Score the student on the held-out samples now."""


@dataclass(frozen=True)
class Apply(Command[None]):
    """Change the settings of the run."""

    config: SimpleProjectConfig

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The settings were not applied"


@dataclass(frozen=True)
class UndoApply(Command[None]):
    """Bring back the run as it was before the last Apply that cost more than a live edit."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The last Apply can't be undone"


@dataclass(frozen=True)
class RuleReloaded:
    """What became of the student's weights in a `ReloadRule`; names as in the student."""

    kept: tuple[str, ...]
    renewed: tuple[str, ...]
    """Weights that begin again."""
    dropped: tuple[str, ...] = ()
    """Weights of before that have no place any more."""


@dataclass(frozen=True)
class ReloadRule(Command[RuleReloaded]):
    """Go on with the cell rule's class as it is registered now, with every weight that still fits."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The cell rule can't be used as it is now; the one before goes on"


@dataclass(frozen=True, eq=False)
class Observe(Command[None]):
    """Roll out one sample, or one embedding, for the screen."""

    sample: int = 0
    embedding: NDArray[np.float32] | None = None
    """[D]; takes the place of `sample`."""
    text: str = ""
    learning_signal: bool = False
    """Also compute the norm of the loss gradient at every state."""
    erased: NDArray[np.bool_] | None = None
    """Cells to hold at the state zero for this look, [X, Y, Z]; those of another size of cube are ignored."""
    mean_states: bool = False
    """Also bring the mean state over training samples, kept up to date in small portions."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "Can't show this sample"


@dataclass(frozen=True, eq=False)
class Save(Command[Path]):
    """Write a file from the run; answered with that file."""

    path: Path
    kind: SaveKind = "checkpoint"
    curves: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The run's course so far (`History.to_arrays`), stored with a checkpoint or autosave."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The autosave failed" if self.kind == "autosave" else f"Can't save {self.path.name}"


@dataclass(frozen=True, eq=False)
class ExportCurves(Command[Path]):
    """Write the run's course as a table; answered with the file."""

    path: Path
    curves: Mapping[str, NDArray[Any]]
    """`History.to_arrays`."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't save {self.path.name}"


@dataclass(frozen=True)
class ExportStudent(Job[Exported | None]):
    """Write the student for use elsewhere, in the form that the file's ending says, with a model card beside it."""

    path: Path

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't export {self.path.name}"


@dataclass(frozen=True)
class EncodedTexts:
    """What became of an `EncodeTexts`."""

    kept: int
    """Texts that were encoded."""
    dropped: int
    """Rows without a text, which were left out."""
    teacher: str
    """For people: name, width and pooling."""


@dataclass(frozen=True)
class EncodeTexts(Job[EncodedTexts]):
    """Turn a file of texts into a file of embeddings."""

    source: Path
    out: Path
    """File of embeddings to write."""
    teacher: TeacherSettings
    column: str | None = None
    """Column of the texts; None: guess."""
    pair: tuple[str, str] | None = None
    """Both columns of pairs; None for single texts."""
    device: DevicePolicy = "auto"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't encode {self.source.name}"


@dataclass(frozen=True, eq=False)
class ProbeAnswer:
    """What became of a `ProbeSentence`: a loaded teacher, an embedding if a text was given, or why not."""

    fingerprint: str
    """Of the data that the teacher was compared with."""
    settings: TeacherSettings
    agreement: float | None = None
    """Mean cosine between the teacher's embeddings of some of the data's texts and the stored ones; None if unknown."""
    made_the_data: bool | None = None
    """Whether the stored embeddings are this teacher's; None if that is unknown."""
    embedding_D: NDArray[np.float32] | None = None
    """float32 [D]; None without a text."""
    problem: str = ""
    """Why there is no teacher, in a sentence; empty if there is one."""


@dataclass(frozen=True)
class ProbeSentence(Job[ProbeAnswer]):
    """Encode a sentence that is not in the data, with its teacher loaded first; without a text, only load."""

    fingerprint: str
    """Of the data that the sentence is to stand among: another run's data is refused."""
    teacher: TeacherSettings
    text: str = ""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "Can't encode the sentence" if self.text else f"Can't load teacher {self.teacher.model}"


@dataclass(frozen=True)
class MeasureDamage(Job[DamageReport]):
    """Score the student with shares and layers of its interior erased."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The damage can't be measured"


COMMANDS: tuple[type[Command[Any]], ...] = (
    OpenRun,
    Start,
    Pause,
    SingleStep,
    Reset,
    Evaluate,
    Apply,
    UndoApply,
    ReloadRule,
    Observe,
    Save,
    ExportCurves,
    ExportStudent,
    EncodeTexts,
    ProbeSentence,
    MeasureDamage,
)

Kinds = tuple[type[Command[Any]], ...]

LONG: Kinds = (OpenRun, Reset, Apply, UndoApply, Job)
"""May take minutes: what was requested after them stays in the queue, where some of it can be served meanwhile."""
PASSING: Kinds = (Start, Pause, Save, ExportCurves)
"""Are served during long work."""
ORDERED: Kinds = (OpenRun, Reset, SingleStep, Apply, UndoApply, ReloadRule)
"""Change the run: nothing but an observation passes them."""
