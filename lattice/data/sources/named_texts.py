"""Texts that belong to vectors by name: `0001.txt` beside `0001.npy`, or a table with a column of names."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from os.path import commonpath
from pathlib import Path
from typing import Any

from lattice.data.column_names import NONE
from lattice.data.columns import text_beside
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.records import Record
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
        paths: their files in the same order, and after them those that a limit leaves out.
        beside: files of texts.
        request: columns and progress.

    Returns:
        Why they were not taken, or what was left aside; empty if nothing was.
    """
    count = file.rows.layout.count
    own = _own_texts(paths, beside)[:count]
    if sum(text is not None for text in own) >= _LEAST_SHARE * count:
        return _from_files(file, own, len(beside), request)
    reasons, ids = [], _told_apart(paths)[:count]
    for table in beside:
        reason = give_texts_by_name(file, ids, table, request)
        if reason is None:
            reason = give_texts(file, table, request)
        if not reason:
            return ""
        reasons.append(reason)
    return "; ".join(reasons[:2])


def names_files(table: Path, paths: Sequence[Path]) -> bool:
    """Say whether the first rows of a table name files of vectors; False for one that can't be read."""
    try:
        rows = list(itertools.islice(all_records(table, ReadRequest())[0], _PEEK))
    except DataError:
        return False
    ids = _told_apart(paths)
    found = _rows_of(rows, list(dict.fromkeys(name for _, row in rows for name in row)), set(ids), _depths(ids))
    return any(len(named) >= _LEAST_SHARE * min(len(ids), len(rows)) for named in found.values())


def _own_texts(paths: Sequence[Path], beside: Sequence[Path]) -> list[Path | None]:
    """Return the file of text of each vector: that of its name in its folder, or the nearest in a folder of texts.

    A text in such a folder is of no vector where several would have it.
    """
    texts = [path for path in beside if ending_of(path) in LINE_ENDINGS]
    by_place = {path.with_suffix(""): path for path in texts}
    folders = {path.parent for path in paths}
    apart: dict[str, list[Path]] = {}
    for path in texts:
        if path.parent not in folders:
            apart.setdefault(path.stem, []).append(path)
    near = [_nearest(path, apart.get(path.stem, ())) for path in paths]
    meant = Counter(near)
    own = [by_place.get(path.with_suffix("")) for path in paths]
    return [text or (other if meant[other] == 1 else None) for text, other in zip(own, near, strict=True)]


def _nearest(path: Path, texts: Sequence[Path]) -> Path | None:
    """Return the text that has the most folders in common with a vector; None where several have."""
    shared = [len(Path(commonpath((path, text))).parts) for text in texts]
    return texts[shared.index(max(shared))] if shared and shared.count(max(shared)) == 1 else None


def _told_apart(paths: Sequence[Path]) -> list[str]:
    """Return the files' names without endings, with as many of their folders as tell all of them apart."""
    parts = [path.with_suffix("").parts for path in paths]
    apart = len(set(parts))
    for depth in range(1, max(map(len, parts), default=1)):
        names = ["/".join(each[-depth:]) for each in parts]
        if len(set(names)) == apart:
            return names
    return ["/".join(each) for each in parts]


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
        peeked = list(itertools.islice(records, _PEEK))
        sample = [row for _, row in peeked]
        names = list(dict.fromkeys(name for row in sample for name in row))
        if vector_candidates(names, sample):
            return None  # another part of the same data
        rows = _rows_of(itertools.chain(peeked, records), names, set(ids), _depths(ids))
    except DataError as error:
        return f"{table.name} beside them can't be read: {error}"
    key = max(names, key=lambda name: len(rows[name]), default=None)
    if key is None or len(rows[key]) < _LEAST_SHARE * len(ids):
        return None
    others = [name for name in names if name != key]
    wanted = request.columns
    column, _ = text_beside(wanted, others, sample)
    free = [name for name in others if name != column]
    label = (
        None
        if file.has_categories() or wanted.label == NONE
        else (wanted.label or guess_label(free, sample, header=header))
    )
    found = [rows[key].get(name) for name in ids]
    said = f"by the names in column {key!r} of {table.name} beside them"
    if column is not None:
        file.held_texts, file.names = [_value(table, row, column, request, name_at) for row in found], False
    if label is not None:
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


def _depths(ids: Sequence[str]) -> list[int]:
    """Return how many parts of a path the names of vectors have."""
    return sorted({name.count("/") + 1 for name in ids})


def _rows_of(
    records: Iterable[Record], columns: Sequence[str], ids: Collection[str], depths: Sequence[int]
) -> dict[str, dict[str, Record]]:
    """Return the rows that name vectors, by the column that does, and by the vector's name; no other is kept."""
    found: dict[str, dict[str, Record]] = {column: {} for column in columns}
    for number, row in records:
        for column in columns:
            for name in _names(row.get(column), depths):
                if name in ids:
                    found[column][name] = number, row
    return found


def _names(value: Any, depths: Sequence[int]) -> set[str]:
    """Return the names of a file that a value of a table can stand for, a path or such a name.

    Args:
        value: of any type.
        depths: how many parts of the path the names have.
    """
    if not isinstance(value, str | int) or isinstance(value, bool):
        return set()
    parts = str(value).strip().replace("\\", "/").split("/")
    last = {parts[-1], Path(parts[-1]).stem} - {""}
    return {"/".join([*parts[-depth:-1], name]) for depth in depths if depth <= len(parts) for name in last}
