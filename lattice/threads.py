"""How torch's threads wait for each other, and that NumPy has none of its own."""

from __future__ import annotations

import os
import platform
from collections.abc import MutableMapping

SPIN_COUNT = 3000
"""Looks that a waiting thread takes before it sleeps: some tens of microseconds, about as long as waking it takes."""
_CHOSEN_BY_USER = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
_NUMPY_CHOSEN_BY_USER = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")


def share_cores(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads get along with each other and with other programs; call it before NumPy and torch are imported.

    GNU's OpenMP lets a thread that waits for others spin for about a millisecond. Where something else needs the core,
    the thread that is waited for then gets no turn: with two busy cores training fell from 7 to 0.6 steps/s, and does
    2.5 with this. Threads that sleep at once would do 4 there, but 7 in place of 9.5 on idle cores, because each
    operation waits until they are awake.

    NumPy's products are small here: of a few thousand states, a millisecond's work. OpenBLAS shares even those out to
    threads that spin, too, and beside a training step the window's thread waited for them for 40 to 200 ms at each
    observation. On ARM torch itself multiplies by OpenBLAS, so its threads are left alone there.

    What the user has set stays.
    """
    if not any(name in environment for name in _CHOSEN_BY_USER):
        environment["GOMP_SPINCOUNT"] = str(SPIN_COUNT)
    if not _torch_uses_openblas() and not any(name in environment for name in _NUMPY_CHOSEN_BY_USER):
        environment["OPENBLAS_NUM_THREADS"] = "1"


def _torch_uses_openblas() -> bool:
    return platform.machine().lower() not in ("x86_64", "amd64")
