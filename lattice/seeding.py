"""Weights that follow from a seed: torch's generator is the whole process's, so one thread at a time may set it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_LOCK = threading.RLock()


def mixed_seed(seed: int, counter: int) -> int:
    """Return one seed from a run's seed and a counter, such as the training step: neighbours of either lie far apart.

    What is drawn from it is a pure function of both, so that resuming needs no saved generator.
    """
    return seed * 0x9E3779B1 + counter


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch's global generator start from `seed` in the block, and go on afterwards as if nothing had been drawn.

    Threads that seed at the same time wait for each other; whoever draws without seeding is not held back.
    """
    with _LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
