"""Sources of samples: each knows how many rows it has, and puts them into a table."""

from __future__ import annotations

import contextlib
import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lattice.config.data import DataSettings
from lattice.data.columns import Columns
from lattice.data.demo import DEMO_TEACHER, DemoRows, read_demo
from lattice.data.provenance import TeacherRecord, common_record, from_notes
from lattice.data.readers import embedding_file, text_file
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile, open_embedding_file
from lattice.data.readers.hub import PREFIX, open_hub
from lattice.data.readers.text_file import TextRow, TextSource, open_text_file
from lattice.data.report import BadRow, LoadReport, Span
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher
from lattice.errors import DataError
from lattice.log import logger
from lattice.progress import Progress

ENCODE_SLICE = 1 << 17
"""Texts handed to the teacher at a time; bounds the memory beside the table."""


@dataclass
class Opening:
    """What every source needs to open: how much to read, how, and whom to tell."""

    data: DataSettings
    want_pairs: bool
    meter: ReadMeter
    report: LoadReport
    progress: Progress

    @property
    def columns(self) -> Columns:
        """Columns that were asked for."""
        return Columns(self.data.text_column, self.data.pair_columns, self.want_pairs)


class Source(ABC):
    """Rows of one place. `count` rows are available; they are read by `fill`, from the first on."""

    name: str
    count: int
    paired: bool
    width: int | None = None
    """None where a teacher decides."""
    dtype: torch.dtype = torch.float16
    made_by: TeacherRecord | None = None
    """The teacher of embeddings that came ready-made, None if nobody knows."""

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
        """Let go of open files."""


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


class EmbeddingSource(Source):
    """One file of embeddings, or a folder of shards read in the order of their names."""

    def __init__(self, name: str, paths: Sequence[Path], limit: int | None, opening: Opening) -> None:
        """Open as many shards as the limit needs and compare their headers."""
        self.name, self.count, self._files = name, 0, list[EmbeddingFile]()
        try:
            for path in paths:
                self._add(open_embedding_file(path, opening.meter))
                if limit is not None and self.count >= limit:
                    break
        except BaseException:
            self.close()
            raise
        self.count = self.count if limit is None else min(self.count, limit)
        self.paired = all(file.partners is not None for file in self._files)
        opening.report.guesses += [file.guess for file in self._files if file.guess]
        self.made_by = common_record(from_notes(file.notes, f"noted in {file.path.name}") for file in self._files)
        types = {file.rows.layout.dtype for file in self._files}
        self.dtype = types.pop() if len(types) == 1 else torch.float32

    def _add(self, file: EmbeddingFile) -> None:
        layout = file.rows.layout
        if self.width is not None and layout.width != self.width:
            file.close()
            raise DataError(
                f"{layout.path} has embeddings of width {layout.width}, but {self._files[0].path} of {self.width}; "
                "all shards must have the same width"
            )
        self.width = layout.width
        self.count += layout.count
        self._files.append(file)

    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Read the rows straight into the table."""
        spans, done = [], 0
        for file, rows in self._shares(count):
            spans.append(Span(start + done, file.path.name, "row", 1))
            for column, reader in enumerate((file.rows, file.partners)[: len(table.columns)]):
                assert reader is not None, "a table of pairs is only filled from files with partners"
                told = [done]

                def tell(finished: int, told: list[int] = told, name: str = file.path.name) -> None:
                    told[0] += finished
                    progress(f"reading {name}", told[0], count)

                table.read(column, start + done, rows, reader, tell)
            done += rows
        return spans

    def _shares(self, count: int) -> list[tuple[EmbeddingFile, int]]:
        shares = []
        for file in self._files:
            rows = min(count, file.rows.layout.count)
            if rows:
                shares.append((file, rows))
            count -= rows
        return shares

    def texts(self, partner: bool, count: int) -> Sequence[str] | None:
        """Return the texts that lie beside the embeddings, if every shard has them."""
        name = embedding_file.PARTNER_TEXTS if partner else embedding_file.TEXTS
        parts = [file.texts(name, rows) for file, rows in self._shares(count)]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        return found[0] if len(found) == 1 else list(itertools.chain.from_iterable(found))

    def close(self) -> None:
        """Close every shard."""
        for file in self._files:
            file.close()


class TextsSource(Source):
    """Texts, read whole up to the limit, to be encoded by a teacher."""

    def __init__(self, name: str, opened: TextSource, limit: int | None, opening: Opening) -> None:
        """Read the texts; rows without one, and texts that were there already, are dropped and reported."""
        self.name, self.paired = name, opened.has_partners
        rows, bad = [], opening.report.dropped_texts
        seen: set[tuple[str | None, ...]] = set()
        with contextlib.closing(opened.rows):
            for done, row in enumerate(itertools.islice(opened.rows, limit), 1):
                if done % 10_000 == 0:
                    opening.progress(f"reading {name}", done, limit)
                texts = (row.text,) if not self.paired else (row.text, row.partner)
                origin = f"{row.file or name} row {row.row}"
                if any(text is None for text in texts):
                    bad.append(BadRow("no text", origin))
                    continue
                if opening.data.drop_duplicates and texts in seen:
                    bad.append(BadRow("duplicate text", origin))
                    continue
                seen.add(texts)
                rows.append(row)
        if opened.guess:
            opening.report.guesses.append(opened.guess)
        if not rows:
            raise DataError(f"{name} holds no text at all; expected at least one row with a text")
        self.count, self._rows = len(rows), rows

    def fill(self, table: RowTable, start: int, count: int, teacher: Teacher | None, progress: Progress) -> list[Span]:
        """Encode the texts, a slice at a time."""
        assert teacher is not None, "texts are only filled once a teacher is loaded"
        for column in range(len(table.columns)):
            texts = self.texts(bool(column), count)
            for first in range(0, count, ENCODE_SLICE):
                rows = teacher.encode(texts[first : first + ENCODE_SLICE], dtype=table.dtype, progress=progress)
                table.put(column, start + first, rows)
        spans = []
        for file, group in itertools.groupby(self._rows[:count], key=lambda row: row.file):
            numbers = np.array([row.row for row in group], dtype=np.int64)
            spans.append(Span(start, file or self.name, "row", numbers))
            start += len(numbers)
        return spans

    def texts(self, partner: bool, count: int) -> Sequence[str]:
        """Return the texts, or those of the second column."""
        return [(row.partner if partner else row.text) or "" for row in self._rows[:count]]


def open_source(spec: str | None, limit: int | None, opening: Opening) -> Source:
    """Open the demo (None), a file, a folder, or a data set of the hub (`hub:owner/name`).

    Raises:
        DataError: it can't be used.
    """
    if spec is None:
        return DemoSource(limit)
    if spec.startswith(PREFIX):
        return _texts(spec, open_hub(spec, opening.data.split, opening.columns, opening.meter), limit, opening)
    path = Path(spec).expanduser()
    if path.is_dir():
        return _open_folder(path, limit, opening)
    if not path.exists():
        hint = f"; for the hub's data set write 'hub:{spec}'" if re.fullmatch(r"[\w.-]+/[\w.-]+", spec) else ""
        raise DataError(f"{path} does not exist; check the path{hint}")
    suffix = path.suffix.lower()
    if suffix in embedding_file.SUFFIXES:
        return EmbeddingSource(str(path), [path], limit, opening)
    if suffix in text_file.SUFFIXES:
        return _texts(path.name, open_text_file(path, opening.columns, opening.meter), limit, opening)
    known = ", ".join((*text_file.SUFFIXES, *embedding_file.SUFFIXES))
    raise DataError(f"{path}: {suffix or 'no suffix'} is no kind of file that can be read; expected {known}")


def _texts(name: str, opened: TextSource, limit: int | None, opening: Opening) -> TextsSource:
    if opened.guess:
        logger.info("data: %s", opened.guess)
    return TextsSource(name, opened, limit, opening)


def _open_folder(folder: Path, limit: int | None, opening: Opening) -> Source:
    try:
        paths = sorted((path for path in folder.iterdir() if path.is_file()), key=natural_key)
    except OSError as error:
        raise DataError(f"folder {folder} can't be listed: {error.strerror}; change its permissions") from error
    shards = [path for path in paths if path.suffix.lower() in embedding_file.SUFFIXES]
    if shards:
        return EmbeddingSource(str(folder), shards, limit, opening)
    texts = [path for path in paths if path.suffix.lower() in text_file.SUFFIXES]
    if not texts:
        raise DataError(f"folder {folder} holds no file of texts or embeddings")
    return _texts(str(folder), _chained(texts, opening), limit, opening)


def _chained(paths: Sequence[Path], opening: Opening) -> TextSource:
    """Read files of texts one after the other; the first one's columns hold for all."""
    first = open_text_file(paths[0], opening.columns, opening.meter)

    def rows() -> Generator[TextRow]:
        for path in paths:
            opened = first if path is paths[0] else open_text_file(path, opening.columns, opening.meter)
            for row in opened.rows:
                yield row._replace(file=path.name)

    return TextSource(rows(), first.guess, first.has_partners)


def natural_key(path: Path) -> list[tuple[int, str]]:
    """Sort `part-2` before `part-10`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]
