"""The first rows of a source as a load would read them, before anything long is done.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import torch

from lattice.config.data import DataSettings
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import TEXTS_READER, find_reader
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.opening import is_unpacked_first
from lattice.data.readers.tensor_file import table_names
from lattice.data.readers.text_file import first_records, table_ending
from lattice.data.report import LoadReport
from lattice.data.sources.base import Opening, Source
from lattice.data.sources.folder import files_of
from lattice.data.sources.opening import open_source
from lattice.data.table import RowTable
from lattice.data.validation import Bounds
from lattice.errors import CellcubeError
from lattice.formats import HDF5_ENDINGS, TABULAR_ENDINGS, ending_of
from lattice.progress import Progress, no_progress

PREVIEW_ROWS = 5
_SHOWN_NUMBERS = 3


@dataclass(frozen=True)
class PreviewRow:
    """One sample as it would be learned, in words."""

    text: str
    vector: str
    """Its first numbers and its width; empty where a teacher is to encode the text."""
    category: str


@dataclass(frozen=True)
class Preview:
    """What a source holds, and what the settings make of it."""

    source: str
    columns: tuple[str, ...] = ()
    """Columns to choose from; empty where the source has none."""
    tables: tuple[str, ...] = ()
    """Tables of an archive to choose from; empty where there is nothing to choose."""
    rows: tuple[PreviewRow, ...] = ()
    notes: tuple[str, ...] = ()
    """What was guessed and what is left aside."""
    problem: str = ""
    """Why it can't be read so; empty if it can."""


def preview_data(
    source: str, data: DataSettings, *, want_pairs: bool = False, progress: Progress = no_progress
) -> Preview:
    """Read the first rows of a source.

    Args:
        source: file or folder.
        data: the chosen columns and table.
        want_pairs: whether the objective needs pairs.
        progress: called during long work; raising `Cancelled` in it stops.

    Returns:
        Columns and tables also where the rows can't be read, with the reason.
    """
    columns: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    report = LoadReport()
    try:
        path = _first_file(Path(source).expanduser(), data.split)
        if path is not None:
            tables = _tables(path)
            columns = _columns(path, data)
        opening = Opening(data, want_pairs, ReadMeter(), report, progress)
        opened = open_source(source, PREVIEW_ROWS, opening)
        with contextlib.closing(opened):
            rows = _rows(opened)
    except (CellcubeError, OSError) as error:
        return Preview(source, columns, tables, problem=str(error))
    return Preview(source, columns, tables, rows, (*report.guesses, *report.left_aside))


def _first_file(path: Path, split: str) -> Path | None:
    """Return the file by which columns and tables are told; None for a folder of one vector a file."""
    if not path.is_dir():
        return path
    found = files_of(path, split)
    return None if found.one_each else found.files[0][1]


def _columns(path: Path, data: DataSettings) -> tuple[str, ...]:
    entry = find_reader(path)
    if is_unpacked_first(path):
        return ()
    if entry is None or entry.name != TEXTS_READER or table_ending(path) not in TABULAR_ENDINGS:
        return ()
    from lattice.data.requested_columns import Columns

    records = first_records(path, ReadRequest(PREVIEW_ROWS, Columns(table=data.table)), PREVIEW_ROWS)
    return tuple(dict.fromkeys(name for _, record in records for name in record))


def _tables(path: Path) -> tuple[str, ...]:
    entry = find_reader(path)
    if is_unpacked_first(path) or (entry is not None and entry.name == TEXTS_READER):
        return ()
    if ending_of(path) in HDF5_ENDINGS:
        from lattice.data.readers.hdf5_file import hdf5_table_names

        return tuple(hdf5_table_names(path))
    return tuple(table_names(path, ReadMeter()))


def _rows(source: Source) -> tuple[PreviewRow, ...]:
    count = min(source.count, PREVIEW_ROWS)
    texts, categories = source.texts(False, count), source.categories(count)
    vectors = [""] * count
    if source.width is not None:
        bounds = Bounds(0.0, float("inf"))
        storage = torch.float32 if source.dtype == torch.float64 else source.dtype
        table = RowTable(count, source.width, storage, torch.device("cpu"), pairs=False, bounds=bounds)
        source.fill(table, 0, count, None, no_progress)
        vectors = [vector_text(row) for row in table.columns[0].float().tolist()]
    return tuple(
        PreviewRow("" if texts is None else texts[row], vectors[row], "" if categories is None else categories[row])
        for row in range(count)
    )


def vector_text(numbers: list[float]) -> str:
    """Return a vector's first numbers and its width in words."""
    shown = ", ".join(f"{number:.3f}" for number in numbers[:_SHOWN_NUMBERS])
    more = ", ..." if len(numbers) > _SHOWN_NUMBERS else ""
    return f"[{shown}{more}] ({len(numbers)} numbers)"
