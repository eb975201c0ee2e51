"""Requests that the worker has not answered yet: who gets the answer, by token."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.run.messages import Answered, Failed, GivenUp

Done = Callable[[Any], None]
GaveUp = Callable[[Failed | None], None]
"""Gets the failure; None after a cancel."""


@dataclass(frozen=True)
class _Pending:
    done: Done | None
    failed: GaveUp | None


class PendingRequests:
    """Calls back, in the window's thread, exactly once per request that is answered, fails, or is cancelled."""

    def __init__(self) -> None:
        """Begin with nothing requested."""
        self._tokens = itertools.count(1)
        self._pending: dict[int, _Pending] = {}

    def add(self, done: Done | None, failed: GaveUp | None) -> int:
        """Return the token of a new request; 0 if nobody waits for its answer."""
        if done is None and failed is None:
            return 0
        token = next(self._tokens)
        self._pending[token] = _Pending(done, failed)
        return token

    def resolve(self, message: Answered | GivenUp | Failed) -> None:
        """Call back whoever waits for this message; without one, do nothing."""
        pending = self._pending.pop(message.token, None)
        if pending is None:
            return
        if isinstance(message, Answered):
            if pending.done is not None:
                pending.done(message.result)
        elif pending.failed is not None:
            pending.failed(message if isinstance(message, Failed) else None)

    def clear(self) -> None:
        """Forget all: the worker has ended and answers no more."""
        self._pending.clear()
