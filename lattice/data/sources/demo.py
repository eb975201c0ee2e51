"""The bundled demo data as a source."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.data.demo import DEMO_TEACHER, DemoRows, read_demo
from lattice.data.report import Span
from lattice.data.sources.base import Source
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher
from lattice.progress import Progress


class DemoSource(Source):
    """The bundled demo data."""

    def __init__(self, limit: int | None) -> None:
        """Read at most `limit` rows."""
        self.name, self.paired = "WordNet 3.0 demo", True
        self._rows: DemoRows = read_demo(limit)
        self.count, self.width = self._rows.definitions.shape
        self.dtype, self.made_by = self._rows.definitions.dtype, DEMO_TEACHER

    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Copy the rows."""
        for column, rows in enumerate((self._rows.definitions, self._rows.terms)[: len(table.columns)]):
            table.put(column, start, rows[:count])
        return [Span(start, self.name, "row", 1)]

    def texts(self, partner: bool, count: int) -> Sequence[str]:
        """Return definitions or terms."""
        return (self._rows.term_texts if partner else self._rows.texts)[:count]

    def categories(self, count: int) -> Sequence[str]:
        """Return the lexicographer files."""
        return self._rows.categories[:count]
