"""Files of ready-made embeddings as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch

from lattice.data.provenance import common_record, from_notes
from lattice.data.readers.base import Reader
from lattice.data.readers.choice import faults_named
from lattice.data.readers.embedding_file import PARTNER_TEXTS, TEXTS, EmbeddingFile
from lattice.data.report import Span
from lattice.data.sources.base import Opening, Source
from lattice.data.sources.texts_ahead import TextsAhead
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher
from lattice.data.texts import joined_texts
from lattice.errors import DataError
from lattice.plugins import Entry
from lattice.progress import Progress

OpenFiles = Iterator[tuple[Entry[Reader], EmbeddingFile]]
"""Files with their readers; each is opened when the iterator gets to it."""


class EmbeddingSource(Source):
    """One file of embeddings, or the files of a folder, read one after the other."""

    def __init__(self, name: str, files: OpenFiles, limit: int | None, opening: Opening) -> None:
        """Open as many files as the limit needs and compare their headers."""
        self.name, self.count = name, 0
        self._files: list[EmbeddingFile] = []
        self._readers: list[Entry[Reader]] = []
        self._ahead = TextsAhead()
        try:
            for reader, file in files:
                self._add(reader, file)
                if limit is not None and self.count >= limit:
                    break
        except BaseException:
            self.close()
            raise
        self.count = self.count if limit is None else min(self.count, limit)
        self.paired = all(file.partners is not None for file in self._files)
        for file in self._files:
            opening.note(file.guess, file.aside)
        self.names = any(file.names for file in self._files)
        self.made_by = common_record(from_notes(file.notes, f"noted in {file.path.name}") for file in self._files)
        types = {file.rows.layout.dtype for file in self._files}
        self.dtype = types.pop() if len(types) == 1 else torch.float32

    def _add(self, reader: Entry[Reader], file: EmbeddingFile) -> None:
        self._files.append(file)
        self._readers.append(reader)
        layout = file.rows.layout
        if self.width is not None and layout.width != self.width:
            raise DataError(
                f"{layout.path} has embeddings of width {layout.width}, but {self._files[0].path} of {self.width}; "
                "all shards must have the same width"
            )
        self.width = layout.width
        self.count += layout.count

    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Read the rows straight into the table, and their texts meanwhile where that can be done."""
        for file, rows in self._shares(count):
            for name in (TEXTS, PARTNER_TEXTS)[: len(table.columns)]:
                self._ahead.begin(file, name, rows)
        spans, done = [], 0
        for entry, (file, rows) in zip(self._readers, self._shares(count), strict=False):
            spans.append(Span(start + done, file.path.name, "row", 1 if file.numbers is None else file.numbers[:rows]))
            for column, reader in enumerate((file.rows, file.partners)[: len(table.columns)]):
                assert reader is not None, "a table of pairs is only filled from files with partners"
                with faults_named(entry, file.path):
                    table.read(column, start + done, rows, reader, _counted(progress, file, done, count))
            done += rows
        return spans

    def _shares(self, count: int) -> list[tuple[EmbeddingFile, int]]:
        """Return how many of the first `count` rows each file holds, without the files that hold none of them."""
        shares = []
        for file in self._files:
            rows = min(count, file.rows.layout.count)
            if rows:
                shares.append((file, rows))
            count -= rows
        return shares

    def texts(self, partner: bool, count: int) -> Sequence[str] | None:
        """Return the texts that lie beside the embeddings, if every file has them."""
        name = PARTNER_TEXTS if partner else TEXTS
        return _joined([self._ahead.texts(file, name, rows) for file, rows in self._shares(count)])

    def categories(self, count: int) -> Sequence[str] | None:
        """Return the labels that lie beside the embeddings, if every file has them."""
        return _joined([file.categories(rows) for file, rows in self._shares(count)])

    def close(self) -> None:
        """Close every file."""
        self._ahead.close()
        for file in self._files:
            file.close()


def _counted(progress: Progress, file: EmbeddingFile, before: int, total: int) -> Callable[[int], None]:
    """Return a callback that adds up finished rows, and reports them beside those of the files before."""
    done = before

    def add(rows: int) -> None:
        nonlocal done
        done += rows
        progress(f"reading {file.path.name}", done, total)

    return add


def _joined(parts: Sequence[Sequence[str] | None]) -> Sequence[str] | None:
    found = [part for part in parts if part is not None]
    return None if len(found) < len(parts) else joined_texts(found)
