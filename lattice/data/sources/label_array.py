"""Arrays beside the vectors, one value a row: labels as in `X.npy` with `y.npy`, and texts or ids."""

from __future__ import annotations

import io
import re
from collections.abc import Collection
from pathlib import Path

import numpy as np

from lattice.data.column_names import ARRAY_LABEL_NAMES, ID_NAMES, TEXT_NAMES
from lattice.data.readers.archive_parts import LABEL_KINDS, label_word
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.numpy_file import python_values, read_header
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, ending_of
from lattice.limits import MAX_BESIDE_BYTES
from lattice.units import count_text

_TEXT_WORDS = (*TEXT_NAMES, *ID_NAMES)


def is_label_array(path: Path) -> bool:
    """Say whether a file is called as arrays of labels are, such as `y.npy`, `y_train.npy` or `train-labels.npy`."""
    return _is_called(path, ARRAY_LABEL_NAMES)


def is_text_array(path: Path) -> bool:
    """Say whether a file is called as arrays of texts, words or ids are, such as `texts.npy` or `ids_train.npy`."""
    return _is_called(path, _TEXT_WORDS)


def label_array_of(path: Path) -> Path | None:
    """Return the array of labels beside a file of vectors: its other words stand in the vectors' name too."""
    return _array_of(path, ARRAY_LABEL_NAMES)


def give_labels(file: EmbeddingFile, request: ReadRequest) -> str:
    """Take the categories of a file of vectors that has none from the array beside it.

    Returns:
        Why they were not taken; empty if they were, or there is no array.
    """
    path = label_array_of(file.path)
    if path is None or file.held_categories is not None or request.columns.label is not None:
        return ""
    values = _values(file, path, request, "labels")
    if isinstance(values, str):
        return values
    file.held_categories = values
    file.note_guess(f"{file.path.name}: categories from {path.name} beside it")
    return ""


def give_array_texts(file: EmbeddingFile, request: ReadRequest) -> str:
    """Take the texts, or the names, of a file of vectors that has none from the array beside it.

    Returns:
        Why they were not taken; empty if they were, or there is no array.
    """
    path = _array_of(file.path, _TEXT_WORDS)
    if path is None or ending_of(file.path) != NPY_ENDING or request.columns.text is not None:
        return ""
    values = _values(file, path, request, "texts")
    if isinstance(values, str):
        return values
    file.held_texts, file.names = values, not any(_is_called(path, [word]) for word in TEXT_NAMES)
    file.note_guess(f"{file.path.name}: {'names' if file.names else 'texts'} from {path.name} beside it")
    return ""


def _is_called(path: Path, known: Collection[str]) -> bool:
    words = _words(path)
    return path.suffix.lower() == NPY_ENDING and any({word, word.removesuffix("s")} & set(known) for word in words)


def _array_of(path: Path, known: Collection[str]) -> Path | None:
    """Return the array beside a file of vectors that is called so, and whose other words stand in that file's name."""
    own = set(_words(path))
    try:
        others = sorted(entry for entry in path.parent.iterdir() if entry != path and _is_called(entry, known))
    except OSError:
        return None
    fitting = {
        entry: {word for word in _words(entry) if not {word, word.removesuffix("s")} & set(known)} for entry in others
    }
    fitting = {entry: words for entry, words in fitting.items() if words <= own}
    return max(fitting, key=lambda entry: len(fitting[entry]), default=None)


def _values(file: EmbeddingFile, path: Path, request: ReadRequest, what: str) -> list[str] | str:
    """Return the values of an array beside a file of vectors, one a row; or why they can't be taken."""
    count = file.rows.layout.count
    try:
        with open_counted(path, request.meter) as counted:
            header = read_header(io.BufferedReader(counted, 1024), str(path))
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
