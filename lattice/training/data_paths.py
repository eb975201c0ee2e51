"""Paths of data inside a checkpoint: relative to the file where that is shorter, so that both can move together."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lattice.config import SimpleProjectConfig
from lattice.data.readers.hub import PREFIX
from lattice.parsing import ParseError, parse_json

ABSOLUTE = "absolute_paths"
"""Note with the paths as they were when the checkpoint was written, for one that was moved without its data."""
_MAIN, _MORE = "training_embedding.data", "data.extra_data"


def stored_paths(config: SimpleProjectConfig, checkpoint: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings as they are stored in `checkpoint`, and what to note beside them.

    Paths that were given relative to the working folder mean nothing to a program started elsewhere: each is made
    absolute, then relative to the checkpoint's folder if that is shorter.
    """
    values = config.to_mapping()
    specs = _specs(config)
    if all(spec is None for spec in specs):
        return values, {}
    absolute = [_absolute(spec, Path.cwd()) for spec in specs]
    folder = os.path.abspath(checkpoint.parent)
    main, *more = (_shorter(spec, folder) for spec in absolute)
    values["training_embedding"]["data"], values["data"]["extra_data"] = main, more
    return values, {ABSOLUTE: json.dumps(absolute)}


def resolved_paths(config: SimpleProjectConfig, checkpoint: Path, notes: Mapping[str, str]) -> SimpleProjectConfig:
    """Return the settings read from `checkpoint` with paths that can be opened from any working folder.

    What lies beside the checkpoint goes first, then the place where it lay when the checkpoint was written. Files of
    an older version, which note nothing, keep their paths as they were typed.
    """
    try:
        noted = parse_json(notes[ABSOLUTE])
    except (KeyError, ParseError):
        return config
    specs = _specs(config)
    if not isinstance(noted, list) or len(noted) != len(specs):
        return config
    folder = Path(os.path.abspath(checkpoint.parent))
    found = [_resolved(spec, old, folder) for spec, old in zip(specs, noted, strict=True)]
    return config.replaced({_MAIN: found[0], _MORE: found[1:]})


def missing_paths(config: SimpleProjectConfig) -> list[str]:
    """Return the files and folders of a run's data that are not there."""
    return [spec for spec in _specs(config) if _is_path(spec) and not Path(str(spec)).expanduser().exists()]  # type: ignore[misc]


def _specs(config: SimpleProjectConfig) -> list[str | None]:
    return [config.training_embedding.data, *config.data.extra_data]


def _is_path(spec: str | None) -> bool:
    return spec is not None and not spec.startswith(PREFIX)


def _absolute(spec: str | None, folder: Path) -> str | None:
    return os.path.abspath(folder / Path(spec).expanduser()) if spec is not None and _is_path(spec) else spec


def _shorter(spec: str | None, folder: str) -> str | None:
    if spec is None or not _is_path(spec):
        return spec
    try:
        relative = os.path.relpath(spec, folder)
    except ValueError:  # another drive of Windows
        return spec
    return relative if len(relative) < len(spec) else spec


def _resolved(spec: str | None, noted: object, folder: Path) -> str | None:
    beside = _absolute(spec, folder)
    if beside is None or not _is_path(spec) or Path(beside).exists() or not isinstance(noted, str):
        return beside
    return noted
