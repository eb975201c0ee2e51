"""Saving somewhere when it can't be saved where it should be: a run that was trained must not end in nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lattice.atomic import make_folder
from lattice.errors import CellcubeError, CheckpointError
from lattice.log import logger
from lattice.paths import data_folder, temporary_folder


def refuges(name: str) -> tuple[Path, ...]:
    """Return where to save a file `name` when its own place fails: the platform's data folder, the temporary folder."""
    return data_folder() / "rescued" / name, temporary_folder() / "rescued" / name


def save_somewhere(save: Callable[[Path], object], path: Path, others: Iterable[Path]) -> Path:
    """Save to `path`, or to the first of `others` that works; say in the log what failed and where it went.

    Args:
        save: writes a file whole or not at all; raises OSError or `CellcubeError`.
        path: where it should go.
        others: where it may go instead, best first.

    Returns:
        Where it was written.

    Raises:
        CheckpointError: nowhere; the message has the reason of the first failure.
    """
    first: Exception | None = None
    for place in (path, *others):
        try:
            make_folder(place.parent)
            save(place)
        except (OSError, CellcubeError) as error:
            first = first or error
            logger.error("Can't save to %s: %s", place, error)
            continue
        if place != path:
            logger.warning("Saved to %s instead", place)
        return place
    raise CheckpointError(f"the run could not be saved anywhere: {first}") from first
