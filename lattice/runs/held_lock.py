"""A lock as it is found: who has it, and whether that process is still there.

Where the owner runs on this machine, the process table decides. Another container's or host's process can't be seen
from here: its lock counts for as long as its heartbeat, the file's time, is young. Times are compared with that of a
file written at the same place, so that clocks of hosts which differ don't matter.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.atomic import temporary_beside
from lattice.errors import CellcubeError
from lattice.limits import MAX_NOTE_BYTES
from lattice.parsing import parse_json
from lattice.regular_files import NotRegularError, open_regular, reason
from lattice.runs.owner import Owner
from lattice.units import seconds_text

SILENT_SECONDS = 120.0
"""A lock whose owner can't be seen counts as left behind after this time without a heartbeat."""


class LockedError(CellcubeError):
    """Somebody else writes there."""


class UnreadableLockError(LockedError):
    """What has a lock's name is no lock that can be read: nobody knows whether somebody else writes there."""


@dataclass(frozen=True)
class Held:
    """A lock as it was found."""

    owner: Owner | None
    """None if the file doesn't say, or not in words of this version."""
    token: str
    """Differs from lock to lock."""
    notes: dict[str, Any]
    """Whatever else the owner left in it."""
    silent_seconds: float
    """Time since the last heartbeat, by the clock of the file system."""

    @property
    def stale(self) -> bool:
        """Whether its owner is gone."""
        alive = None if self.owner is None else self.owner.alive()
        return self.silent_seconds > SILENT_SECONDS if alive is None else not alive

    @property
    def who(self) -> str:
        """The owner's name for people."""
        return "a process that its damaged lock does not name" if self.owner is None else self.owner.described()

    def described(self) -> str:
        """Name the owner for people, and say until when a lock counts whose owner can't be seen."""
        who = self.who
        if self.owner is not None and self.owner.alive() is not None:
            return who
        left = seconds_text(max(SILENT_SECONDS - self.silent_seconds, 1.0))
        return f"{who} (it can't be seen from here: without another sign of life its lock is void in {left})"


def read_lock(path: Path) -> Held | None:
    """Return the lock at `path`, None if there is none; a damaged one is judged by its heartbeat alone.

    A heartbeat that lies in the future, from before a clock was set back, is dated now: its silence counts from there.

    Raises:
        UnreadableLockError: something else has its name, or it may not be read.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MAX_NOTE_BYTES)
            changed = os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    except NotRegularError:
        raise UnreadableLockError(f"what has the name of the lock {path} is no file: remove it") from None
    except OSError as error:
        raise UnreadableLockError(
            f"can't read the lock {path}: {reason(error)}; change its permissions or remove it"
        ) from None
    silent = _time_there(path.parent) - changed
    if silent < -SILENT_SECONDS:
        with suppress(OSError):
            os.utime(path)
    silent = max(silent, 0.0)
    try:
        values = parse_json(content)
        return Held(Owner.from_mapping(values["owner"]), str(values["token"]), dict(values["notes"]), silent)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Held(None, "", {}, silent)


def _time_there(folder: Path) -> float:
    """Return the present time by the clock that stamps the files of a folder, in seconds since 1970."""
    try:
        with temporary_beside(folder / "clock") as path:
            path.touch()
            return path.stat().st_mtime
    except OSError:  # read-only: nobody can write there, and the local clock is the best there is
        return time.time()
