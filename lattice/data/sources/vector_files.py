"""Folders with one vector a file, `0001.npy`, `0002.npy` and so on, and the texts and names that lie beside them.

Shapes: S files, D embedding width.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from lattice.data.column_names import is_vector_name
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.sources.named_texts import give_named_texts, names_files
from lattice.data.sources.vector_reader import ENDINGS, SeveralVectorsError, Vector, VectorReader
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, ending_of
from lattice.units import count_text

_LOOKED_AT = 8
"""Files by which a folder is told."""
_DIGITS = re.compile(r"\d+")
_PROGRESS_EVERY = 256


def hold_one_each(paths: Sequence[Path], beside: Sequence[Path] = ()) -> bool:
    """Say whether each of several files holds one vector.

    Beside tables, arrays such as `loss.npy` are none: all have one width, and are numbered or named in a table.

    Args:
        paths: the files, of which the first ones and the last are read, and the headers of all arrays.
        beside: tables in the same folder.
    """
    if len(paths) < 2 or any(ending_of(path) not in ENDINGS for path in paths):
        return False
    reader = VectorReader(ReadMeter(), None)
    several, widths = [], set()
    for path in {*paths[:_LOOKED_AT], paths[-1]}:
        try:
            vector = reader.read(path)[0]
            if vector is None:
                return False
            widths.add(len(vector))
        except SeveralVectorsError as error:
            several.append(error.names)
        except DataError:
            return False
    if beside and (len(widths) > 1 or not (_are_numbered(paths) or any(names_files(path, paths) for path in beside))):
        return False
    if any(_is_the_table(path, paths[0], widths, reader) for path in paths[_LOOKED_AT:-1]):
        return False
    return all(names == several[0] for names in several)  # else they are the names of rows


def _are_numbered(paths: Sequence[Path]) -> bool:
    """Say whether the names of files differ by numbers alone."""
    return len({_DIGITS.sub("0", path.stem) for path in paths}) == 1


def _is_the_table(path: Path, first: Path, widths: Collection[int], reader: VectorReader) -> bool:
    """Say whether an array is the data, among arrays of one dimension; one out of place among vectors is none."""
    if ending_of(path) != NPY_ENDING or _are_numbered([first, path]):
        return False
    try:
        width = reader.table_width(path)
    except DataError:  # is raised again when it is read
        return False
    return width is not None and (width not in widths or is_vector_name(path.stem))


def open_vector_files(
    folder: Path, paths: Sequence[Path], beside: Sequence[Path], request: ReadRequest
) -> EmbeddingFile:
    """Read the vectors of a folder, up to the limit, named by their files.

    Args:
        folder: the folder.
        paths: its files of one vector each, in order.
        beside: files of texts in it.
        request: limit and progress.

    Raises:
        DataError: a file is damaged or holds no vector, or two files have vectors of different width.
    """
    chosen = list(itertools.islice(paths, request.limit))
    reader = VectorReader(request.meter, request.columns.table)
    rows: list[Vector] = []
    texts: list[str] = []
    labels: list[str] = []
    for count, path in enumerate(chosen):
        if count % _PROGRESS_EVERY == 0:
            request.progress(f"reading the files of {folder.name}", count, len(chosen))
        vector, text, label = reader.read(path)
        if vector is None:
            raise DataError(
                f"{path} holds no single vector, as {chosen[0].name} and the others of its folder do; take it out"
            )
        if rows and len(vector) != len(rows[0]):
            raise DataError(
                f"{path} holds a vector of width {len(vector)}, but {chosen[0]} one of {len(rows[0])}; all files of a "
                "folder must have the same width"
            )
        rows.append(vector)
        texts.append(text)
        labels.append(label)
    request.meter.add(rows=len(rows))
    file = EmbeddingFile(
        folder,
        held_rows(folder, np.stack(rows), ReadMeter()),
        None,
        f"{folder.name}: one vector a file, from {count_text(len(rows))} files in the order of their names",
        {},
        ReadMeter(),
        names=True,
        held_texts=_names(folder, chosen),
        held_categories=labels if all(labels) and len(set(labels)) <= len(labels) / 2 else None,
    )
    if any(texts):
        file.held_texts, file.names = texts, False
        return file
    aside = give_named_texts(file, paths, beside, request)
    file.aside = f"{folder.name}: {aside}" if aside else ""
    return file


def _names(folder: Path, paths: Sequence[Path]) -> list[str]:
    """Return the files' names without endings, with those of their folders where they would not differ."""
    stems = [path.name[: -len("".join(path.suffixes[-1:])) or None] for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [path.relative_to(folder).with_suffix("").as_posix() for path in paths]
