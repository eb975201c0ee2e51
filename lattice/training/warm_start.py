"""A warm start: a new run whose weights come from a checkpoint or an export, with other data, width or size.

Cells trained in one cube work in another if they hear the same neighbours there. What they hear comes with them: the
rule's settings and the tiers' distances in cells are taken from the file unless the new run's were set on purpose.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lattice.config import SimpleProjectConfig, Wishes, flat_settings
from lattice.config.data import OF_ONE_SOURCE, DataSettings
from lattice.errors import ConfigError
from lattice.model.student import StudentModel
from lattice.progress import Progress, no_progress
from lattice.tiers.flow import longest_way, similarity_channels
from lattice.training.carry_over import CarryOver, carry_over
from lattice.training.checkpoint import Checkpoint, load_into
from lattice.training.memories.start import start_from_data
from lattice.training.optimizer import make_optimizer
from lattice.training.run import Run

_DISTANCES = ("local_distance_ratio", "functional_distance_ratio", "distant_distance_ratio")
_MOST_STEPS = 64


@dataclass(frozen=True)
class WarmStart:
    """Where a run's first weights came from."""

    path: Path
    training_step: int | None
    """Training steps that the weights had seen; None for an export, which does not say."""
    dimensions: tuple[int, int, int]
    """Size of the cube that they were trained in."""
    width: int
    """Embedding width that they were trained on."""
    settings: tuple[str, ...]
    """Settings that came with the cells and differ from those requested, as `key before -> after`."""
    weights: CarryOver
    start: str
    """How outer maps that begin again start: `random`, `identity` or `memories`."""

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values for JSON."""
        return {**asdict(self), "path": str(self.path)}

    def lines(self) -> list[str]:
        """Return what happened, a line each for the log and the dialog."""
        seen = "" if self.training_step is None else f" after {self.training_step:,} training steps"
        size = "x".join(map(str, self.dimensions))
        told = [f"Started from {self.path}: a {size} cube on width {self.width}{seen}; schedule and optimizer are new"]
        if self.settings:
            told.append(f"Settings that came with the cells: {', '.join(self.settings)}")
        told.append(f"{len(self.weights.taken)} weights taken over")
        told += [str(misfit) for misfit in self.weights.left_out]
        if not self.weights.outer_maps and self.start == "random":
            told.append(
                "The outer maps begin again at random and have to be learnt: embedding_mapping.start = identity would "
                "begin with a read-out that inverts what is painted"
            )
        if not self.weights.cells:
            told.append("Not all weights of the cell rule fit: the cells have to be trained again")
        return told

    def shortfall(self) -> str:
        """Return what of the weights does not fit, one sentence; nothing if all of them do."""
        left = len(self.weights.left_out)
        if not left:
            return ""
        return f"{left} of the {left + len(self.weights.taken)} weights in {self.path.name} do not fit and begin again."


def requested(
    stored: SimpleProjectConfig, base: SimpleProjectConfig | None, wishes: Wishes
) -> tuple[SimpleProjectConfig, tuple[str, ...]]:
    """Return the configuration of a warm start, and which settings came with the cells, in words.

    Args:
        stored: configuration that the weights were trained with.
        base: configuration of the new run; None takes the stored one.
        wishes: changes that were requested, put on the base.

    Raises:
        ConfigError: the settings can't be had.
    """
    named = wishes.named
    on_purpose = {*named, *(text.partition("=")[0].strip() for text in wishes.assignments)}
    if base is None and "training_embedding.data" in on_purpose:
        defaults = DataSettings()
        named = {**{f"data.{name}": getattr(defaults, name) for name in OF_ONE_SOURCE}, **named}
    wanted = Wishes(named, wishes.assignments).on(base or stored)
    config = with_cells_of(stored, wanted, on_purpose)
    return config, came_with_the_cells(wanted, config)


def with_cells_of(
    stored: SimpleProjectConfig, wanted: SimpleProjectConfig, on_purpose: Collection[str] = ()
) -> SimpleProjectConfig:
    """Return `wanted` with what the stored cells need: their rule's settings, and tiers as wide, in cells.

    A flow that has a longer way gets as many lattice steps more, unless it was given other steps than the stored run.

    Args:
        stored: configuration that the weights were trained with.
        wanted: configuration of the new run.
        on_purpose: dotted keys of settings that stay as in `wanted`.

    Raises:
        ConfigError: the new cube is so small that its radius can't be as wide.
    """
    rule = f"rule.{stored.model.rule}."
    flat = dict(flat_settings(stored))
    changes: dict[str, object] = {key: value for key, value in flat.items() if key.startswith(("model.", rule))}
    lattice, sides = stored.lattice, wanted.lattice.max_dimension
    changes |= {f"lattice.{name}": getattr(lattice, name) for name in _DISTANCES}
    if sides != lattice.max_dimension or lattice.adaptive_radius_ratio != wanted.lattice.adaptive_radius_ratio:
        # Rounded up by far less than any distance between cells.
        ratio = lattice.max_radius / sides
        if ratio > 1.0 and "lattice.adaptive_radius_ratio" not in on_purpose:
            raise ConfigError(
                f"the cells were trained with a radius of {lattice.max_radius:g} cells, more than the whole side of a "
                f"cube of {sides}: choose a larger cube, or set lattice.adaptive_radius_ratio yourself"
            )
        changes["lattice.adaptive_radius_ratio"] = min(ratio, 1.0)
    if wanted.lattice.lattice_steps == lattice.lattice_steps:
        farther = _way(wanted) - _way(stored)
        changes["lattice.lattice_steps"] = min(max(lattice.lattice_steps + farther, 1), _MOST_STEPS)
    config = wanted.replaced({key: value for key, value in changes.items() if key not in on_purpose})
    channels = similarity_channels(stored)
    if similarity_channels(config) != channels and "model.similarity_channels" not in on_purpose:
        config = config.replaced({"model.similarity_channels": channels})
    return config


def came_with_the_cells(wanted: SimpleProjectConfig, config: SimpleProjectConfig) -> tuple[str, ...]:
    """Return the settings in which `config`, from `with_cells_of`, differs from `wanted`, in words."""
    old, new = dict(flat_settings(wanted)), dict(flat_settings(config))
    return tuple(f"{key} {_text(old.get(key))} -> {_text(new.get(key))}" for key in wanted.changes_to(config))


def take_weights(
    run: Run, stored: Checkpoint, settings: tuple[str, ...] = (), progress: Progress = no_progress
) -> WarmStart:
    """Put what fits of a file's weights into a run's student; optimizer and schedule begin again.

    Outer maps that do not fit start as `embedding_mapping.start` says, by a fit to the data for `memories`.

    Args:
        run: changed in place.
        stored: contents of a checkpoint or an export.
        settings: see `WarmStart.settings`.
        progress: told while outer maps are fitted; may cancel.

    Raises:
        CheckpointError: the file's weights do not fit its own configuration; the run is as it was.
        PluginError: the file's cell rule, brought by a plugin, can't be made.
    """
    old = StudentModel.seeded(stored.config, stored.width)
    load_into(old, stored.group("student"), stored.path, "student")
    weights = carry_over(old.to(run.device), run.student, stored.config, run.config, outer=True)
    if not weights.outer_maps:
        start_from_data(run.student, run.tier_means, run.dataset, run.config, progress)
    run.optimizer = make_optimizer(run.student, run.config)
    run.schedule_start = run.training_step
    return WarmStart(
        path=stored.path,
        training_step=stored.counters.get("training_step"),
        dimensions=stored.config.lattice.dimensions,
        width=stored.width,
        settings=settings,
        weights=weights,
        start=run.config.embedding_mapping.start,
    )


def _way(config: SimpleProjectConfig) -> int:
    """Return the lattice steps that the flow needs, 0 without a flow."""
    mapping = config.embedding_mapping
    return longest_way(config.lattice.dimensions, mapping) if mapping.placement == "through" else 0


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "auto" if value is None else str(value)
