"""How torch's threads wait for each other."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

SPIN_COUNT = 3000
"""Looks that a waiting thread takes before it sleeps: some tens of microseconds, about as long as waking it takes."""
_CHOSEN_BY_USER = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def share_cores(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let waiting threads sleep soon, so that training and other programs get along; call it before torch is imported.

    GNU's OpenMP lets a thread that waits for others spin for about a millisecond. Where something else needs the core,
    the thread that is waited for then gets no turn: with two busy cores training fell from 7 to 0.6 steps/s, and does
    2.5 with this. Threads that sleep at once would do 4 there, but 7 in place of 9.5 on idle cores, because each
    operation waits until they are awake. What the user has set stays.
    """
    if not any(name in environment for name in _CHOSEN_BY_USER):
        environment["GOMP_SPINCOUNT"] = str(SPIN_COUNT)
