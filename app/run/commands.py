"""What the window requests of the worker: plain data, so that a run in another process could be steered by it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.run.command import Command, Job
from app.run.file_commands import EncodeTexts, ExportCurves, ExportEmbeddings, ExportStudent, PushStudent, Save
from app.run.sound_commands import GoBack, GoOn
from app.run.summary import KeptIn, RunSummary
from lattice.config import SimpleProjectConfig, Wishes
from lattice.config.teacher import TeacherSettings
from lattice.data.survey.rows import SurveyRows
from lattice.training.damage_report import DamageReport
from lattice.training.reports import HeardTier
from lattice.training.resume_proof import ResumeProof
from lattice.training.sample_report import SCORING, SampleReport


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
    kept: KeptIn | None = None
    """What the user saved last of such a run; None if nothing."""
    held: bool = False
    """Keep the new run ready beside the present one, which goes on, until `TakeReady` or `DropReady`."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't open {self.name}"


@dataclass(frozen=True)
class TakeReady(Command[RunSummary]):
    """Put the run that is held ready in place of the present one; given up if another one is held by now."""

    held: int
    """Token of the `OpenRun` that opened it."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The new run can't take the place of this one"


@dataclass(frozen=True)
class DropReady(Command[None]):
    """Forget the run that is held ready, unless another one is held by now: the present one stays."""

    held: int
    """Token of the `OpenRun` that opened it."""


@dataclass(frozen=True)
class Start(Command[None]):
    """Train until paused."""


@dataclass(frozen=True)
class Track(Command[None]):
    """Also hand the figures and pictures of this run, and of those that come, to trackers."""

    names: tuple[str, ...]
    """Registered ones; none ends the tracking."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The run can't be tracked so"


@dataclass(frozen=True)
class Pause(Command[None]):
    """Stop training after the training step that is being done."""


@dataclass(frozen=True)
class SingleStep(Command[None]):
    """Do one training step, then pause."""


@dataclass(frozen=True)
class Reset(Command[None]):
    """Begin the run again: same settings, same data, fresh weights."""

    raised: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """By how much a press of Start raises the training steps, for the run that begins."""


@dataclass(frozen=True)
class Evaluate(Command[None]):
    """Score the student on the held-out samples now."""


@dataclass(frozen=True)
class Apply(Command[str]):
    """Change the settings of the run; answered with why it was left undone, see `only_undoable`, or nothing."""

    config: SimpleProjectConfig
    only_undoable: bool = False
    """Change nothing if the run as it is can't be kept for Undo."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The settings were not applied"


@dataclass(frozen=True)
class UndoApply(Command[None]):
    """Undo the newest edit that was applied; one that rebuilt something brings back the run from before it."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The last Apply can't be undone"


@dataclass(frozen=True)
class RedoApply(Command[None]):
    """Apply the edit again that was undone last; one that rebuilt something brings back the run that was left."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "What was undone can't be applied again"


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
class ReadMessages(Command[Mapping[str, HeardTier] | None]):
    """Compute what one cell hears in an observed state; answered with None if that can't be had."""

    state_XYZC: NDArray[np.float32]
    lattice_step: int
    """Index of that state."""
    cell: tuple[int, int, int]

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "Can't read the messages of a cell"


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
    def doing(self) -> str:
        """What the work is called."""
        return "Encoding a sentence" if self.text else "Loading the teacher"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "Can't encode the sentence" if self.text else f"Can't load teacher {self.teacher.model}"


@dataclass(frozen=True)
class MeasureDamage(Job[DamageReport]):
    """Score the student with shares of its cells and single layers erased."""

    @property
    def doing(self) -> str:
        """What the work is called."""
        return "Measuring damage"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The damage can't be measured"


@dataclass(frozen=True)
class ScoreSamples(Job[SampleReport]):
    """Score every sample with the student as it is; after a cancel, answered with those that are scored."""

    @property
    def doing(self) -> str:
        """What the work is called."""
        return SCORING

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The samples can't be scored"


@dataclass(frozen=True)
class ProveResume(Job[ResumeProof]):
    """Compare training steps that go on here with as many from a save in another process; the run stays as it is."""

    steps: int

    @property
    def doing(self) -> str:
        """What the work is called."""
        return "Proving that the run resumes"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "It can't be proved that this run resumes"


@dataclass(frozen=True)
class ReadRows(Command[SurveyRows]):
    """Hand out the data's embeddings in the computer's memory, or a fixed part of them."""

    most: int
    """Samples at most."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The samples can't be read"


COMMANDS: tuple[type[Command[Any]], ...] = (
    OpenRun,
    TakeReady,
    DropReady,
    Start,
    Pause,
    SingleStep,
    Reset,
    Evaluate,
    Apply,
    UndoApply,
    RedoApply,
    GoBack,
    GoOn,
    ReloadRule,
    Observe,
    ReadMessages,
    Save,
    ExportCurves,
    ExportStudent,
    ExportEmbeddings,
    PushStudent,
    EncodeTexts,
    ProbeSentence,
    MeasureDamage,
    ScoreSamples,
    ProveResume,
    Track,
    ReadRows,
)

Kinds = tuple[type[Command[Any]], ...]

LONG: Kinds = (OpenRun, Reset, Apply, UndoApply, RedoApply, GoBack, Job)
"""May take minutes: what was requested after them stays in the queue, where some of it can be served meanwhile."""
PASSING: Kinds = (Start, Pause, Save, ExportCurves)
"""Are served during long work."""
LOOKS: Kinds = (Observe, ReadMessages)
"""Are served between the batches of an evaluation, which they do not end."""
PATIENT: Kinds = (*LOOKS, ReadRows, Track, GoOn)
"""Wait for an evaluation under way to end, or are served during it; anything else ends it."""
ORDERED: Kinds = (OpenRun, TakeReady, DropReady, Reset, SingleStep, Apply, UndoApply, RedoApply, GoBack, ReloadRule)
"""Change the run: nothing but an observation passes them."""
