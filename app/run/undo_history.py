"""Every applied edit of a run, to be undone and applied again, newest first.

An edit that acts at once needs no weights: undoing it applies the settings from before. One that rebuilds something
keeps the run from before it; undoing it keeps the run that is left, so that no training step is ever lost.
Used from the worker's thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from app.run.commands import Observe
from app.run.trainer_protocol import Trainer
from app.run.undo_snapshot import UndoSnapshot, delete, keep_run
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.units import bytes_text, plural

UNDO_BYTES = 2_000_000_000
"""Most that all kept runs together take on disk; the newest is kept whatever its size."""
MOST_EDITS = 50
"""Most edits that can be undone."""

Way = Literal["undo", "redo"]


@dataclass(frozen=True)
class AppliedEdit:
    """One edit that was applied."""

    before: SimpleProjectConfig
    after: SimpleProjectConfig
    snapshot: UndoSnapshot | None = None
    """The run on the side that is not in force: from before the edit, or, once undone, from after it.

    None for an edit that acts at once.
    """


@dataclass
class Kept:
    """What became of the run from before an Apply."""

    problem: str = ""
    """Why it could not be kept; nothing can be undone then."""


class UndoHistory:
    """The edits that can be undone, and those that were undone and can be applied again."""

    def __init__(self, budget: int = UNDO_BYTES) -> None:
        """Begin with no edit; kept runs may take `budget` bytes on disk."""
        self._budget = budget
        self._edits: dict[Way, list[AppliedEdit]] = {"undo": [], "redo": []}

    def depth(self, way: Way) -> int:
        """Return how many edits can be undone, or applied again."""
        return len(self._edits[way])

    def next(self, way: Way) -> AppliedEdit | None:
        """Return the edit that would be undone, or applied again; None if there is none."""
        edits = self._edits[way]
        return edits[-1] if edits else None

    @contextmanager
    def before(
        self, trainer: Trainer, config: SimpleProjectConfig, watched: Observe | None, *, another_run: bool = False
    ) -> Iterator[Kept]:
        """Remember an edit while `config` is applied, and for good if the apply came to pass.

        What was undone before can't be applied again after it. The apply need not fail where a run can't be kept.
        With `another_run` one takes the trainer's place, whatever changes in the settings.
        """
        before, kept, snapshot = trainer.config, Kept(), None
        cost = edit_cost(before.changes_to(config))
        if another_run or cost not in (None, "live"):
            try:
                snapshot = keep_run(trainer, watched)
            except (CellcubeError, OSError) as error:
                logger.warning("the run before this Apply can't be kept for Undo: %s", error)
                kept.problem = str(error)
        try:
            yield kept
        except BaseException:
            delete(snapshot)
            raise
        if cost is None and not another_run:
            return
        self._forget("redo")
        if kept.problem:
            self._forget("undo")
        else:
            self._edits["undo"].append(AppliedEdit(before, config, snapshot))
            self._fit()

    @contextmanager
    def leaving(self, way: Way, trainer: Trainer, watched: Observe | None) -> Iterator[None]:
        """Keep the present run while the one of `next(way)` takes its place; the edit then counts the other way.

        Raises:
            CellcubeError: the present run can't be kept; both stay as they are.
            OSError: likewise.
        """
        present = keep_run(trainer, watched)
        try:
            yield
        except BaseException:
            delete(present)
            raise
        delete(self._edits[way][-1].snapshot)
        self.pass_on(way, present)

    def pass_on(self, way: Way, snapshot: UndoSnapshot | None = None) -> None:
        """Note that `next(way)` was undone or applied again; `snapshot` is the run that was left for it."""
        edit = replace(self._edits[way].pop(), snapshot=snapshot)
        self._edits["redo" if way == "undo" else "undo"].append(edit)
        self._fit()

    def forget(self) -> None:
        """Forget all edits and delete what is kept."""
        self._forget("undo")
        self._forget("redo")

    def _forget(self, way: Way, count: int | None = None) -> None:
        edits = self._edits[way]
        for edit in edits[:count]:
            delete(edit.snapshot)
        del edits[:count]

    def _fit(self) -> None:
        """Forget the edits farthest away until the rest is within both limits; the log says so."""
        while len(self._edits["undo"]) > MOST_EDITS:
            self._forget("undo", 1)
        for way in ("undo", "redo"):
            edits = self._edits[way]
            while self._bytes() > self._budget and sum(edit.snapshot is not None for edit in edits) > 1:
                # Nothing before an edit whose run is gone can be reached.
                count = next(index for index, edit in enumerate(edits) if edit.snapshot) + 1
                self._forget(way, count)
                logger.warning(
                    "%s can no longer be %s: the runs kept for it would take more than %s",
                    plural(count, "older edit"),
                    "undone" if way == "undo" else "applied again",
                    bytes_text(self._budget),
                )

    def _bytes(self) -> int:
        return sum(edit.snapshot.bytes for edits in self._edits.values() for edit in edits if edit.snapshot)
