"""`--headless`: train in the terminal, so that every way a run can end saves it."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.cli.damage import measured_damage
from lattice.cli.endings import DIVERGED, NOT_PROVEN, NOT_SAVED, ending_line, exit_code, keep_traceback
from lattice.cli.progress import progress_bar
from lattice.cli.proof import prove
from lattice.cli.signals import StopRequested, StopSwitch, stop_switch
from lattice.cli.summary import summary_lines, summary_of
from lattice.cli.training import Session, evaluate, train
from lattice.cli.warm import open_from_weights
from lattice.cli.wishes import config_from, wishes_from
from lattice.errors import CheckpointError, ConfigError
from lattice.log import logger
from lattice.runs.folder import RunFolder
from lattice.runs.keeper import RunKeeper
from lattice.runs.place import checkpoint_at
from lattice.runs.resume import ResumeRequest, resume_run
from lattice.runs.save_policy import SaveEvery
from lattice.runs.trial import try_write
from lattice.tracking.tracking import Tracking, check_trackers, start_tracking

if TYPE_CHECKING:
    from lattice.training.trainer import EmbeddingTrainer


def run_headless(arguments: argparse.Namespace) -> int:
    """Train as the options say; return the exit code."""
    from lattice.data.survey.findings import log_near_duplicates
    from lattice.data.survey.near_duplicates import near_duplicates_of

    out = _folder_of(arguments)
    if out is None and (arguments.save_every is not None or arguments.overwrite):
        raise ConfigError("--save-every and --overwrite say how the folder of a run is kept: name it with --out DIR")
    every = SaveEvery() if arguments.save_every is None else SaveEvery.parse(arguments.save_every)
    trackers = check_trackers(arguments.trackers)
    with stop_switch() as switch:
        folder = None
        if out is not None:
            resumed = None if arguments.resume is None else checkpoint_at(arguments.resume)
            folder = RunFolder(out).claim(overwrite=arguments.overwrite, resumed=resumed)
        try:
            trainer = _make_trainer(arguments)
            log_near_duplicates(near_duplicates_of(trainer.dataset))
            keeper = _keep(trainer, folder, every)
        except BaseException:
            if folder is not None:
                folder.release()
            raise
        place = None if folder is None else folder.files.folder
        tracking = start_tracking(trackers, trainer.config, trainer.run_id, trainer.training_step, place)
        try:
            return _run(trainer, keeper, switch, tracking, arguments)
        finally:
            with switch.patient("never"):
                keeper.close()
                tracking.close()


def _folder_of(arguments: argparse.Namespace) -> Path | None:
    """Return where the run is kept: `--out`, or the folder that it goes on from."""
    if arguments.out is not None:
        return Path(arguments.out)
    if arguments.resume is not None and arguments.resume.is_dir():
        return Path(arguments.resume)
    return None


def _make_trainer(arguments: argparse.Namespace) -> EmbeddingTrainer:
    from lattice.data import load_dataset
    from lattice.devices import choose_device
    from lattice.training.trainer import EmbeddingTrainer

    wishes = wishes_from(arguments)
    with progress_bar() as progress:
        if arguments.resume is not None:
            request = ResumeRequest(checkpoint_at(arguments.resume), wishes, restart_student=arguments.restart_student)
            return resume_run(request, progress)
        if arguments.weights is not None:
            return open_from_weights(arguments, wishes, progress)
        config = config_from(arguments)
        device = choose_device(config.device.policy)
        dataset = load_dataset(config.training_embedding, config.data, config.teacher, device=device, progress=progress)
        return EmbeddingTrainer(config, dataset, device, progress=progress)


def _keep(trainer: EmbeddingTrainer, folder: RunFolder | None, every: SaveEvery) -> RunKeeper:
    from lattice.training.saving import checkpoint_bytes

    if folder is None:
        logger.info("This run is saved only if it is stopped or fails: --out DIR keeps it")
        return RunKeeper(trainer, None, every)
    try_write(folder.files.folder, checkpoint_bytes(trainer))
    keeper = RunKeeper(trainer, folder, every, trainer.dataset.fingerprint)
    if not folder.holds(trainer.training_step) and not keeper.save_last():
        keeper.close()
        raise ConfigError(f"can't save to {folder.files.folder}, as said above; choose another one with --out")
    logger.info("Saved to %s %s, and at the end", folder.files.folder, every.described())
    return keeper


def _run(
    trainer: EmbeddingTrainer,
    keeper: RunKeeper,
    switch: StopSwitch,
    tracking: Tracking,
    arguments: argparse.Namespace,
) -> int:
    end = trainer.total_steps if arguments.stop_at is None else min(arguments.stop_at, trainer.total_steps)
    begun_at = trainer.training_step
    if begun_at >= end:
        _say_nothing_left(trainer, arguments.stop_at)
    try:
        with switch.patient("between steps"):
            session = train(trainer, end, keeper, switch, tracking)
            if trainer.training_step > begun_at:
                with switch.patient("never"):
                    _save(keeper, wanted=switch.pressed or session.diverged)
            code, text = _end(trainer, keeper, switch, tracking, session, arguments)
    except (Exception, StopRequested) as error:
        with switch.patient("never"):
            return _fail(trainer, keeper, switch, error)
    # Not in the block above: that nobody reads it is no failure of the run.
    try:
        with suppress(OSError) if code else nullcontext():  # the code says more than that the reader is gone
            print(text, flush=True)
    finally:
        if not keeper.in_folder:
            _say(f"this run could not be saved to its own folder; it was saved to {keeper.last}")
        elif not keeper.in_place:
            _say(f"the folder that was requested is not this run's any more; it was saved to {keeper.last}")
    return code


def _say_nothing_left(trainer: EmbeddingTrainer, stop_at: int | None) -> None:
    done, steps = trainer.training_step, trainer.config.training_embedding.training_steps
    if stop_at is not None and done < trainer.total_steps:
        logger.warning("Nothing to train: training step %d is done already, and --stop-at says %d", done, stop_at)
        return
    logger.warning(
        "Nothing left to train: training step %d is the last of the schedule; --training-steps N goes on, N above %d",
        done,
        steps,
    )


def _save(keeper: RunKeeper, *, wanted: bool) -> None:
    """Save the run at its end: to its folder, or, if it was stopped without one, to the platform's data folder."""
    if keeper.has_folder or wanted:
        path = keeper.save_at_end()
        logger.info("Saved training step %d to %s", keeper.last_step, path)


def _end(
    trainer: EmbeddingTrainer,
    keeper: RunKeeper,
    switch: StopSwitch,
    tracking: Tracking,
    session: Session,
    arguments: argparse.Namespace,
) -> tuple[int, str]:
    """Score the run, which is saved by now; return the exit code, and what to print of its figures."""
    evaluation = session.last_scores(trainer) or evaluate(trainer, keeper, switch, tracking, presses=2)
    proof = prove(trainer, arguments.prove_resume, switch) if arguments.prove_resume is not None else None
    unproven = proof is not None and not proof.equal
    if evaluation is not None and keeper.has_folder and keeper.in_folder and (keeper.last or proof):
        with switch.patient("never"):
            keeper.save_last()  # with its score and proof
    elif unproven and keeper.last is None:
        with switch.patient("never"):
            _save(keeper, wanted=True)
    checkpoint = None if keeper.last is None else str(keeper.last)
    if evaluation is None:
        text = f"training step {trainer.training_step}, not scored; checkpoint: {checkpoint}"
    else:
        summary = {**summary_of(trainer, evaluation, session.steps, session.seconds), "checkpoint": checkpoint}
        summary["diverged"] = session.diverged
        if arguments.damage_report and not switch.pressed:
            summary["damage"] = measured_damage(trainer)
        text = json.dumps(summary) if arguments.json else "\n".join(summary_lines(evaluation, summary))
    if not keeper.in_place:
        return switch.code or NOT_SAVED, text
    if unproven:
        return switch.code or NOT_PROVEN, text
    return switch.code or (DIVERGED if session.diverged else 0), text


def _fail(trainer: EmbeddingTrainer, keeper: RunKeeper, switch: StopSwitch, error: BaseException) -> int:
    """Save what was trained, say what happened, and return the exit code."""
    line = f"stopped in training step {trainer.training_step + 1}" if _by_signal(error, switch) else ending_line(error)
    code = switch.code if _by_signal(error, switch) else exit_code(error)
    if trainer.updating:
        line += "; the weights were in the middle of an update, so they were not saved"
    elif keeper.last_step != trainer.training_step and not isinstance(error, CheckpointError):
        try:
            keeper.save_at_end()
        except Exception as problem:  # the device may be gone, and the weights with it
            line += f"; {problem}"
    if keeper.last is not None:
        line += f". Training step {keeper.last_step} is saved in {keeper.last}"
    report = keep_traceback(error, keeper.last.parent if keeper.last is not None else None)
    _say(line if report is None else f"{line}. Details for a report: {report}")
    return code


def _by_signal(error: BaseException, switch: StopSwitch) -> bool:
    """Say whether a signal ended the run: by itself, or because the terminal that it took along can't be written."""
    return isinstance(error, StopRequested) or (switch.pressed and isinstance(error, OSError))


def _say(line: str) -> None:
    with suppress(OSError):
        print(f"cellcube: {line}", file=sys.stderr)
