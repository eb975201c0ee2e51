"""Keeps the garbage collector away from what lasts, so that it does not stop the program's threads.

Importing torch, Qt or transformers makes some hundred thousand objects that last as long as the process. A collection
of the oldest generation looks through all of them, and Python holds its lock meanwhile: the window stood still for
100 to 300 ms, several times while it started.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def lasting(*, kept: bool) -> Iterator[None]:
    """Make objects that last without any collection; afterwards the collector works as it did before.

    Args:
        kept: leave all that is there at the end out of every later collection, too (`gc.freeze`). What is freed
            by its reference count still is; a cycle that is garbage by then, or becomes so, is not. Without it,
            everything moves to the oldest generation unseen, as if the collector had been there.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if not kept:
            gc.unfreeze()
        if collecting:
            gc.enable()


def keeping() -> bool:
    """Whether this process leaves lasting objects out of collections."""
    return gc.get_freeze_count() > 0


def all_objects() -> list[Any]:
    """Return every object that the collector tracks, with those that are left out of collections."""
    kept = keeping()
    gc.unfreeze()  # what is left out of collections is not listed either
    try:
        return gc.get_objects()
    finally:
        if kept:
            gc.freeze()
