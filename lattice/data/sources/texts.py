"""Texts that a teacher encodes, as a source."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.bounds import within_memory
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.report import BadRow, Span
from lattice.data.sources.base import Opening, Source
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher
from lattice.errors import DataError
from lattice.progress import Progress

ENCODE_SLICE = 1 << 17
"""Texts that the teacher gets at a time; bounds the memory beside the table."""
_PROGRESS_EVERY = 10_000


class TextsSource(Source):
    """Texts, read whole up to the limit, to be encoded by a teacher."""

    def __init__(self, name: str, opened: TextSource, limit: int | None, opening: Opening) -> None:
        """Read the texts; rows without one, and texts that were there already, are dropped and reported."""
        self.name, self.paired = name, opened.has_partners
        opening.note(opened.guess, opened.aside)
        rows, bad = [], opening.report.dropped_texts
        seen: set[tuple[str | None, ...]] = set()
        with contextlib.closing(opened.rows):
            for done, row in enumerate(itertools.islice(within_memory(opened.rows, name, opening.meter), limit), 1):
                if done % _PROGRESS_EVERY == 0:
                    opening.progress(f"reading {name}", done, limit)
                texts = (row.text,) if not self.paired else (row.text, row.partner)
                origin = self._origin(row)
                if any(text is None for text in texts):
                    bad.append(BadRow("no text", origin))
                    continue
                if opening.data.drop_duplicates and texts in seen:
                    bad.append(BadRow("duplicate text", origin))
                    continue
                seen.add(texts)
                rows.append(row)
        opening.meter.check_unchanged(opening.earlier)
        if not rows:
            raise DataError(f"{name} holds no text at all; expected at least one row with a text")
        self.count, self._rows = len(rows), rows

    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Encode the texts, a slice at a time."""
        assert teacher is not None, "texts are only filled once a teacher is loaded"
        for column in range(len(table.columns)):
            for first, rows in self.encoded(teacher, bool(column), count, table.dtype, progress):
                table.put(column, start + first, rows)
        spans = []
        for file, group in itertools.groupby(self._rows[:count], key=lambda row: row.file):
            numbers = np.array([row.row for row in group], dtype=np.int64)
            spans.append(Span(start, file or self.name, "row", numbers))
            start += len(numbers)
        return spans

    def encoded(
        self, teacher: Teacher, partner: bool, count: int, dtype: torch.dtype, progress: Progress
    ) -> Iterator[tuple[int, Tensor]]:
        """Yield (index of the first, embeddings [n, D]) of the first `count` texts, a slice at a time."""
        texts = self.texts(partner, count)
        for first in range(0, count, ENCODE_SLICE):
            part = texts[first : first + ENCODE_SLICE]
            place = functools.partial(self._place, first)
            yield first, teacher.encode(part, dtype=dtype, progress=progress, place=place)

    def _place(self, first: int, index: int) -> str:
        return self._origin(self._rows[first + index])

    def _origin(self, row: TextRow) -> str:
        return f"{row.file or self.name} row {row.row}"

    def texts(self, partner: bool, count: int) -> Sequence[str]:
        """Return the texts, or those of the second column."""
        return [(row.partner if partner else row.text) or "" for row in self._rows[:count]]

    def categories(self, count: int) -> Sequence[str] | None:
        """Return the labels, None if no row has one."""
        labels = [row.category for row in self._rows[:count]]
        return labels if any(labels) else None
