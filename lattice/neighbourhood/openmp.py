"""The threads that torch itself uses, for code that is not torch's.

Threads of our own would take turns on the cores with torch's, which wait for their next operation: training steps at
16^3 took twice as long so. On Linux torch shares its work out by OpenMP, whose functions can be called by name.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True, eq=False)
class Team:
    """Entry points of the OpenMP library that torch is linked to."""

    parallel: Callable[[int, int, int, int], None]
    """Calls a function, given its address and that of its data, in so many threads at once, and waits for them."""
    thread_number: int
    """Address of `omp_get_thread_num`, int32: which of them the caller is."""
    thread_count: int
    """Address of `omp_get_num_threads`, int32: how many there are, at most as many as requested."""


@cache
def torch_team() -> Team | None:
    """Return torch's threads; None where they are not OpenMP's, or can't be called by name (Windows, macOS)."""
    if not torch.backends.openmp.is_available():
        return None
    try:
        library: Any = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
        parallel = library.GOMP_parallel
        numbers = (library.omp_get_thread_num, library.omp_get_num_threads)
    except (OSError, AttributeError):
        return None
    parallel.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)
    parallel.restype = None
    number, count = (int(ctypes.cast(function, ctypes.c_void_p).value or 0) for function in numbers)
    return Team(parallel, number, count)
