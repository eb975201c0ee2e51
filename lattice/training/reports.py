"""What a trainer hands out: plain frozen values, never changed after they were made.

Shapes: N cells, X Y Z sides, C state size, T lattice steps, D embedding width, m scalars per cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

EVALUATING = "Evaluating"
"""What the progress of an evaluation is called while the student is scored; baselines come before."""


@dataclass(frozen=True)
class StepReport:
    """One training step. Scalars only."""

    training_step: int
    """Optimizer updates done so far, this one included."""
    losses: dict[str, float]
    """Every weighted-in loss before weighting, plus `total`."""
    train_cosine: float
    """Mean cosine between student and target over the batch."""
    learning_rate: float
    gradient_norm: float
    """Global norm before clipping."""
    gradient_norms: dict[str, float]
    """Norm per part of the student: the rule's own groups, then `mapper`, `volume`, `extractor`."""
    gate_shares: dict[str, float]
    """Mean gate per tier over cells, batch and lattice steps; empty tiers are 0; empty for a rule without gates."""
    seconds: float
    """Wall time of this training step."""
    phase_seconds: dict[str, float]
    """Wall time by phase: `data`, `forward`, `backward`, `update`."""
    samples_per_second: float
    cell_updates_per_second: float
    peak_memory_bytes: int
    """CUDA: peak allocated so far. CPU: peak resident size of the process."""
    diverged: str = ""
    """Says so, once, when the loss exceeds a thousand times its best; else empty."""
    loss_ratio: float = 1.0
    """The total loss by its best so far, 1 or above, see `divergence.is_diverged`."""


@dataclass(frozen=True)
class Scores:
    """One model's scores on the held-out samples."""

    cosine: float
    nmse: float
    """Squared error over the squared deviation of the targets from their mean; 1 is the score of the mean."""
    retrieval_at_1: float
    """Share of samples whose own target is the nearest target by cosine."""
    retrieval_at_5: float


@dataclass(frozen=True)
class StartScores:
    """What a student and its read-out without rollout reached before their first training step."""

    training_step: int
    """At which the student began; above 0 after a rebuild."""
    student: Scores
    t0: Scores


@dataclass(frozen=True)
class EvalReport:
    """One evaluation on the held-out samples: the student, the same without rollout, and what it must beat."""

    training_step: int
    samples: int
    student: Scores
    t0: Scores
    """The same student with the rollout switched off."""
    identity: Scores
    pca: Scores
    linear: Scores
    baseline_rank: int
    """Rank of PCA and linear map: the scalars that pass the narrowest place of the student, or fewer
    where the samples they are fitted to have no more."""
    seconds: float
    fair: tuple[str, ...] = ("identity", "pca", "linear")
    """Those of identity, PCA and linear map that are fair for the objective."""
    baseline_place: str = ""
    """Where that narrowest place is, in words."""
    linear_draws: int = 1
    """Draws of the objective's noise that the linear map was fitted to; 1 where it draws none."""
    draws_seen: float = 0.0
    """How often the student has seen each training sample, on average."""
    mlp: Scores | None = None
    """A plain network of as many parameters, trained alike; None where it is switched off."""
    mlp_parameters: int = 0
    student_parameters: int = 0
    start: StartScores | None = None
    """Of this student before training; None if they were not measured under the present settings."""
    cosines_S: Array | None = field(default=None, compare=False, repr=False)
    """The student's cosine for each held-out sample, in the order of the data's `validation_indices`."""
    __pydantic_config__: ClassVar = {"arbitrary_types_allowed": True}
    """For who reads a report from a file: arrays are in none."""

    @property
    def baselines(self) -> dict[str, Scores]:
        """The scores that a cube must beat, by name: those of the fair baselines, and of the MLP."""
        named = {name: getattr(self, name) for name in self.fair}
        return named if self.mlp is None else {"mlp": self.mlp, **named}

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values for JSON, without those of single samples."""
        plain = asdict(replace(self, cosines_S=None))
        del plain["cosines_S"]
        return plain


@dataclass(frozen=True)
class HeardTier:
    """One tier's message to one cell."""

    norm: float
    """Euclidean norm of the message."""
    mean_norm: float
    """Mean of that norm over all cells."""
    sender: tuple[int, int, int] | None
    """Neighbour that the message depends on most; None where it depends on none."""
    share: float
    """Its share of what the message owes to neighbours, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Observation:
    """One watched sample's rollout. Arrays are C-contiguous, on the host, and never written again."""

    training_step: int
    sample: int
    """Index in the dataset; -1 for an embedding that is not in it (probe)."""
    text: str
    dimensions: tuple[int, int, int]
    states_TXYZC: Array
    """T+1 states, [T+1, X, Y, Z, C]; index 0 is the painted cube before the first lattice step."""
    gates_TXYZ3: Array
    """Gate per live expert, [T, X, Y, Z, 3], order local, functional, distant; sums to 1, empty tiers are 0.

    All 0 for a rule without gates.
    """
    skin_XYZm: Array
    """Mapper's scalars, [X, Y, Z, m]; NaN on cells that are no input cell."""
    readout_XYZm: Array
    """Extractor's scalars, [X, Y, Z, m]; NaN on cells that are no output cell."""
    signal_TXYZ: Array | None
    """Learning signal: norm of the loss gradient at each state, [T+1, X, Y, Z]; None if not requested."""
    input_D: Array
    target_D: Array
    student_D: Array
    cosine: float
    """Cosine between student and target."""
    t0_cosine: float
    """The same with the rollout switched off."""
    step_cosines: tuple[float, ...]
    """Cosine read out after each of the T+1 states."""
    nearest_before: tuple[tuple[int, float], ...] = field(default=())
    """(sample, cosine) of the samples nearest to the target by the teacher."""
    nearest_after: tuple[tuple[int, float], ...] = field(default=())
    """(sample, cosine) of the samples whose targets are nearest to the student's output."""
    trace: Mapping[str, Array] = field(default_factory=dict)
    """What the cell rule reports of each lattice step, name -> [T, X, Y, Z, k]; `experts` reports `gates`, k = 3."""
    erased_XYZ: Mask | None = None
    """Cells that were held at the state zero at every lattice step, [X, Y, Z]; None if none were."""
    intact_cosine: float | None = None
    """Where cells were erased: the cosine between the same cube's answer with all of its cells and the target."""
    mean_TXYZC: Array | None = None
    """Mean of `states_TXYZC` over some training samples, [T+1, X, Y, Z, C]; None when not requested."""
    mean_settled: bool = True
    """Whether that mean is of all its samples and of the student as it is: else further looks bring it nearer."""
