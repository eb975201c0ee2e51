"""The trackers of one run, by name: opened together, fed together, closed together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lattice.atomic import make_folder
from lattice.config import SimpleProjectConfig, flat_settings
from lattice.errors import CellcubeError, ConfigError
from lattice.log import logger
from lattice.paths import data_folder
from lattice.plugins import TRACKERS
from lattice.tracking.base import TrackedRun
from lattice.tracking.feeder import CLOSE_SECONDS, Feeder
from lattice.tracking.figures import score_figures, step_figures
from lattice.tracking.picture import cube_picture

if TYPE_CHECKING:
    from lattice.data import EmbeddingDataset
    from lattice.training.reports import EvalReport, Observation, StepReport


class Watched(Protocol):
    """What a picture is made from: a trainer."""

    @property
    def dataset(self) -> EmbeddingDataset:
        """The samples."""

    def observe(self, sample: int) -> Observation:
        """Return the rollout of one sample."""


@dataclass(frozen=True)
class Tracking:
    """The trackers of a run; without any, everything here does nothing."""

    feeders: tuple[Feeder, ...] = ()
    ending: tuple[Feeder, ...] = ()
    """Those of runs before that still write."""

    @property
    def on(self) -> bool:
        """Whether anybody takes anything."""
        return any(not feeder.ended for feeder in self.feeders)

    def stepped(self, report: StepReport) -> None:
        """Hand on the figures of a training step."""
        for feeder in self.feeders:
            feeder.figures(report.training_step, step_figures(report))

    def evaluated(self, report: EvalReport, trainer: Watched) -> None:
        """Hand on the scores of an evaluation, and a picture of the cube with the first held-out sample."""
        if not self.on:
            return
        for feeder in self.feeders:
            feeder.figures(report.training_step, score_figures(report))
        observation = trainer.observe(int(trainer.dataset.validation_indices[0]))
        for feeder in self.feeders:
            feeder.picture(observation.training_step, "cube", cube_picture(observation))

    def end(self) -> None:
        """Let every tracker write what waits and then close, without waiting for that."""
        for feeder in self.feeders:
            feeder.end()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Let every tracker write what waits and close; wait for all of them no longer than `seconds`."""
        self.end()
        deadline = time.monotonic() + seconds
        for feeder in (*self.ending, *self.feeders):
            feeder.join(deadline)


def check_trackers(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of trackers, each once.

    Raises:
        PluginError: there is no tracker of a name.
        ConfigError: the package of one is not installed; says how to install it.
    """
    checked = tuple(dict.fromkeys(names))
    for name in checked:
        kind = TRACKERS[name]
        missing = [module for module in kind.package.split() if find_spec(module) is None]
        if missing:
            raise ConfigError(
                f"the tracker '{name}' needs the package {' and '.join(missing)}: "
                f"install it with pip install {kind.install or kind.package}"
            )
    return checked


def start_tracking(
    names: Iterable[str],
    config: SimpleProjectConfig,
    run_id: str,
    training_step: int,
    folder: Path | None,
    before: Tracking | None = None,
) -> Tracking:
    """Open trackers for a run; one that can't be had any more is left out, with a warning.

    Args:
        names: registered ones, each used once.
        config: of the run.
        run_id: of the run.
        training_step: where it is.
        folder: of the run; None puts files into the platform's data folder.
        before: the trackers of the run whose place this one takes; they are ended, and not waited for.
    """
    if before is not None:
        before.end()
    earlier = () if before is None else tuple(old for old in (*before.ending, *before.feeders) if old.alive)
    feeders = []
    for name in dict.fromkeys(names):
        try:
            check_trackers([name])
        except CellcubeError as error:  # such as one whose plugin was unloaded since it was chosen
            logger.warning("The tracker '%s' is left out: %s", name, error)
            continue
        kind = TRACKERS[name]
        place = (folder or data_folder() / "tracked" / run_id) / name
        try:
            make_folder(place)
        except OSError as error:
            logger.warning("The tracker '%s' is left out, because %s can't be made: %s", name, place, error)
            continue
        settings = {key: _plain(value) for key, value in flat_settings(config)}
        last = next((old for old in reversed(earlier) if old.name == name), None)
        feeders.append(Feeder(name, kind, TrackedRun(run_id, place, training_step, settings), last))
        hint = kind.hint.format(folder=place)
        logger.info("Tracked with %s%s", kind.title, f": {hint}" if hint else "")
    return Tracking(tuple(feeders), earlier)


def _plain(value: object) -> object:
    """Return a setting as trackers can store it."""
    return value if isinstance(value, bool | int | float | str) else str(value)
