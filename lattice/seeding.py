"""Weights that follow from a seed: torch's generator is the whole process's, so one thread at a time may set it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_LOCK = threading.RLock()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch's global generator start from `seed` in the block, and go on afterwards as if nothing had been drawn.

    Threads that seed at the same time wait for each other; whoever draws without seeding is not held back.
    """
    with _LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
