"""What a load did: what was read, guessed, kept and dropped, and where each dropped row came from."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lattice.data.estimator import DatasetBudget
from lattice.data.provenance import MIXED_TEACHERS, NO_TEACHER, TeacherRecord


@dataclass(frozen=True)
class BadRow:
    """A row that was left out."""

    reason: str
    origin: str
    """File and row, as a person would look it up."""


@dataclass(frozen=True, eq=False)
class Span:
    """Rows of a load that came from one file, in order."""

    start: int
    """Index of the first of them among all rows read."""
    source: str
    unit: str
    """What the file has: `row` or `line`."""
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]] | int
    """Number of each row in its file, counted from 1, or the number of the first where they are consecutive."""

    def origin(self, index: int) -> str:
        """Name the place of row `index` among all rows read."""
        offset = index - self.start
        number = self.numbers + offset if isinstance(self.numbers, int) else int(self.numbers[offset])
        return f"{self.source} {self.unit} {number}"


@dataclass
class LoadReport:
    """Account of one load. Rows that were dropped are counted by reason and can be listed."""

    rows_read: int = 0
    """Samples taken from the sources, the dropped ones included."""
    bytes_read: int = 0
    kept: int = 0
    seconds: float = 0.0
    guesses: list[str] = field(default_factory=list)
    left_aside: list[str] = field(default_factory=list)
    """What the sources hold and was not read, one line a file."""
    names: bool = False
    """Whether the texts are ids or words that name the rows, not what a teacher encoded."""
    warnings: list[str] = field(default_factory=list)
    budget: str = ""
    """One sentence on the memory that the samples take."""
    memory: DatasetBudget | None = None
    """The figures behind that sentence, for a bar against the reserve."""
    teacher: str = ""
    """The teacher that encoded texts, empty if none was needed."""
    made_by: TeacherRecord | None = None
    """The teacher of all embeddings, encoded now or earlier; None if it is unknown, or there were several."""
    spans: list[Span] = field(default_factory=list)
    dropped_texts: list[BadRow] = field(default_factory=list)
    """Rows dropped before encoding, because they had no text or one that was there already."""
    dropped_rows: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]] = field(default_factory=dict)
    """Reason -> indices of the rows that the check on the device dropped."""

    @property
    def dropped(self) -> dict[str, int]:
        """Reason -> number of dropped rows, largest first."""
        counts = {reason: len(rows) for reason, rows in self.dropped_rows.items()}
        for bad in self.dropped_texts:
            counts[bad.reason] = counts.get(bad.reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def bad_rows(self, limit: int | None = None) -> list[BadRow]:
        """List dropped rows with their origin, at most `limit`."""
        count = self.dropped_count if limit is None else min(limit, self.dropped_count)
        return [self.bad_row(number) for number in range(count)]

    @property
    def dropped_count(self) -> int:
        """Number of dropped rows."""
        return len(self.dropped_texts) + sum(len(rows) for rows in self.dropped_rows.values())

    def bad_row(self, number: int) -> BadRow:
        """Return one of the dropped rows, counted from 0, without making a list of all."""
        if 0 <= number < len(self.dropped_texts):
            return self.dropped_texts[number]
        left = number - len(self.dropped_texts)
        for reason, rows in self.dropped_rows.items():
            if 0 <= left < len(rows):
                return BadRow(reason, self.origin(int(rows[left])))
            left -= len(rows)
        raise IndexError(f"there is no dropped row {number}, only {self.dropped_count}")

    def origin(self, index: int) -> str:
        """Name file and row of the row with `index` among all rows that reached the check."""
        position = bisect.bisect_right([span.start for span in self.spans], index) - 1
        return self.spans[position].origin(index)

    def kept_origin(self, sample: int) -> str:
        """Name file and row of a sample that was kept, or nothing where its number is that row's.

        Args:
            sample: from 0; rows that were dropped before it are not counted in it.
        """
        if not self.spans:
            return ""
        named = self.origin(sample + int(np.searchsorted(self._kept_before, sample, side="right")))
        return "" if len(self.spans) == 1 and named.endswith(f" {sample + 1}") else named

    @cached_property
    def _kept_before(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """How many rows were kept before each dropped one, ascending."""
        dropped = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *self.dropped_rows.values()]))
        return dropped - np.arange(len(dropped))

    @property
    def teacher_text(self) -> str:
        """Which teacher made the embeddings, for people."""
        if self.made_by is not None:
            return self.made_by.description
        return MIXED_TEACHERS.format(teacher=self.teacher) if self.teacher else NO_TEACHER

    def account(self) -> dict[str, object]:
        """Return what was read, guessed, left aside and dropped, as plain values for JSON."""
        return {
            "teacher": self.teacher_text,
            "rows_read": self.rows_read,
            "samples": self.kept,
            "dropped": self.dropped,
            "guesses": self.guesses,
            "left_aside": self.left_aside,
            "warnings": self.warnings,
        }

    def summary(self) -> str:
        """Say in one line what was kept and dropped."""
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self.dropped.items())
        return f"{self.kept:,} samples kept" + (f", dropped: {reasons}" if reasons else ", none dropped")
