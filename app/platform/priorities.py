"""Lets the window's thread have the processor as soon as it has something to do.

Linux hands the processor to the thread whose turn is due first, and a turn is due one slice after it was earned: 3 ms
or so, for a window that needs a few tenths of one to answer a key as for a matrix product. A thread that requests
shorter slices gets them sooner, and no more of the processor than before. What trains and what computes ahead has more
threads than a small machine has cores, and stays with the usual slices: it gives way to the window by a lower
priority. Other systems favour a window unasked: Windows raises the thread that gets an event, macOS the one that owns
the window.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

from lattice.log import logger

SLICE_NANOSECONDS = 100_000
"""The shortest slice that Linux grants."""
NICENESS = 5
"""Of threads that give way: a quarter of the processor where the window's thread wants it, too."""
_NICEST = 19
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
"""Numbers of the system call, which GNU's C library has no function for before 2.41."""
_ATTRIBUTES = "=IIQiIQQQII"
"""`struct sched_attr`: size, policy, flags, niceness, priority, runtime, deadline, period, two limits."""
_RESET_ON_FORK = 1


def shorten_time_slice(thread: int = 0) -> bool:
    """Request short slices for a thread, though not for those it starts; return whether they are granted.

    Not granted outside of Linux, nor to a thread that somebody gave another policy; Linux before 6.12 ignores it.

    Args:
        thread: the system's number of a thread of this process; 0 is the one that calls.
    """
    number = _SCHED_SETATTR.get(platform.machine())
    if not sys.platform.startswith("linux") or number is None:
        return False
    try:
        if os.sched_getscheduler(thread) != os.SCHED_OTHER:
            return False
        size, niceness = struct.calcsize(_ATTRIBUTES), os.getpriority(os.PRIO_PROCESS, thread)
    except OSError:  # it has just ended
        return False
    wanted = struct.pack(_ATTRIBUTES, size, os.SCHED_OTHER, _RESET_ON_FORK, niceness, 0, SLICE_NANOSECONDS, 0, 0, 0, 0)
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, thread, wanted, 0) != 0:
        logger.debug("short time slices were refused: %s", os.strerror(ctypes.get_errno()))
        return False
    return True


def threads_named(beginning: str) -> list[int]:
    """Return the system's numbers of this process's threads whose names begin so; none outside of Linux."""
    found = []
    for folder in Path("/proc/self/task").glob("*"):
        with suppress(OSError):  # it has just ended
            if (folder / "comm").read_text(encoding="utf-8", errors="replace").startswith(beginning):
                found.append(int(folder.name))
    return found


def give_way() -> None:
    """Lower the priority of the thread that calls below the window's, and that of threads which it starts from now on.

    Does nothing outside of Linux, where a priority is that of the whole process.
    """
    if sys.platform.startswith("linux"):
        thread = threading.get_native_id()
        wanted = min(os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICENESS, _NICEST)
        if os.getpriority(os.PRIO_PROCESS, thread) < wanted:
            os.setpriority(os.PRIO_PROCESS, thread, wanted)
