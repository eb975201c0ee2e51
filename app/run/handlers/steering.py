"""Commands that steer the training and the view of it: start, pause, single step, evaluate, observe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.run.active_run import ActiveRun
from app.run.commands import (
    Evaluate,
    MeasureDamage,
    Observe,
    Pause,
    ProveResume,
    ReadMessages,
    ReadRows,
    ScoreSamples,
    SingleStep,
    Start,
    Track,
)
from app.run.messages import Observed
from lattice.data.survey.rows import SurveyRows, survey_rows
from lattice.errors import CellcubeError
from lattice.log import logger

if TYPE_CHECKING:
    from lattice.training.damage_report import DamageReport
    from lattice.training.reports import HeardTier
    from lattice.training.resume_proof import ResumeProof
    from lattice.training.sample_report import SampleReport


def start(run: ActiveRun, _command: Start) -> None:
    """Train until paused; a finished run stays finished."""
    trainer = run.need_trainer()
    if trainer.training_step < trainer.total_steps:
        _go_on_after_failure(run)
        run.training = True
        run.rates.begin(time.monotonic())
    else:
        run.out.repeat_state()


def _go_on_after_failure(run: ActiveRun) -> None:
    """Take the decision to train on after a failure for one to keep later states."""
    if run.failed:
        run.sound.go_on()
    run.failed = False


def pause(run: ActiveRun, _command: Pause) -> None:
    """Stop training."""
    run.training = False


def single_step(run: ActiveRun, _command: SingleStep) -> None:
    """Do one training step, then wait."""
    trainer = run.need_trainer()
    if trainer.training_step == trainer.total_steps:
        logger.info(
            "Training steps after step %d are past the schedule's end: the learning rate stays where it ended",
            trainer.total_steps,
        )
    _go_on_after_failure(run)
    run.training = False
    run.rates.begin(time.monotonic())
    run.stepping = True
    run.out.set_state("stepping")
    try:
        run.train()
    finally:
        run.stepping = False


def evaluate(run: ActiveRun, _command: Evaluate) -> None:
    """Score the student on the held-out samples."""
    run.need_trainer()
    run.evaluate()


def measure_damage(run: ActiveRun, _command: MeasureDamage) -> DamageReport:
    """Score the student with cells erased, with progress and Cancel."""
    return run.need_trainer().measure_damage(run.work_progress)


def score_samples(run: ActiveRun, _command: ScoreSamples) -> SampleReport:
    """Score every sample, with progress and Cancel, which keeps what is scored."""
    return run.need_trainer().score_samples(run.work_progress)


def track(run: ActiveRun, command: Track) -> None:
    """Hand what is reported to other trackers than before."""
    run.trackers.choose(command.names, run.trainer)


def prove_resume(run: ActiveRun, command: ProveResume) -> ResumeProof:
    """Prove that the run resumes; nothing is served meanwhile, since the run is trained on aside."""
    return run.need_trainer().prove_resume(command.steps, run.lone_progress)


def read_rows(run: ActiveRun, command: ReadRows) -> SurveyRows:
    """Return embeddings in the computer's memory: only this thread may use the card that may hold them."""
    return survey_rows(run.need_trainer().dataset, command.most).on_host()


def observe(run: ActiveRun, command: Observe) -> None:
    """Roll out a sample or an embedding for the screen; without a run there is nothing to see."""
    trainer = run.trainer
    if trainer is None:
        return
    run.watched = command
    began = time.monotonic()
    # Cells were chosen in the cube that was on screen, which an Apply before this may have replaced.
    fits = command.erased is not None and command.erased.shape == trainer.config.lattice.dimensions
    erased_XYZ = command.erased if fits else None
    # An embedding of another width was requested with the data before: the sample takes its place.
    if command.embedding is not None and len(command.embedding) == trainer.dataset.width:
        observation = trainer.observe_embedding(
            command.embedding,
            command.text,
            learning_signal=command.learning_signal,
            mean_states=command.mean_states,
            erased_XYZ=erased_XYZ,
        )
    else:
        sample = min(command.sample, len(trainer.dataset) - 1)
        observation = trainer.observe(
            sample,
            learning_signal=command.learning_signal,
            mean_states=command.mean_states,
            erased_XYZ=erased_XYZ,
        )
    now = time.monotonic()
    run.rates.observed(now, now - began)
    run.out.send(Observed(observation, now - began, run.rates.watching_share(now)))


def read_messages(run: ActiveRun, command: ReadMessages) -> Mapping[str, HeardTier] | None:
    """Compute what a cell hears; an observation of a cube that is gone gets no answer but None."""
    trainer = run.trainer
    if trainer is None or command.state_XYZC.shape[-1] != trainer.config.model.state_size:
        return None
    try:
        heard = trainer.heard_tiers(command.state_XYZC, command.lattice_step, command.cell)
    except CellcubeError as error:
        logger.debug("The messages of cell %s can't be read: %s", command.cell, error)
        return None
    return {str(tier): message for tier, message in heard.items()}
