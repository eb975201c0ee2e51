"""What every file of columns can do: it is read batch by batch and only as far as requested."""

from __future__ import annotations

import contextlib
import functools
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted
from lattice.data.readers.records import Remarks
from lattice.data.readers.utf8_columns import LOOKED_AT, candidates, text_columns, with_texts
from lattice.errors import DataError, first_line


class RowGroup(NamedTuple):
    """A part of a file that can be decoded by itself."""

    rows: int
    bytes: int
    """Of all its columns, unpacked."""


class ColumnarFile(ABC):
    """A file with a schema. Each call of `batches` reads it again from its first row on."""

    kind: ClassVar[str]

    def __init__(self, path: Path, meter: ReadMeter, remarks: Remarks) -> None:
        """Read the schema; raises `DataError` if there is none."""
        self.path, self.meter, self.remarks = path, meter, remarks
        self._remarked: set[tuple[str, int]] = set()
        with self._guarded() as file:
            self.schema, self._count = self._describe(file)
        self._texts: list[str] = []
        self._find_texts()

    @abstractmethod
    def _describe(self, file: CountedFile) -> tuple[Any, int | None]:
        """Return the schema, and the number of rows where the file states it."""

    @abstractmethod
    def _batches(self, file: CountedFile, columns: list[str], rows: int, groups: range | None) -> Iterator[Any]:
        """Yield record batches with the columns, of at most `rows` rows."""

    def batches(self, columns: Sequence[str], rows: int, groups: range | None = None) -> Generator[Any]:
        """Yield record batches with the columns, of at most `rows` rows; any thread may, with a generator of its own.

        Args:
            columns: of the schema.
            rows: most rows of a batch.
            groups: which of `row_groups` are read; None: the whole file.
        """
        with self._guarded() as file:
            first = 1
            for batch in self._batches(file, list(columns), rows, groups):
                batch.validate(full=True)  # offsets in a damaged file may point anywhere in memory
                yield with_texts(batch, self._texts, functools.partial(self._remark, first))
                first += batch.num_rows

    def _remark(self, first: int, name: str, row: int) -> None:
        """Count a row once, however often it is read."""
        if (name, first + row) not in self._remarked:
            self._remarked.add((name, first + row))
            what = f"bytes in column {name!r} that are not UTF-8: U+FFFD stands for them"
            self.remarks.add(what, f"{self.path.name} row {first + row}")

    def _find_texts(self) -> None:
        """Take columns of bytes for what their first rows hold, if these are texts."""
        names = candidates(self.schema)
        if not names:
            return
        with contextlib.closing(self.batches(names, LOOKED_AT)) as batches:
            first = next(batches, None)
        if first is not None:
            self._texts = text_columns(names, first)
            self.schema = with_texts(self.schema.empty_table(), self._texts).schema

    def row_groups(self) -> list[RowGroup]:
        """Return the parts of the file that can be decoded each by itself, in order; none where it must be read on."""
        return []

    def count(self, limit: int | None) -> int:
        """Return the number of rows; a file that does not state it is read for that, up to `limit` rows."""
        if self._count is not None:
            return self._count
        found = 0
        with self._guarded() as file:
            for batch in self._batches(file, self.schema.names[:1], 1 << 16, None):
                found += batch.num_rows
                if limit is not None and found >= limit:
                    break
        return found

    def roots(self, names: Sequence[str]) -> list[str]:
        """Return the columns of the schema in which the named ones lie; `outer.inner` lies in `outer`."""
        known = set(self.schema.names)
        return list(dict.fromkeys(name if name in known else name.partition(".")[0] for name in names))

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[CountedFile]:
        import pyarrow as pa

        with open_counted(self.path, self.meter) as file:
            try:
                yield file
            except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
                raise DataError(
                    f"{self.path} is no readable {self.kind} file ({first_line(error)}); copy or make it again"
                ) from error
