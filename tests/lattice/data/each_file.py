"""A limit on one damaged file among thousands, which names the file that breaks it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

MOST_SECONDS = 20
"""Processor time for one file; the whole time would depend on what else the machine does."""


@contextlib.contextmanager
def each_file(kind: str, number: int) -> Iterator[None]:
    """Name the damaged file in whatever is raised while it is read, and raise `TimeoutError` for one that hangs."""
    name = f"damaged copy {number} of {kind}"

    def expired(*_: object) -> None:
        raise TimeoutError(f"{name} took more than {MOST_SECONDS} s of the processor")

    limited = hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGVTALRM, expired) if limited else None
    try:
        if limited:
            signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
        yield
    except BaseException as error:
        error.add_note(name)
        raise
    finally:
        if limited:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
