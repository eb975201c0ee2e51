"""Files that are either written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from lattice.formats import is_checkpoint
from lattice.paths import own_folders
from lattice.runs.owner import tag_is_dead, this_process

ENDING = ".tmp"
_TEMPORARY = re.compile(r"\..+\.(?P<tag>[0-9a-f]+-\d+-\w*)\.[0-9a-f]{8}\.tmp", re.DOTALL)
_OF_THE_LIBRARY = re.compile(r"\.tmp[A-Za-z0-9]{6}")
"""Name of the file that the library safetensors writes to before it renames it."""
_EARLIER_ENDING = re.compile(r"\.[a-z0-9_]{8}\.tmp")
"""End of a temporary file's name in earlier versions, which named no writer."""
_NAME_BYTES = 100
"""How much of a file's name that of its temporary one repeats: file systems allow 255 bytes in all."""
_NO_SYNC_OF_FOLDERS = (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS)
"""How network shares say that only files can be synced there; what they hold is as safe as it can be."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
ABANDONED_SECONDS = 24 * 3600
"""A temporary file of a process that can't be seen from here is removed when nobody wrote to it for so long."""


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path in a folder beside `path`; on success it is fsynced and renamed to `path`, else removed.

    The folder of `path` is created if it is missing. The temporary one is there for libraries that write to temporary
    files of their own, with modes of their own: whatever is left of those goes with it. A symbolic link stays one: what
    it points to is replaced. The file keeps the mode of the one it replaces; a new one gets what the umask allows. What
    killed processes left of their temporary files in the folder is removed. Raises OSError when it can't be written.
    """
    path = Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)
    make_folder(path.parent)
    _sweep(path)
    workshop = _temporary_name(path)
    temporary = workshop / path.name
    try:
        workshop.mkdir(0o700)  # fails if anything has this name: nobody can have put a link here
        temporary.touch(0o666)
        mode = _mode_of(path, temporary)
        yield temporary
        with contextlib.suppress(OSError):  # some file systems know no modes
            temporary.chmod(mode)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


@contextlib.contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file beside `path`, which is removed again; nothing is made, synced or renamed.

    What a kill leaves of it goes with the next file that `atomic_path` writes there. Raises OSError if it can't be
    removed.
    """
    temporary = _temporary_name(path)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _temporary_name(path: Path) -> Path:
    """Return a new name of a temporary file beside `path`, which says what process writes it."""
    name = path.name.encode(errors="ignore")[:_NAME_BYTES].decode(errors="ignore")
    return path.with_name(f".{name}.{this_process().tag}.{uuid.uuid4().hex[:8]}{ENDING}")


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, and see to it that the new names survive a failure of power.

    The program's own folders in the user's home are for that user alone, whatever the umask allows. Raises OSError.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for own in own_folders():
        if own == folder or own in folder.parents:
            _make_private(own)
    for place in missing:
        _sync_folder(place.parent)


def _make_private(folder: Path) -> None:
    """Take from everybody else what they may do in a folder; Windows keeps a user's folders private by itself."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if os.name != "nt" and mode & _OTHERS:
            folder.chmod(mode & ~_OTHERS)


def _mode_of(old: Path, new: Path) -> int:
    """Return the mode of the file that is replaced, or the one that the umask gave to a new one."""
    try:
        return stat.S_IMODE(old.stat().st_mode)
    except OSError:
        return stat.S_IMODE(new.stat().st_mode)


def _sweep(path: Path) -> None:
    """Remove temporary files in the folder of `path` whose writers are gone, whatever they were to become.

    Earlier versions named no writer: theirs are removed by their age, if they were for `path` or hold a checkpoint.
    """
    start = f".{path.name}"
    with contextlib.suppress(OSError):
        for place in [Path(entry.path) for entry in os.scandir(path.parent) if entry.name.startswith(".")]:
            ours = _TEMPORARY.fullmatch(place.name)
            if ours is not None:
                if _abandoned(place, ours["tag"]):
                    shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
            elif (_is_earlier(place.name, start) and _abandoned(place, "")) or (
                _OF_THE_LIBRARY.fullmatch(place.name) and _abandoned(place, "") and is_checkpoint(place)
            ):
                place.unlink(missing_ok=True)


def _is_earlier(name: str, start: str) -> bool:
    # One pattern for all files: Python keeps each of hundreds that were compiled.
    return name.startswith(start) and _EARLIER_ENDING.fullmatch(name, len(start)) is not None


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
    except OSError as error:
        if error.errno not in _NO_SYNC_OF_FOLDERS:
            raise
    finally:
        os.close(descriptor)
