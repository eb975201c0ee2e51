"""Files `.parquet`, read page by page; their row groups can be decoded apart."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lattice.data.readers.bounds import check_columns, check_piece, check_unpacked
from lattice.data.readers.columnar import ColumnarFile, RowGroup
from lattice.data.readers.counted import CountedFile
from lattice.limits import MAX_HEADER_BYTES

PAGE_BUFFER_BYTES = 1 << 16
GROUP_BUFFER_BYTES = 1 << 18
"""Bytes read at a time where whole row groups are read: more leave a core's cache before they are decoded."""
_MOST_ENTRIES = 1 << 20
"""Longest list in a file's description of itself, such as its columns times its row groups."""


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
        if groups is not None:
            yield from self._group_batches(columns, rows, groups)
            return
        # One column can't be decoded by several threads, and handing it to another one costs more than it brings.
        batches = self._open(file, PAGE_BUFFER_BYTES).iter_batches(
            batch_size=rows, columns=columns, use_threads=len(columns) > 1
        )
        for batch in batches:
            self.meter.add(rows=batch.num_rows)
            yield batch

    def _group_batches(self, columns: list[str], rows: int, groups: range) -> Iterator[Any]:
        """Decode whole row groups from a file of pyarrow's own, whose reads need no lock of Python's.

        What was read is counted once it is decoded: before, looking up a damaged column's size may end the process.
        """
        import pyarrow as pa

        with pa.OSFile(os.fsencode(self.path)) as file:
            batches = self._open(file, GROUP_BUFFER_BYTES).iter_batches(
                batch_size=rows, row_groups=groups, columns=columns, use_threads=False
            )
            for batch in batches:
                self.meter.add(rows=batch.num_rows)
                yield batch
        self.meter.add(bytes=sum(_packed_bytes(self._metadata, number, columns) for number in groups))

    def row_groups(self) -> list[RowGroup]:
        """Return what the footer says of the row groups."""
        groups = map(self._metadata.row_group, range(self._metadata.num_row_groups))
        return [RowGroup(group.num_rows, group.total_byte_size) for group in groups]

    def _open(self, file: Any, buffer_bytes: int = PAGE_BUFFER_BYTES) -> Any:
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


def _packed_bytes(metadata: Any, number: int, roots: list[str]) -> int:
    """Return the bytes that columns of a row group take in the file; no other column's description is looked at."""
    group, schema = metadata.row_group(number), metadata.schema
    inside = tuple(f"{root}." for root in roots)
    leaves = (leaf for leaf in range(len(schema)) if f"{schema.column(leaf).path}.".startswith(inside))
    return sum(group.column(leaf).total_compressed_size for leaf in leaves) if group.num_rows else 0


def _check_groups(path: Path, metadata: Any) -> None:
    """Raise `DataError` for a row group that would unpack to more memory than its rows can be worth.

    Only groups are looked at: of a damaged column's description, pyarrow ends the process with an exception of C++.
    """
    packed = path.stat().st_size
    for number, group in enumerate(map(metadata.row_group, range(metadata.num_row_groups)), 1):
        what = f"row group {number}"
        check_piece(path, what, group.total_byte_size)
        check_unpacked(path, what, packed, group.total_byte_size)
