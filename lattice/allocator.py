"""What the C library does with memory that tensors leave behind.

GNU's allocator hands large blocks back to the system as soon as they are freed, and gets new ones, page by page and
zeroed, for the next tensor of the same size. A training step at 64^3 did so 700,000 times, a quarter of its time. Kept
blocks are used again at once. Every other platform, and a user who tuned the allocator, is left alone.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of `mallopt`, see its manual page."""
_MOST_FROM_HEAP = 2**31 - 1
_NEVER = -1


class _Statistics(ctypes.Structure):
    """`struct mallinfo2` of GNU's C library."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
        )
    )  # fmt: skip


def keep_freed_memory(environment: Mapping[str, str] = os.environ) -> bool:
    """Let freed memory stay with the process; call it before threads are started. Return whether that was done.

    All threads share one arena: the others' can't hold blocks above 64 MB, which would come from the system each time.
    """
    tuned = any(name.startswith("MALLOC_") for name in environment) or "glibc.malloc" in environment.get(
        "GLIBC_TUNABLES", ""
    )
    library = _gnu_library()
    if tuned or library is None:
        return False
    wanted = ((_MMAP_THRESHOLD, _MOST_FROM_HEAP), (_TRIM_THRESHOLD, _NEVER), (_ARENA_MAX, 1))
    done = [bool(library.mallopt(parameter, value)) for parameter, value in wanted]
    return all(done)


def release_freed_memory() -> None:
    """Give freed memory back to the system, where a run ends whose tensors no later one will match."""
    library = _gnu_library()
    if library is not None:
        library.malloc_trim(0)


def freed_bytes() -> int:
    """Return about how many bytes the process holds and can use again; 0 where that is not known."""
    library = _gnu_library()
    if library is None or not hasattr(library, "mallinfo2"):
        return 0
    import psutil

    statistics = library.mallinfo2()
    memory = psutil.Process().memory_info()
    # The allocator also counts as free what was given back; that is no longer resident.
    unused = memory.rss - memory.shared - statistics.uordblks - statistics.hblkhd
    return int(min(statistics.fordblks, max(0, unused)))


@cache
def _gnu_library() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    if not (hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt")):
        return None
    if hasattr(library, "mallinfo2"):
        library.mallinfo2.restype = _Statistics
    return library
