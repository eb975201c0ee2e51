"""Records of a `.parquet` file, in small batches, reading pages and not whole column chunks."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from lattice.data.readers.bounds import check_columns, check_piece, check_unpacked
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.errors import DataError
from lattice.limits import MAX_HEADER_BYTES

_BATCH_ROWS = 256
_BUFFER_BYTES = 1 << 16
_MOST_ENTRIES = 1 << 20
"""Longest list in a file's description of itself, such as its columns times its row groups."""


def text_columns(path: Path, meter: ReadMeter) -> list[str]:
    """Return the names of the columns that hold texts, from the file's schema alone."""
    with _opened(path, meter) as table:
        import pyarrow as pa

        kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
        schema = table.schema_arrow
        check_columns(path, schema)
        names = [field.name for field in schema if any(kind(_value_type(field.type)) for kind in kinds)]
        if not names:
            raise DataError(f"{path} has no column of texts; it has {', '.join(schema.names[:12]) or 'no columns'}")
        return names


def parquet_records(path: Path, meter: ReadMeter, columns: list[str]) -> Generator[tuple[int, Mapping[str, Any]]]:
    """Yield (number from 1, record); only `columns` are read.

    Raises:
        DataError: the file is damaged.
    """
    with _opened(path, meter) as table:
        _check_groups(path, table.metadata)
        number = 0
        for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
            meter.rows += batch.num_rows
            for record in batch.to_pylist():
                number += 1
                yield number, record


@contextlib.contextmanager
def _opened(path: Path, meter: ReadMeter) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_counted(path, meter) as file:
        try:
            yield pq.ParquetFile(
                file,
                pre_buffer=False,
                buffer_size=_BUFFER_BYTES,
                thrift_string_size_limit=MAX_HEADER_BYTES,
                thrift_container_size_limit=_MOST_ENTRIES,
            )
        except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
            message = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise DataError(f"{path} is no readable parquet file ({message}); copy or make it again") from error


def _check_groups(path: Path, metadata: Any) -> None:
    """Raise `DataError` for a row group that would unpack to more memory than its texts can be worth.

    Only groups are looked at: of a damaged column's description, pyarrow ends the process with an exception of C++.
    """
    packed = path.stat().st_size
    for number, group in enumerate(map(metadata.row_group, range(metadata.num_row_groups)), 1):
        what = f"row group {number}"
        check_piece(path, what, group.total_byte_size)
        check_unpacked(path, what, packed, group.total_byte_size)


def _value_type(kind: Any) -> Any:
    """Return the type of the values behind a dictionary encoding."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind
