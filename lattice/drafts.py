"""Entries by name that one thread may change for itself, while others go on with what they were."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

E = TypeVar("E")


class Drafts(Generic[E]):
    """Holds entries; a thread inside of `drafted` has a copy of its own, which takes their place at the end."""

    def __init__(self) -> None:
        """Hold none."""
        self._held: dict[str, E] = {}
        self._drafts = threading.local()

    @contextmanager
    def drafted(self) -> Iterator[None]:
        """Let the block change the entries for its own thread alone; others see the changes when it has ended.

        Where the block raises there are none; the permanent entries that came meanwhile stay.
        """
        outer, self._drafts.entries = self._draft, dict(self._present)
        kept: dict[str, E] | None = None
        try:
            yield
            kept = self._draft
        finally:
            self._drafts.entries = outer
        if kept is not None:
            self._replace({**self._permanent(), **kept})

    @contextmanager
    def _for_all(self) -> Iterator[None]:
        """Let the block add permanent entries for every thread."""
        draft, self._drafts.entries = self._draft, None
        try:
            yield
        finally:
            self._drafts.entries = None if draft is None else {**self._permanent(), **draft}

    @property
    def _draft(self) -> dict[str, E] | None:
        draft: dict[str, E] | None = getattr(self._drafts, "entries", None)
        return draft

    @property
    def _present(self) -> dict[str, E]:
        """The entries as this thread has them."""
        return self._held if self._draft is None else self._draft

    def _permanent(self) -> dict[str, E]:
        """Return the entries of all threads that no draft takes away."""
        return {}

    def _replace(self, entries: dict[str, E]) -> None:
        if self._draft is None:
            self._held = entries
        else:
            self._drafts.entries = entries
