"""Going on with a saved run: with what changes, on which data, and at what cost. Window and command line share this."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.config import EditCost, SimpleProjectConfig, Wishes, flat_settings
from lattice.errors import DataError, DataMovedError, ExtraDataMovedError, OtherSamplesError, RebuildRefusedError
from lattice.log import logger
from lattice.progress import Progress, no_progress
from lattice.runs.peek import peek
from lattice.units import plural, score_text

if TYPE_CHECKING:
    from lattice.data import EmbeddingDataset
    from lattice.training.checkpoint import Checkpoint
    from lattice.training.trainer import EmbeddingTrainer

_DATA = "training_embedding.data"
_HOW_DATA_IS_READ = frozenset(
    f"training_embedding.{name}" for name in ("data", "max_total_samples", "gpu_memory_reserve_gb")
)
_SECTIONS_OF_DATA = ("data.", "teacher.")


@dataclass(frozen=True)
class ResumeRequest:
    """Which run to go on with, and how."""

    checkpoint: Path
    wishes: Wishes = field(default_factory=Wishes)
    """Changes to its settings."""
    restart_student: bool = False
    """Whether a new student may take the place of the trained one, if the changes need that."""


def resume_run(request: ResumeRequest, progress: Progress = no_progress) -> EmbeddingTrainer:
    """Go on with a saved run.

    A change of where its data lies or how that is read costs nothing, as long as the samples are the same.

    Raises:
        DataMovedError: its data is not where it was; `OtherSamplesError` where that holds other samples.
        RebuildRefusedError: the changes, or the data, need a new student, and the request does not allow one.
        CellcubeError: the file, the data or the changes can't be used.
        Cancelled: from `progress`.
    """
    from lattice.training import saving
    from lattice.training.teacher_in_use import with_teacher_in_use
    from lattice.training.trainer import EmbeddingTrainer

    stored = saving.read_run(request.checkpoint)
    wanted = request.wishes.on(stored.config)
    base, dataset = _find_data(stored, wanted, progress)
    base, wanted = (with_teacher_in_use(config, dataset) for config in (base, wanted))
    changes = {key: cost for key, cost in base.changes_to(wanted).items() if key != "device.policy"}
    same_samples = dataset.fingerprint == stored.dataset.get("fingerprint")
    if not request.restart_student:
        dear = [key for key, cost in changes.items() if cost == "rebuild"]
        if dear:
            # Who names the wrong file wants to name the right one.
            moved = _DATA in dear and all(map(_is_about_reading, dear))
            kind = OtherSamplesError if moved else RebuildRefusedError
            raise kind(_refusal(stored, base, wanted, changes))
        if not same_samples:
            raise OtherSamplesError(f"{dataset.source} holds other samples than when {stored.path} was trained")
    if not same_samples:
        return _restarted(stored, wanted, dataset)
    stored = replace(stored, config=base)
    config, dataset, device = saving.prepare_run(stored, dataset, wanted.device.policy, progress)
    trainer = EmbeddingTrainer(config, dataset, device)
    saving.restore_run(trainer, stored)
    # What preparing changed, as another engine where the saved one is not there, is no edit.
    kept = {key: dict(flat_settings(config))[key] for key in base.changes_to(config)}
    trainer.apply(wanted.replaced({key: value for key, value in kept.items() if key not in changes}), progress=progress)
    _say_schedule(trainer, base)
    return trainer


def _say_schedule(trainer: EmbeddingTrainer, before: SimpleProjectConfig) -> None:
    """Say what the learning rate does where the run goes on with a schedule of another length."""
    from lattice.training.schedule import longer_schedule_text

    steps, longer = (config.training_embedding.training_steps for config in (before, trainer.config))
    done = trainer.training_step - trainer.schedule_start
    if done and steps != longer:
        logger.info("%s", longer_schedule_text(done, steps, longer, trainer.config.optimizer))


def _find_data(
    stored: Checkpoint, wanted: SimpleProjectConfig, progress: Progress
) -> tuple[SimpleProjectConfig, EmbeddingDataset]:
    """Return the run's settings, with the data where it is now, and the samples, which may be others."""
    from lattice.data import load_dataset
    from lattice.devices import choose_device
    from lattice.training.data_paths import missing_paths

    how = {key for key in stored.config.changes_to(wanted) if _is_about_reading(key)}
    values = dict(flat_settings(wanted))
    config = stored.config.replaced({key: values[key] for key in how})
    device = choose_device(wanted.device.policy)
    try:
        dataset = load_dataset(config.training_embedding, config.data, config.teacher, device=device, progress=progress)
    except DataError as error:
        missing = missing_paths(config)
        if not missing or missing[0] not in missing_paths(stored.config):
            raise
        kind = DataMovedError if missing[0] == config.training_embedding.data else ExtraDataMovedError
        raise kind(f"the data of {stored.path} is no longer at {missing[0]}") from error
    if dataset.fingerprint == stored.dataset.get("fingerprint"):
        for key in sorted(how):
            logger.info("%s is now %s: the samples are the same", key, values[key])
        return config, dataset
    return stored.config, dataset


def _is_about_reading(key: str) -> bool:
    return key in _HOW_DATA_IS_READ or key.startswith(_SECTIONS_OF_DATA)


def _refusal(
    stored: Checkpoint, base: SimpleProjectConfig, wanted: SimpleProjectConfig, changes: dict[str, EditCost]
) -> str:
    from lattice.training.editing import keeps_cell_weights, value_text

    old, new = dict(flat_settings(base)), dict(flat_settings(wanted))
    dear = [key for key, cost in changes.items() if cost == "rebuild"]
    named = ", ".join(f"{key} {value_text(old.get(key))} -> {value_text(new.get(key))}" for key in dear)
    other = " (other samples than it was trained on)" if any(_is_about_reading(key) for key in dear) else ""
    part = " but those that all cells share" if keeps_cell_weights(changes) else ""
    head = peek(stored.path)
    score = "" if head is None or head.val_cosine is None else f", validation cosine {score_text(head.val_cosine)}"
    return (
        f"{stored.path} can't go on with {named}{other}: that needs a new student, and all weights{part} of "
        f"{plural(stored.counters['training_step'], 'training step')}{score} would be lost"
    )


def _restarted(stored: Checkpoint, wanted: SimpleProjectConfig, dataset: EmbeddingDataset) -> EmbeddingTrainer:
    """Return the run with a new student on other data; its training steps count on, as after an Apply."""
    from lattice.training import saving
    from lattice.training.trainer import EmbeddingTrainer

    trainer = EmbeddingTrainer(wanted, dataset, dataset.device)
    saving.adopt_course(trainer, stored)
    trainer.extras = stored.extras
    trainer.count_from(stored.counters["training_step"])
    logger.info("A new student begins at training step %d, on %s", trainer.training_step, dataset.source)
    return trainer
