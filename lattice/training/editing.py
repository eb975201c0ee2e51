"""Edits in mid-run: everything that can fail is built first, so that a failing edit changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lattice.config import EditCost, SimpleProjectConfig, edit_cost, flat_settings
from lattice.data import EmbeddingDataset, load_dataset
from lattice.errors import ConfigError
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import check_dataset
from lattice.progress import Progress, no_progress
from lattice.training.carry_over import CarryOver, carry_over
from lattice.training.engine import build_tier_means
from lattice.training.memories.start import start_from_data
from lattice.training.objective_trial import try_objective
from lattice.training.room import check_room, needed_bytes
from lattice.training.rule_trial import try_student
from lattice.training.run import Run
from lattice.training.teacher_in_use import with_teacher_in_use

DATA_KEYS = frozenset(
    f"training_embedding.{name}"
    for name in ("data", "max_total_samples", "gpu_memory_reserve_gb", "validation_fraction", "seed")
)
"""Settings that change the samples."""
DATA_SECTIONS = ("data.", "teacher.")
"""Sections of which every setting does."""


@dataclass(frozen=True)
class Edit:
    """What an edit puts in place; None means that it stays."""

    config: SimpleProjectConfig
    """The requested settings, with the teacher that is in use in place of one that they leave open."""
    changes: dict[str, EditCost]
    cost: EditCost
    tier_means: TierMeans
    dataset: EmbeddingDataset | None
    student: StudentModel | None
    carried: CarryOver | None = None
    """What became of the weights of the student before, if some may stay."""


def plan_edit(
    run: Run,
    config: SimpleProjectConfig,
    dataset: EmbeddingDataset | None,
    progress: Progress = no_progress,
) -> Edit | None:
    """Build what `config` needs beside the running student; None if nothing changed.

    Raises:
        ConfigError: the device would change in mid-run.
        DeviceError: a training step would not fit in memory.
        TierMemoryError: the stencils would not fit in memory.
        DataError: the data can't be loaded or does not serve the objective.
        PluginError: the cell rule or the objective, brought by a plugin, can't be made or fails its trial.
        Cancelled: from `progress`, while data is loaded or a start is fitted to it.
    """
    changes = run.config.changes_to(with_teacher_in_use(config, dataset or run.dataset))
    if "device.policy" in changes:
        raise ConfigError("the device can't change during a run: start a new run on the other device")
    if dataset is None and changes_data(changes):
        dataset = load_dataset(
            config.training_embedding, config.data, config.teacher, device=run.device, progress=progress
        )
    config = with_teacher_in_use(config, dataset or run.dataset)
    changes = run.config.changes_to(config)
    cost = edit_cost(changes)
    if cost is None:
        return None
    check_dataset(config, dataset or run.dataset)
    try_objective(config, (dataset or run.dataset).width, run.device)
    if needed_bytes(config, (dataset or run.dataset).width) > needed_bytes(run.config, run.dataset.width):
        check_room(config, (dataset or run.dataset).width, run.device)
    tier_means = run.tier_means
    if rebuilds_tiers(changes):
        tier_means = build_tier_means(config, run.device)
    student = carried = None
    if cost == "rebuild":
        width = (dataset or run.dataset).width
        student = try_student(config, width, tier_means, run.device)
        if keeps_cell_weights(changes):
            carried = carry_over(run.student, student, run.config, config, outer=False)
        start_from_data(student, tier_means, (dataset or run.dataset).to(run.device), config, progress)
    return Edit(config, changes, cost, tier_means, dataset, student, carried)


def changes_data(changes: Mapping[str, EditCost]) -> bool:
    """Say whether an edit loads the samples again."""
    return any(key in DATA_KEYS or key.startswith(DATA_SECTIONS) for key in changes)


def rebuilds_tiers(changes: Mapping[str, EditCost]) -> bool:
    """Say whether an edit builds the tier means again."""
    return edit_cost(changes) not in (None, "live") and any(
        key.startswith(("lattice.", "neighbors.")) for key in changes
    )


def edit_line(before: SimpleProjectConfig, after: SimpleProjectConfig, edit: Edit, step: int) -> str:
    """Return a line for the log: what changed, at which training step, and which engine computes tier means now."""
    old, new = dict(flat_settings(before)), dict(flat_settings(after))
    changed = (f"{key} {value_text(old[key])} -> {value_text(new[key])}" for key in before.changes_to(after))
    means = edit.tier_means
    return (
        f"Applied after training step {step:,} ({edit.cost}): {', '.join(changed)}; tiers with neighbours: "
        f"{', '.join(means.live_tiers) or 'none'}; engine '{means.engine}': {means.reason}"
    )


def value_text(value: object) -> str:
    """Return a setting's value in words, such as `8x8x8` for the sides of a cube."""
    return "x".join(str(part) for part in value) if isinstance(value, tuple) else str(value)


def keeps_cell_weights(changes: dict[str, EditCost]) -> bool:
    """Say whether a rebuild keeps the cell prototype's weights: only the size may require the rebuild."""
    return {key for key, cost in changes.items() if cost == "rebuild"} == {"lattice.dimensions"}
