"""Whether a file that the command line names may be written: nothing that is there is replaced without being asked."""

from __future__ import annotations

from pathlib import Path

from lattice.errors import ConfigError
from lattice.regular_files import reason
from lattice.runs.files import check_unused


def check_may_write(out: Path, *, overwrite: bool) -> None:
    """Refuse to write to `out` before any work is done for it.

    Raises:
        ConfigError: a folder has that name; no file can have it; or one has it, and `overwrite` was not said.
        LockedError: another process keeps a run in that file.
    """
    try:
        out.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise ConfigError(f"can't write to {out}: {reason(error)}; choose another name or place") from None
    if out.is_dir():
        raise ConfigError(f"{out} is a folder, expected the name of a file to write")
    if out.exists() and not overwrite:
        raise ConfigError(f"{out} exists: choose another name, or replace it with --overwrite")
    check_unused(out)
