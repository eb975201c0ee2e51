"""What every source of samples is, and what it needs to open.

Shapes: S samples, D embedding width.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from lattice.config.data import DataSettings
from lattice.data.provenance import TeacherRecord
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Remarks
from lattice.data.report import LoadReport, Span
from lattice.data.requested_columns import Columns
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher
from lattice.log import logger
from lattice.progress import Progress


@dataclass
class Opening:
    """How to open a source, and where to account for it."""

    data: DataSettings
    want_pairs: bool
    meter: ReadMeter
    report: LoadReport
    progress: Progress
    remarks: Remarks = field(default_factory=Remarks)
    earlier: frozenset[Path] = frozenset()
    """Files of the sources before, which may still be read."""

    @property
    def columns(self) -> Columns:
        """Columns that were requested."""
        data = self.data
        return Columns(
            data.text_column, data.pair_columns, self.want_pairs, data.vector_column, data.label_column, data.table
        )

    def request(self, limit: int | None, chosen: Columns | None = None) -> ReadRequest:
        """Return what a reader gets; `chosen` are the columns of the file before, of the same kind."""
        return ReadRequest(limit, chosen or self.columns, self.meter, self.progress, self.remarks)

    def note(self, guess: str, aside: str) -> None:
        """Put into the report, and into the log, what was guessed and what was left aside."""
        for text, kept in ((guess, self.report.guesses), (aside, self.report.left_aside)):
            if text and text not in kept:
                kept.append(text)
                logger.info("data: %s", text)


class Source(ABC):
    """Rows of one place. `count` rows are available; they are read by `fill`, from the first on."""

    name: str
    count: int
    paired: bool
    width: int | None = None
    """Embedding width D; None where a teacher decides."""
    dtype: torch.dtype = torch.float16
    made_by: TeacherRecord | None = None
    """The teacher of embeddings that came ready-made, None if it is unknown."""
    names: bool = False
    """Whether its texts are ids or words that name the rows, not what a teacher encoded."""

    @abstractmethod
    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Put the first `count` rows into the table from row `start` on; return where they come from."""

    def texts(self, partner: bool, count: int) -> Sequence[str] | None:
        """Return the texts of the first `count` rows, or of their partners; None if there are none."""
        return None

    def categories(self, count: int) -> Sequence[str] | None:
        """Return the labels of the first `count` rows, None if there are none."""
        return None

    def close(self) -> None:  # noqa: B027 - most sources hold nothing open
        """Close what is open."""
