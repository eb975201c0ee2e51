"""Files `.arrow` and `.feather` in Arrow's own format, and which kind of file of columns one is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lattice.data.readers.columnar import ColumnarFile
from lattice.data.readers.counted import CountedFile, ReadMeter
from lattice.data.readers.parquet_file import ParquetFile
from lattice.data.readers.records import Remarks
from lattice.errors import DataError
from lattice.formats import PARQUET_ENDING, ending_of

_FILE_MAGIC, _OLD_MAGIC = b"ARROW1", b"FEA1"


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
