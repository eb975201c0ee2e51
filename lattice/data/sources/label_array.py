"""Labels that lie as an array beside the vectors, as in `X.npy` with `y.npy`: they become the categories."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np

from lattice.data.column_names import ARRAY_LABEL_NAMES
from lattice.data.readers.archive_parts import LABEL_KINDS, label_word
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.numpy_file import python_values, read_header
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, ending_of
from lattice.limits import MAX_BESIDE_BYTES
from lattice.units import count_text


def is_label_array(path: Path) -> bool:
    """Say whether a file is called as arrays of labels are, such as `y.npy`, `y_train.npy` or `train-labels.npy`."""
    return path.suffix.lower() == NPY_ENDING and bool(set(_words(path)) & set(ARRAY_LABEL_NAMES))


def label_array_of(path: Path) -> Path | None:
    """Return the array of labels beside a file of vectors: its other words stand in the vectors' name too."""
    own = set(_words(path))
    try:
        others = sorted(entry for entry in path.parent.iterdir() if entry != path and is_label_array(entry))
    except OSError:
        return None
    fitting = {entry: set(_words(entry)) - set(ARRAY_LABEL_NAMES) for entry in others}
    fitting = {entry: words for entry, words in fitting.items() if words <= own}
    return max(fitting, key=lambda entry: len(fitting[entry]), default=None)


def give_labels(file: EmbeddingFile, request: ReadRequest) -> str:
    """Take the categories of a file of vectors that has none from the array beside it.

    Returns:
        Why they were not taken; empty if they were, or there is no array.
    """
    path = label_array_of(file.path)
    if path is None or file.held_categories is not None or request.columns.label is not None:
        return ""
    count = file.rows.layout.count
    try:
        with open_counted(path, request.meter) as counted:
            header = read_header(io.BufferedReader(counted, 1024), str(path))
    except DataError as error:
        return f"the labels beside it can't be read: {error}"
    flat = int(np.prod(header.shape, dtype=object))
    if header.type.kind not in LABEL_KINDS or flat != max(header.shape, default=0):
        return f"{path.name} beside it holds no labels: {header.type} {list(header.shape)}, expected one class a row"
    cut = request.limit is not None and count == request.limit < flat  # more rows may follow those that were read
    if flat != count and not cut:
        return f"{path.name} beside it has {count_text(flat)} labels, not {count_text(count)}"
    if flat * header.type.itemsize > MAX_BESIDE_BYTES:
        return f"{path.name} beside it is too large for labels"
    try:
        values = python_values(f"{path.name} beside it", np.load(path, allow_pickle=False).reshape(-1))
    except DataError as error:
        return str(error)
    except (OSError, ValueError) as error:
        return f"{path.name} beside it is damaged ({error}); copy or make it again"
    file.held_categories = [label_word(value) for value in values[:count]]
    file.note_guess(f"{file.path.name}: categories from {path.name} beside it")
    return ""


def _words(path: Path) -> list[str]:
    return [word for word in re.split(r"[_\-. ]+", path.name.lower().removesuffix(ending_of(path))) if word]
