"""Which process something belongs to, and whether that process is still there: also across containers and hosts.

A process id alone tells little: ids are used again, every container counts its own, and two hosts may share a home.
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

HIDDEN = "hidden"
_SHOWN_HOST = 64
"""Characters of a host's name that are shown: a damaged file may hold anything."""
_LARGEST_PID = 2**32
_LATEST = 2**33
"""Latest start that can be a real one, in seconds since 1970: the year 2242."""


@dataclass(frozen=True)
class Owner:
    """One process, as others can recognise it."""

    host: str
    """Network name of the machine or container."""
    boot: str
    """Changes whenever the machine starts; equal in all containers of one machine."""
    namespace: str
    """Space in which the process id counts: that of a container; empty where there is only one."""
    pid: int
    started: str
    """When the process began, in the system's own count, which no correction of the clock moves."""
    since: float
    """The same for people: seconds since 1970."""

    def alive(self) -> bool | None:
        """Say whether the process is there; None where it can't be seen from here."""
        here = this_process()
        if not self.boot or (self.boot, self.namespace) != (here.boot, here.namespace):
            return None
        start = process_start(self.pid)
        return None if start == HIDDEN else start == self.started

    @property
    def tag(self) -> str:
        """A short text that stands for it in names of files, without dots."""
        return f"{_digest(self.boot + self.namespace)}-{self.pid}-{self.started}"

    def described(self) -> str:
        """Name it for people."""
        began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        host = "".join(letter if letter.isprintable() else "?" for letter in self.host[:_SHOWN_HOST])
        return f"process {self.pid} on {host}, started {began}"

    def to_mapping(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Owner:
        """Read what `to_mapping` gave; raises ValueError, OverflowError, KeyError or TypeError for anything else."""
        texts = {name: str(values[name]) for name in ("host", "boot", "namespace", "started")}
        pid, since = int(values["pid"]), float(values["since"])
        # Ids below 1 stand for groups of processes, and no clock gives a time without a date.
        if not 0 < pid < _LARGEST_PID or not 0 <= since < _LATEST:
            raise ValueError(f"no process has the id {pid} and began at {since}")
        return cls(pid=pid, since=since, **texts)


@functools.cache
def _process(pid: int) -> Owner:
    return Owner(
        host=socket.gethostname(),
        boot=_boot(),
        namespace=_namespace(),
        pid=pid,
        started=process_start(pid) or "",
        since=psutil.Process(pid).create_time(),
    )


def this_process() -> Owner:
    """Return this process, also after a fork."""
    return _process(os.getpid())


def process_start(pid: int) -> str | None:
    """Return when a process began, in the system's own count; None if there is none, or only its remains.

    `HIDDEN` stands for a process that is there and may not be looked at.
    """
    if sys.platform == "linux":
        try:
            # The name, the second field, may hold anything; the fields after its closing bracket may not.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            return HIDDEN if _exists(pid) else None
        return None if fields[0] in "ZX" else fields[19]
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}".replace(".", "_")
    except psutil.AccessDenied:
        return HIDDEN
    except psutil.Error:
        return None


def _exists(pid: int) -> bool:
    """Say whether there is a process, also one that /proc hides from this user."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def tag_is_dead(tag: str) -> bool | None:
    """Say whether the owner that a `tag` stands for is gone; None where that can't be seen from here."""
    place, _, rest = tag.partition("-")
    pid, _, started = rest.partition("-")
    here = this_process()
    if place != here.tag.partition("-")[0] or not pid.isdecimal():
        return None
    start = process_start(int(pid))
    return None if start == HIDDEN else start != started


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux: there a process's start is a time, which tells starts of the machine apart, too
        return f"{socket.gethostname()} {uuid.getnode():012x}"  # two machines may have one name, as localhost


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()
