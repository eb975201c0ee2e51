"""Files of Arrow columns: `.parquet`, `.feather` and `.arrow`, read batch by batch and only as far as requested."""

from __future__ import annotations

import contextlib
import functools
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from lattice.data.readers.bounds import check_columns, check_piece, check_unpacked
from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted
from lattice.data.readers.records import Remarks
from lattice.data.readers.utf8_columns import LOOKED_AT, candidates, text_columns, with_texts
from lattice.errors import DataError, first_line
from lattice.formats import PARQUET_ENDING, ending_of
from lattice.limits import MAX_HEADER_BYTES

PAGE_BUFFER_BYTES = 1 << 16
GROUP_BUFFER_BYTES = 1 << 20
"""Bytes read at a time where whole row groups are read, by threads that each wait for Python's lock at every read."""
_MOST_ENTRIES = 1 << 20
"""Longest list in a file's description of itself, such as its columns times its row groups."""
_FILE_MAGIC, _OLD_MAGIC = b"ARROW1", b"FEA1"


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


class ParquetFile(ColumnarFile):
    """A `.parquet` file, read page by page and not by whole column chunks."""

    kind = "parquet"
    _metadata: Any = None
    """The footer, which is read once."""
    _groups_checked = False

    def _describe(self, file: CountedFile) -> tuple[Any, int | None]:
        table = self._open(file)
        self._metadata = table.metadata
        check_columns(self.path, table.schema_arrow)
        return table.schema_arrow, table.metadata.num_rows

    def _batches(self, file: CountedFile, columns: list[str], rows: int, groups: range | None) -> Iterator[Any]:
        if not self._groups_checked:  # there may be thousands, and each run of them is read by itself
            _check_groups(self.path, self._metadata)
            self._groups_checked = True
        # One column can't be decoded by several threads, and handing it to another one costs more than it brings.
        batches = self._open(file, PAGE_BUFFER_BYTES if groups is None else GROUP_BUFFER_BYTES).iter_batches(
            batch_size=rows, row_groups=groups, columns=columns, use_threads=groups is None and len(columns) > 1
        )
        for batch in batches:
            self.meter.add(rows=batch.num_rows)
            yield batch

    def row_groups(self) -> list[RowGroup]:
        """Return what the footer says of the row groups."""
        groups = map(self._metadata.row_group, range(self._metadata.num_row_groups))
        return [RowGroup(group.num_rows, group.total_byte_size) for group in groups]

    def _open(self, file: CountedFile, buffer_bytes: int = PAGE_BUFFER_BYTES) -> Any:
        import pyarrow.parquet as pq

        file.seek(0)
        return pq.ParquetFile(
            file,
            metadata=self._metadata,
            pre_buffer=False,
            buffer_size=buffer_bytes,
            thrift_string_size_limit=MAX_HEADER_BYTES,
            thrift_container_size_limit=_MOST_ENTRIES,
        )


def _check_groups(path: Path, metadata: Any) -> None:
    """Raise `DataError` for a row group that would unpack to more memory than its rows can be worth.

    Only groups are looked at: of a damaged column's description, pyarrow ends the process with an exception of C++.
    """
    packed = path.stat().st_size
    for number, group in enumerate(map(metadata.row_group, range(metadata.num_row_groups)), 1):
        what = f"row group {number}"
        check_piece(path, what, group.total_byte_size)
        check_unpacked(path, what, packed, group.total_byte_size)


class ArrowFile(ColumnarFile):
    """An `.arrow` or `.feather` file: Arrow's own format, with a footer or as a stream."""

    kind = "Arrow"

    def _describe(self, file: CountedFile) -> tuple[Any, int | None]:
        reader = self._open(file, None)
        return reader.schema, None

    def _batches(self, file: CountedFile, columns: list[str], rows: int, groups: range | None) -> Iterator[Any]:
        names = self.schema.names
        reader = self._open(file, [names.index(name) for name in columns])
        whole = (
            (reader.get_batch(number) for number in range(reader.num_record_batches))
            if hasattr(reader, "num_record_batches")
            else reader
        )
        for batch in whole:
            for start in range(0, batch.num_rows, rows):
                part = batch.slice(start, rows)
                self.meter.add(rows=part.num_rows)
                yield part

    def _open(self, file: CountedFile, fields: list[int] | None) -> Any:
        import pyarrow as pa

        file.seek(0)
        magic = file.read(len(_FILE_MAGIC))
        file.seek(0)
        if magic.startswith(_OLD_MAGIC):
            raise DataError(
                f"{self.path} is a Feather file of version 1, which nothing writes any more; convert it with "
                "`pandas.read_feather(old).to_parquet('rows.parquet')`"
            )
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        if magic == _FILE_MAGIC:
            return pa.ipc.open_file(file, options=options)
        return pa.ipc.open_stream(file, options=options)


def open_columnar(path: Path, meter: ReadMeter, remarks: Remarks) -> ColumnarFile:
    """Open a file of columns by its ending and read its schema.

    Args:
        path: the file.
        meter: counts what is read.
        remarks: takes the rows whose bytes are no texts, though those of the first rows are.

    Raises:
        DataError: it is damaged, or no such file.
    """
    return (ParquetFile if ending_of(path) == PARQUET_ENDING else ArrowFile)(path, meter, remarks)
