"""What the worker needs of a trainer; `EmbeddingTrainer` is one, tests have a quick one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lattice.config import EditCost, SimpleProjectConfig
from lattice.exporting.forms import Exported
from lattice.progress import Progress
from lattice.training.damage_report import DamageReport
from lattice.training.reports import EvalReport, HeardTier, Mask, Observation, StepReport
from lattice.training.resume_proof import ResumeProof
from lattice.training.sample_report import SampleReport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from lattice.data.dataset import EmbeddingDataset
    from lattice.neighbourhood.means import TierMeans
    from lattice.tiers import Tier
    from lattice.training.rule_reload import RuleReload
    from lattice.training.warm_start import WarmStart


class Trainer(Protocol):
    """A run that can be trained, watched, edited and saved. Used from the worker's thread only."""

    config: SimpleProjectConfig
    """Settings in force."""
    extras: dict[str, Tensor]
    """What checkpoints carry along for others, by name."""
    training_step: int
    """Optimizer updates done."""
    run_id: str
    """Names the run over all its sessions."""
    started_from: WarmStart | None
    """Where the weights came from, if the run did not begin with random ones."""

    @property
    def dataset(self) -> EmbeddingDataset:
        """Samples of the run."""

    @property
    def tier_means(self) -> TierMeans:
        """The engine that averages over tiers, and why it was chosen."""

    @property
    def recompute(self) -> bool:
        """Whether lattice steps are computed again for the gradients."""

    @property
    def total_steps(self) -> int:
        """Training step at which the schedule ends."""

    @property
    def diverged(self) -> bool:
        """Whether the newest loss is beyond the bound of a divergence."""

    @property
    def start_unscored(self) -> bool:
        """Whether the student is untrained and its scores are not known yet."""

    def step(self) -> StepReport:
        """Do one training step."""

    def evaluate(self, progress: Progress) -> EvalReport:
        """Score the student; `progress` may cancel it."""

    def measure_damage(self, progress: Progress) -> DamageReport:
        """Score the student with cells erased; `progress` may cancel it."""

    def score_samples(self, progress: Progress) -> SampleReport:
        """Return the cosine of every sample, or of those that were scored before `progress` cancelled."""

    def prove_resume(self, steps: int, progress: Progress) -> ResumeProof:
        """Compare training steps here with as many from a save in another process; `progress` may cancel."""

    def observe(
        self,
        sample: int,
        *,
        learning_signal: bool = False,
        mean_states: bool = False,
        erased_XYZ: Mask | None = None,
    ) -> Observation:
        """Roll out one sample; `mean_states` adds the mean states over training samples."""

    def observe_embedding(
        self,
        embedding_D: NDArray[np.float32],
        text: str = "",
        *,
        learning_signal: bool = False,
        erased_XYZ: Mask | None = None,
        mean_states: bool = False,
    ) -> Observation:
        """Roll out one embedding, float32 [D]."""

    def heard_tiers(
        self, state_XYZC: NDArray[np.float32], lattice_step: int, cell: tuple[int, int, int]
    ) -> dict[Tier, HeardTier]:
        """Return what a cell hears from each live tier in the observed state with this index, and from whom most."""

    def apply(self, config: SimpleProjectConfig, *, progress: Progress) -> EditCost | None:
        """Change the settings; `progress` may cancel it while data is loaded."""

    def reload_rule(self) -> RuleReload:
        """Go on with the cell rule's class as it is registered now, with every weight that still fits."""

    def save(self, path: Path) -> None:
        """Write a checkpoint."""

    def export(self, path: Path, progress: Progress = ...) -> Exported | None:
        """Write weights or a program for use elsewhere."""

    def export_embeddings(self, path: Path, progress: Progress = ...) -> int:
        """Write the student's outputs for all held-out samples; return how many there are."""

    def memory_bytes(self) -> dict[str, int]:
        """Bytes by what they are for."""
