"""Whether a file that the command line names may be written: nothing that is there is replaced without being asked."""

from __future__ import annotations

from pathlib import Path

from lattice.errors import ConfigError
from lattice.runs.files import check_unused


def check_may_write(out: Path, *, overwrite: bool) -> None:
    """Refuse to write to `out` before any work is done for it.

    Raises:
        ConfigError: a folder has that name; or anything else, and `overwrite` was not said.
        LockedError: another process keeps a run in that file.
    """
    if out.is_dir():
        raise ConfigError(f"{out} is a folder, expected the name of a file to write")
    if out.exists() and not overwrite:
        raise ConfigError(f"{out} exists: choose another name, or replace it with --overwrite")
    check_unused(out)
