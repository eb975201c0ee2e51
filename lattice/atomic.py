"""Files that are either written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from lattice.runs.owner import tag_is_dead, this_process

ENDING = ".tmp"
ABANDONED_SECONDS = 24 * 3600
"""A temporary file of a process that can't be seen from here is removed when nobody wrote to it for so long."""


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a sibling temporary path; on success it is fsynced and renamed to `path`, else it is removed.

    The folder is created if it is missing. A symbolic link stays one: what it points to is replaced. The file keeps
    the mode of the one it replaces; a new one gets what the umask allows. What killed processes left of their
    temporary files for `path` is removed. Raises OSError when it can't be written.
    """
    path = Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)
    _make_folder(path.parent)
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{this_process().tag}.{uuid.uuid4().hex[:8]}{ENDING}")
    try:
        # Exclusive: nobody can have put a link of this name here.
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        os.close(descriptor)
        _copy_mode(path, temporary)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder with its parents, and see to it that the new names survive a failure of power."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        _sync_folder(place.parent)


def _copy_mode(old: Path, new: Path) -> None:
    with contextlib.suppress(OSError):
        new.chmod(stat.S_IMODE(old.stat().st_mode))


def _sweep(path: Path) -> None:
    """Remove temporary files for `path` whose writers are gone."""
    prefix = f".{path.name}."
    with contextlib.suppress(OSError):
        names = [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(prefix)]
        for name in names:
            tag, _, rest = name.removeprefix(prefix).partition(".")
            if rest.endswith(ENDING) and _abandoned(path.with_name(name), tag):
                path.with_name(name).unlink(missing_ok=True)


def _abandoned(temporary: Path, tag: str) -> bool:
    dead = tag_is_dead(tag)
    return time.time() - temporary.stat().st_mtime > ABANDONED_SECONDS if dead is None else dead


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows can't open folders, and its rename is durable without it
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # one may write there, but not look
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
