"""Arrays beside the vectors, one value a row: labels as in `X.npy` with `y.npy`, and texts or ids."""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np

from lattice.data.column_names import ARRAY_LABEL_NAMES, ID_NAMES, TEXT_NAMES, is_vector_name
from lattice.data.readers.archive_parts import LABEL_KINDS, label_word
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.numpy_file import ArrayHeader, python_values, read_header
from lattice.data.readers.row_layout import two_sides
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, ending_of
from lattice.limits import MAX_BESIDE_BYTES
from lattice.units import count_text

TEXT_WORDS = (*TEXT_NAMES, *ID_NAMES)
"""What arrays of texts, words or ids are called."""


def is_label_array(path: Path) -> bool:
    """Say whether a file is called as arrays of labels are, such as `y.npy`, `y_train.npy` or `train-labels.npy`."""
    return _is_called(path, ARRAY_LABEL_NAMES)


def is_text_array(path: Path) -> bool:
    """Say whether a file is called as arrays of texts, words or ids are, such as `texts.npy` or `ids_train.npy`."""
    return _is_called(path, TEXT_WORDS)


class ArraysBeside:
    """The arrays of labels, texts and ids beside files of vectors; a folder is listed once for all of its files."""

    def __init__(self) -> None:
        """Begin without a folder."""
        self._listed: dict[tuple[Path, tuple[str, ...]], list[tuple[Path, set[str]]]] = {}

    def arrays_of(self, path: Path, known: tuple[str, ...]) -> list[Path]:
        """Return the arrays beside a file of vectors that are called so, the one that shares most words with it first.

        Their other words all stand in that file's name.
        """
        folder, own = path if path.is_dir() else path.parent, set(_words(path))
        if (folder, known) not in self._listed:
            self._listed[folder, known] = _called_so(folder, known)
        found = [(-len(others), entry) for entry, others in self._listed[folder, known] if others <= own]
        return [entry for _, entry in sorted(found) if entry != path]


def give_labels(file: EmbeddingFile, request: ReadRequest, beside: ArraysBeside) -> str:
    """Take the categories of a file of vectors that has none from the array beside it.

    Args:
        file: the vectors.
        request: what is read and how.
        beside: the arrays of its folder.

    Returns:
        Why they were not taken; empty if they were, or there is no array.
    """
    if file.has_categories() or request.columns.label is not None:
        return ""
    found = _found(file, ARRAY_LABEL_NAMES, "labels", request, beside)
    if isinstance(found, str):
        return found
    path, file.held_categories = found
    file.note_guess(f"{file.path.name}: categories from {path.name} beside it")
    return ""


def give_array_texts(file: EmbeddingFile, request: ReadRequest, beside: ArraysBeside) -> str:
    """Take the texts, or the names, of a file of vectors that has none from the array beside it.

    Args:
        file: the vectors.
        request: what is read and how.
        beside: the arrays of its folder.

    Returns:
        Why they were not taken; empty if they were, or there is no array.
    """
    if not (ending_of(file.path) == NPY_ENDING or file.path.is_dir()) or request.columns.text is not None:
        return ""
    found = _found(file, TEXT_WORDS, "texts", request, beside)
    if isinstance(found, str):
        return found
    path, file.held_texts = found
    file.names = not _is_called(path, TEXT_NAMES)
    file.note_guess(f"{file.path.name}: {'names' if file.names else 'texts'} from {path.name} beside it")
    return ""


def _found(
    file: EmbeddingFile, known: tuple[str, ...], holds: str, request: ReadRequest, beside: ArraysBeside
) -> tuple[Path, list[str]] | str:
    """Return the array beside a file of vectors that is called so, with its values; or why they were not taken.

    Nothing is said where there is no array.
    """
    path = _array_of(file.path, known, request.meter, beside)
    if path is None:
        return ""
    values = _values(file, path, request, holds)
    return values if isinstance(values, str) else (path, values)


def _is_called(path: Path, known: Collection[str]) -> bool:
    """Say whether an array is called so; of a word for texts and one for vectors, the last is what it holds.

    `query_embeddings.npy` holds vectors, `embeddings_texts.npy` texts. A word for labels tells by itself, as in
    `y_values.npy` beside `x_values.npy`.
    """
    if path.suffix.lower() != NPY_ENDING:
        return False
    if known == ARRAY_LABEL_NAMES:
        return any(_is_among(word, known) for word in _words(path))
    telling = [word for word in _words(path) if _is_among(word, known) or is_vector_name(word)]
    return bool(telling) and _is_among(telling[-1], known)


def _called_so(folder: Path, known: tuple[str, ...]) -> list[tuple[Path, set[str]]]:
    """Return the arrays in a folder that are called so, with the other words of their names."""
    try:
        entries = [entry for entry in folder.iterdir() if _is_called(entry, known)]
    except OSError:
        return []
    return [(entry, {word for word in _words(entry) if not _is_among(word, known)}) for entry in entries]


def _is_among(word: str, known: Collection[str]) -> bool:
    return word in known or word.removesuffix("s") in known


def _array_of(path: Path, known: tuple[str, ...], meter: ReadMeter, beside: ArraysBeside) -> Path | None:
    """Return the array beside a file of vectors that is called so: the first that holds no vectors itself, if any."""
    found = beside.arrays_of(path, known)
    return next((entry for entry in found if not _holds_vectors(entry, meter)), next(iter(found), None))


def _holds_vectors(path: Path, meter: ReadMeter) -> bool:
    try:
        header = _header(path, meter)
    except DataError:
        return False
    return header.type.kind == "f" and len(two_sides(header.shape)) == 2


def _header(path: Path, meter: ReadMeter) -> ArrayHeader:
    with open_counted(path, meter) as counted:
        return read_header(io.BufferedReader(counted, 1024), str(path))


def _values(file: EmbeddingFile, path: Path, request: ReadRequest, what: str) -> list[str] | str:
    """Return the values of an array beside a file of vectors, one a row; or why they can't be taken."""
    count = file.rows.layout.count
    try:
        header = _header(path, request.meter)
    except DataError as error:
        return f"the {what} beside it can't be read: {error}"
    flat = int(np.prod(header.shape, dtype=object))
    if header.type.kind not in LABEL_KINDS or flat != max(header.shape, default=0):
        each = "class" if what == "labels" else "text"
        return f"{path.name} beside it holds no {what}: {header.type} {list(header.shape)}, expected one {each} a row"
    cut = request.limit is not None and count == request.limit < flat  # more rows may follow those that were read
    if flat != count and not cut:
        return f"{path.name} beside it has {count_text(flat)} {what}, not {count_text(count)}"
    if flat * header.type.itemsize > MAX_BESIDE_BYTES:
        return f"{path.name} beside it is too large for {what}"
    try:
        values = python_values(f"{path.name} beside it", np.load(path, allow_pickle=False).reshape(-1))
    except DataError as error:
        return str(error)
    except (OSError, ValueError) as error:
        return f"{path.name} beside it is damaged ({error}); copy or make it again"
    return [label_word(value) for value in values[:count]]


def _words(path: Path) -> list[str]:
    return [word for word in re.split(r"[_\-. ]+", path.name.lower().removesuffix(ending_of(path))) if word]
