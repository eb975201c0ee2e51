"""Where the data of a saved run is now: which source is missing, and what to change so that it is found elsewhere."""

from __future__ import annotations

from pathlib import Path

from lattice.config import SimpleProjectConfig, Wishes
from lattice.runs.peek import dataset_notes, stored_config


def missing_source(checkpoint: Path, wishes: Wishes) -> str | None:
    """Return the first source of a saved run's data that is not there, with `wishes` in force; None if all are."""
    from lattice.training.data_paths import missing_paths

    config = _wanted(checkpoint, wishes)
    missing = [] if config is None else missing_paths(config)
    return missing[0] if missing else None


def located(checkpoint: Path, wishes: Wishes, found: Path) -> Wishes:
    """Return the wishes by which the first source that is missing is read at `found`; the main one if none is."""
    config, missing = _wanted(checkpoint, wishes), missing_source(checkpoint, wishes)
    if config is None or missing is None or missing == config.training_embedding.data:
        return wishes.and_also("training_embedding.data", str(found))
    more = [str(found) if spec == missing else spec for spec in config.data.extra_data]
    return wishes.and_also("data.extra_data", more)


def _wanted(checkpoint: Path, wishes: Wishes) -> SimpleProjectConfig | None:
    from lattice.training.data_paths import resolved_paths

    stored = stored_config(checkpoint)
    return None if stored is None else wishes.on(resolved_paths(stored, checkpoint, dataset_notes(checkpoint)))
