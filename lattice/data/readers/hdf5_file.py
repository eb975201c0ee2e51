"""Tables in HDF5 files, with the library h5py where it is installed.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.archive_parts import aside_parts, choose_table, parts_beside
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter, explain_os_error, open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.row_layout import check_layout, two_sides
from lattice.data.readers.rows import RowReader
from lattice.data.readers.scaled_rows import likely_tables, scaled, scales_of
from lattice.data.readers.several_tables import refuse_tables_of_tokens
from lattice.data.vector_columns import listed
from lattice.errors import DataError, first_line

_TYPES = {"float16": torch.float16, "float32": torch.float32, "float64": torch.float64}
_PROGRESS_EVERY = 1000
BENCHMARK_PARTS = {"train", "test", "neighbors"}
"""What the files of ann-benchmarks hold; `train` are the vectors that are searched."""


class Hdf5Rows(RowReader):
    """Rows of one data set; the file is opened for each piece."""

    def _fill(self, row: int, buffer: memoryview, out: Tensor) -> None:
        layout = self.layout
        with _opened(layout.path) as file:
            held = file[layout.name]
            before = min(_leading_ones(held.shape), len(held.shape) - 2)
            part = np.ascontiguousarray(held[(*[0] * before, slice(row, row + len(out)))]).reshape(out.shape)
        native = part.astype(part.dtype.newbyteorder("="), copy=False)
        out.copy_(torch.from_numpy(native))
        self.meter.add(bytes=part.nbytes)


@dataclass
class _Tables:
    """Data sets of a file by name, and those that are lists."""

    shapes: dict[str, tuple[int, ...]]
    kinds: dict[str, str]

    def tables(self) -> list[str]:
        """Return the data sets that have the shape of a table."""
        return [name for name, shape in self.shapes.items() if len(two_sides(shape)) == 2]

    def texts(self) -> list[str]:
        """Return the data sets that are lists of texts."""
        return [name for name, shape in self.shapes.items() if len(shape) == 1 and self.kinds[name][:2] in ("ob", "|S")]

    def equal_vectors(self) -> list[str]:
        """Return all data sets if each is a vector, of one width: a file of rows by name."""
        shapes = set(self.shapes.values())
        floats = all(kind in _TYPES for kind in self.kinds.values())
        vectors = floats and len(self.shapes) > 1 and len(shapes) == 1 and len(min(shapes)) == 1
        return list(self.shapes) if vectors else []


def open_hdf5(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Open an HDF5 file and choose its table.

    Raises:
        DataError: h5py is missing, the file is damaged, or nothing tells which data set holds the embeddings.
    """
    meter, guesses = request.meter, list[str]()
    with open_counted(path, ReadMeter()):  # says so where it is empty, or a pointer of Git LFS
        pass
    with _opened(path) as file:
        tables = _tables(file)
        floats = [name for name in tables.tables() if tables.kinds[name] in _TYPES]
        wanted = request.columns.table
        if not floats and wanted is None and (names := tables.equal_vectors()):
            return _by_name(path, file, names, request)
        if not tables.tables() and (texts := tables.texts()):
            raise DataError(
                f"{path} holds the texts {listed(texts)} and no vectors; write them, one a line, into a .txt file: "
                f"`h5py.File({path.name!r})[{texts[0]!r}].asstr()[:]`"
            )
        if wanted is None and set(tables.shapes) >= BENCHMARK_PARTS and "train" in floats:
            name = "train"
            guesses.append(f"{path.name}: took 'train', the vectors that are searched in a benchmark's file")
        else:
            if wanted is None:
                refuse_tables_of_tokens(path, {table: two_sides(tables.shapes[table]) for table in floats})
            name = choose_table(path, likely_tables(tables.tables(), floats), wanted, guesses)
        shape = tables.shapes[name]
        quantised = _quantised(path, file, tables, name, meter)
        rows = quantised or Hdf5Rows(
            check_layout(path, name, shape, _TYPES.get(tables.kinds[name]), tables.kinds[name]), meter
        )
        group = name.rpartition("/")[0]
        lists = {
            part.rpartition("/")[2]: (part, sides[0])
            for part, sides in tables.shapes.items()
            if len(sides) == 1 and part.rpartition("/")[0] == group
        }
        lengths = {part: length for part, (_, length) in lists.items()}
        beside = parts_beside(
            lengths, rows.layout.count, lambda part: file[lists[part][0]][: request.limit].tolist(), name
        )
        read = [lists[part][0] for part in beside.read]
        read += [] if quantised is None else scales_of(name, tables.shapes)
    return EmbeddingFile(
        path,
        rows,
        None,
        "".join(guesses),
        {},
        meter,
        aside=aside_parts(path, list(tables.shapes), [name, *read], []),
        names=beside.names,
        held_texts=beside.held_texts,
        held_categories=beside.held_categories,
    )


def _quantised(path: Path, file: Any, tables: _Tables, name: str, meter: ReadMeter) -> RowReader | None:
    """Return rows of bytes multiplied by the scale that lies beside them; None for other rows, and without a scale."""
    others = scales_of(name, tables.shapes)
    if tables.kinds[name] not in ("int8", "uint8") or not others:
        return None
    beside = {part: (lambda part=part: np.asarray(file[part][()])) for part in others}
    values = np.asarray(file[name][()]).reshape(two_sides(tables.shapes[name]))
    rows_SD = scaled(path, name, values, beside)
    return None if rows_SD is None else held_rows(path, rows_SD, meter)


def _by_name(path: Path, file: Any, names: list[str], request: ReadRequest) -> EmbeddingFile:
    """Read a file of vectors by name, such as one data set for each protein, into memory."""
    taken = names[: request.limit]
    shape = (len(taken), *map(int, file[names[0]].shape))
    check_layout(path, "", shape, torch.float32, "float32")
    rows_SD = np.empty(shape, dtype=np.float32)
    for row, name in enumerate(taken):
        rows_SD[row] = file[name][()]
        if row % _PROGRESS_EVERY == 0:
            request.progress(f"reading {path.name}", row, len(taken))
    request.meter.add(bytes=rows_SD.nbytes)
    guess = f"{path.name}: took its {len(names)} vectors for the rows, and their names for the rows' names"
    rows = held_rows(path, rows_SD, ReadMeter())
    ends = {name.rpartition("/")[2] for name in names}
    ids = [name.rpartition("/")[0] for name in taken] if len(ends) == 1 else taken  # a group each
    return EmbeddingFile(path, rows, None, guess, {}, request.meter, names=True, held_texts=ids)


def hdf5_table_names(path: Path) -> list[str]:
    """Return the data sets of a file that can hold embeddings; raises `DataError` as `open_hdf5` does."""
    with _opened(path) as file:
        return _tables(file).tables()


def _tables(file: Any) -> _Tables:
    tables = _Tables({}, {})

    def visit(name: str, item: Any) -> None:
        if hasattr(item, "shape") and item.shape is not None:
            tables.shapes[name] = tuple(map(int, item.shape))
            tables.kinds[name] = str(item.dtype.newbyteorder("="))

    file.visititems(visit)
    return tables


def _leading_ones(shape: tuple[int, ...]) -> int:
    return next((axis for axis, side in enumerate(shape) if side != 1), len(shape))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError:
        raise DataError(
            f"{path} is an HDF5 file, for which the library h5py is missing; install it with "
            "`pip install 'cellcube[hdf5]'`, or save the vectors as .npy"
        ) from None
    try:
        # Without a lock, a file on a read-only or network disk can be opened too.
        with path.open("rb") as raw, h5py.File(raw, "r", locking=False) as file:
            yield file
    except FileNotFoundError as error:
        raise explain_os_error(path, error) from error
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise DataError(f"{path} is no readable HDF5 file ({first_line(error)}); copy or make it again") from error
