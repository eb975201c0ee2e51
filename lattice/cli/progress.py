"""The progress bar of long work in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from lattice.progress import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give a progress callback that draws a bar on standard error; nothing where that is no terminal."""
    with tqdm(desc="loading", leave=False, disable=None) as bar:

        def progress(what: str, done: int, total: int | None) -> None:
            bar.set_description(what, refresh=False)
            bar.total, bar.n = total, done
            bar.refresh()

        yield progress
