"""The training loop of the terminal: steps, scores, figures and saves, until the end or a signal."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tqdm import tqdm

from lattice.cli.heartbeat import Heartbeat
from lattice.cli.signals import StopSwitch
from lattice.progress import Cancelled
from lattice.runs.keeper import RunKeeper
from lattice.tracking.tracking import Tracking
from lattice.training.divergence import pauses

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport, StepReport
    from lattice.training.trainer import EmbeddingTrainer

CUDA_STRIDE = 10
"""Training steps between two reports on CUDA, where a report costs a host sync."""


@dataclass(frozen=True)
class Session:
    """What was trained since the program began."""

    steps: int
    seconds: float
    """Wall time of the training steps alone."""
    evaluation: EvalReport | None
    """The last one, None if there was none."""
    diverged: bool = False
    """Whether the loss diverged, and the run is to end then."""

    def last_scores(self, trainer: EmbeddingTrainer) -> EvalReport | None:
        """Return the last evaluation if the student was not trained since."""
        scored = self.evaluation
        return scored if scored is not None and scored.training_step == trainer.training_step else None


def train(trainer: EmbeddingTrainer, end: int, keeper: RunKeeper, switch: StopSwitch, tracking: Tracking) -> Session:
    """Train up to training step `end`, or until the switch is pressed; an exception comes through as it is."""
    first = trainer.training_step
    stride = CUDA_STRIDE if trainer.device.type == "cuda" else 1
    seconds = 0.0
    evaluation: EvalReport | None = None
    diverged = False
    heartbeat = Heartbeat(first, end)
    if trainer.start_unscored and not switch.pressed:
        evaluation = evaluate(trainer, keeper, switch, tracking, 1, heartbeat)
    with tqdm(total=end, initial=first, unit="step", desc="training", disable=None) as bar:
        while trainer.training_step < end and not switch.pressed and not diverged:
            every = trainer.config.training_embedding.evaluate_every
            until = min(end, (trainer.training_step // every + 1) * every)
            began = time.perf_counter()
            report = trainer.advance(min(stride, until - trainer.training_step))
            seconds += time.perf_counter() - began
            diverged = pauses(report, trainer.config)
            tracking.stepped(report)
            with switch.patient("never"):
                keeper.stepped(asdict(report))
            if trainer.training_step == until and trainer.training_step < end:
                evaluation = evaluate(trainer, keeper, switch, tracking, 1, heartbeat) or evaluation
            bar.update(trainer.training_step - bar.n)
            bar.set_postfix(_postfix(report, evaluation), refresh=False)
            heartbeat.stepped(trainer.training_step, seconds, report, evaluation)
    return Session(trainer.training_step - first, seconds, evaluation, diverged)


def evaluate(
    trainer: EmbeddingTrainer,
    keeper: RunKeeper,
    switch: StopSwitch,
    tracking: Tracking,
    presses: int,
    heartbeat: Heartbeat | None = None,
) -> EvalReport | None:
    """Score the run and keep it if it is the best so far; None if `presses` of the switch came before the end."""
    heartbeat = heartbeat or Heartbeat(trainer.training_step, trainer.total_steps)

    def stop_if_pressed(what: str, done: int, total: int | None) -> None:
        heartbeat.working(what, done, total)
        if switch.presses >= presses:
            raise Cancelled

    try:
        evaluation = trainer.evaluate(stop_if_pressed)
    except Cancelled:
        return None
    with switch.patient("never"):
        keeper.evaluated(evaluation.to_dict(), evaluation.student.cosine)
    tracking.evaluated(evaluation, trainer)
    return evaluation


def _postfix(report: StepReport, evaluation: EvalReport | None) -> dict[str, str]:
    shown = {"loss": f"{report.losses['total']:.4f}"}
    if evaluation is not None:
        shown["val_cosine"] = f"{evaluation.student.cosine:.4f}"
    return shown
