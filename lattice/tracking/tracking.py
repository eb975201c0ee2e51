"""The trackers of one run, by name: opened together, fed together, closed together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.atomic import make_folder
from lattice.config import SimpleProjectConfig, flat_settings
from lattice.errors import ConfigError
from lattice.log import logger
from lattice.paths import data_folder
from lattice.plugins import TRACKERS
from lattice.tracking.base import TrackedRun
from lattice.tracking.feeder import Feeder
from lattice.tracking.figures import score_figures, step_figures
from lattice.tracking.picture import cube_picture

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport, Observation, StepReport


@dataclass(frozen=True)
class Tracking:
    """The trackers of a run; without any, everything here does nothing."""

    feeders: tuple[Feeder, ...] = ()

    @property
    def on(self) -> bool:
        """Whether anybody takes anything."""
        return any(not feeder.ended for feeder in self.feeders)

    def stepped(self, report: StepReport) -> None:
        """Hand on the figures of a training step."""
        for feeder in self.feeders:
            feeder.figures(report.training_step, step_figures(report))

    def evaluated(self, report: EvalReport) -> None:
        """Hand on the scores of an evaluation."""
        for feeder in self.feeders:
            feeder.figures(report.training_step, score_figures(report))

    def observed(self, observation: Observation) -> None:
        """Hand on a picture of the cube."""
        for feeder in self.feeders:
            feeder.picture(observation.training_step, "cube", cube_picture(observation))

    def close(self) -> None:
        """Let every tracker write what waits."""
        for feeder in self.feeders:
            feeder.close()


def check_trackers(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of trackers, each once.

    Raises:
        PluginError: there is no tracker of a name.
        ConfigError: the package of one is not installed; says how to install it.
    """
    checked = tuple(dict.fromkeys(names))
    for name in checked:
        package = TRACKERS[name].package
        if package and find_spec(package) is None:
            raise ConfigError(
                f"the tracker '{name}' needs the package {package}: install it with pip install {package}"
            )
    return checked


def start_tracking(
    names: Iterable[str], config: SimpleProjectConfig, run_id: str, training_step: int, folder: Path | None
) -> Tracking:
    """Open trackers for a run.

    Args:
        names: registered ones; see `check_trackers`, whose errors are raised.
        config: of the run.
        run_id: of the run.
        training_step: where it is.
        folder: of the run; None puts files into the platform's data folder.
    """
    feeders = []
    for name in check_trackers(names):
        kind = TRACKERS[name]
        place = (folder or data_folder() / "tracked" / run_id) / name
        try:
            make_folder(place)
        except OSError as error:
            logger.warning("The tracker '%s' is left out, because %s can't be made: %s", name, place, error)
            continue
        settings = {key: _plain(value) for key, value in flat_settings(config)}
        feeders.append(Feeder(name, kind, TrackedRun(run_id, place, training_step, settings)))
        hint = kind.hint.format(folder=place)
        logger.info("Tracked with %s%s", kind.title, f": {hint}" if hint else "")
    return Tracking(tuple(feeders))


def _plain(value: object) -> object:
    """Return a setting as trackers can store it."""
    return value if isinstance(value, bool | int | float | str) else str(value)
