"""Texts that belong to vectors by name: `0001.txt` beside `0001.npy`, or a table with a column of names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lattice.data.column_names import NONE
from lattice.data.columns import text_beside
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.row_values import label_at, name_at
from lattice.data.readers.streams import lines_of
from lattice.data.readers.text_file import all_records
from lattice.data.sources.companion import give_texts
from lattice.data.text_columns import guess_label
from lattice.data.vector_columns import vector_candidates
from lattice.errors import DataError
from lattice.formats import LINE_ENDINGS, ending_of
from lattice.units import count_text

_LEAST_SHARE = 0.5
"""Of the files, those that a table names at least where its rows belong to them by name."""
_PEEK = 20
_PROGRESS_EVERY = 256


def give_named_texts(file: EmbeddingFile, paths: Sequence[Path], beside: Sequence[Path], request: ReadRequest) -> str:
    """Take the texts and categories of vectors from what lies beside their files.

    Args:
        file: the vectors, one a file.
        paths: their files, in the same order.
        beside: files of texts.
        request: columns and progress.

    Returns:
        Why they were not taken, or what was left aside; empty if nothing was.
    """
    by_stem = {path.stem: path for path in beside if ending_of(path) in LINE_ENDINGS}
    own = [by_stem.get(path.stem) for path in paths]
    if sum(text is not None for text in own) >= _LEAST_SHARE * len(paths):
        return _from_files(file, own, len(beside), request)
    reasons = []
    for table in beside:
        reason = give_texts_by_name(file, [path.stem for path in paths], table, request)
        if reason is None:
            reason = give_texts(file, table, request)
        if not reason:
            return ""
        reasons.append(reason)
    return "; ".join(reasons[:2])


def _from_files(file: EmbeddingFile, own: Sequence[Path | None], found: int, request: ReadRequest) -> str:
    texts: list[str | None] = []
    for count, path in enumerate(own):
        if count % _PROGRESS_EVERY == 0:
            request.progress(f"reading the texts of {file.path.name}", count, len(own))
        texts.append(None if path is None else "\n".join(line for _, line in lines_of(path, request.meter)).strip())
    file.held_texts, file.names = texts, False
    file.note_guess("their texts from the files of the same names")
    taken = sum(path is not None for path in own)
    missing = len(own) - taken
    notes = [f"{count_text(missing)} vectors have no file of text beside them"] if missing else []
    notes += (
        [f"left aside {count_text(found - taken)} files of texts"] if found > taken and request.limit is None else []
    )
    return "; ".join(notes)


def give_texts_by_name(file: EmbeddingFile, ids: Sequence[str], table: Path, request: ReadRequest) -> str | None:
    """Take the texts and categories of vectors from the rows of a table that name them.

    Args:
        file: the vectors.
        ids: the name of each vector.
        table: the file of the table.
        request: columns and progress.

    Returns:
        Why they were not taken, or what is missing; empty if nothing is, None where the table has no such column, or
        vectors of its own.
    """
    try:
        records, header = all_records(table, request)
        rows = [record for _, record in records]
    except DataError as error:
        return f"{table.name} beside them can't be read: {error}"
    names = list(dict.fromkeys(name for row in rows[:_PEEK] for name in row))
    if vector_candidates(names, rows[:_PEEK]):
        return None  # another part of the same data
    key = max(names, key=lambda name: _matches(name, rows, ids), default=None)
    if key is None or _matches(key, rows, ids) < _LEAST_SHARE * len(ids):
        return None
    sample, others = rows[:_PEEK], [name for name in names if name != key]
    wanted = request.columns
    column, _ = text_beside(wanted, others, sample)
    free = [name for name in others if name != column]
    label = None if wanted.label == NONE else (wanted.label or guess_label(free, sample, header=header))
    by_name = {name: (number, row) for number, row in enumerate(rows, 1) for name in _names(row.get(key))}
    found = [by_name.get(name) for name in ids]
    said = f"by the names in column {key!r} of {table.name} beside them"
    if column is not None:
        file.held_texts, file.names = [_value(table, row, column, request, name_at) for row in found], False
    if label is not None and file.held_categories is None:
        file.held_categories = [_value(table, row, label, request, _label) or "" for row in found]
    taken = " and ".join(["texts"] * (column is not None) + ["categories"] * (label is not None))
    if not taken:
        return f"{table.name} beside them names them, and holds nothing else that is read"
    file.note_guess(f"{taken} {said}")
    missing = sum(row is None for row in found)
    return f"{count_text(missing)} vectors have no row in {table.name}" if missing else ""


def _value(table: Path, row: tuple[int, Mapping[str, Any]] | None, column: str, request: ReadRequest, of: Any) -> Any:
    return None if row is None else of(f"{table.name} row {row[0]}", column, row[1], request.remarks)


def _label(where: str, column: str, record: Mapping[str, Any], remarks: Any) -> str:
    return label_at(where, column, record, {}, remarks)


def _matches(name: str, rows: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> int:
    return len(set(ids) & {stem for row in rows for stem in _names(row.get(name))})


def _names(value: Any) -> set[str]:
    """Return the names of a file without its ending that a value of a table can stand for, a path or such a name."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return set()
    name = str(value).strip().replace("\\", "/").rpartition("/")[2]
    return {name, Path(name).stem}
