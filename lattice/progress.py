"""How long work reports itself, and how it is cancelled."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""`progress(what, done, total)`: `total` is None while unknown. Raising `Cancelled` inside it stops the work."""


class Cancelled(Exception):  # noqa: N818 - a decision of the user, not an error
    """Raised by a progress callback to stop the work; what is finished so far is kept where it can be."""


def no_progress(what: str, done: int, total: int | None) -> None:
    """Report to nobody."""
