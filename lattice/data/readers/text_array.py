"""Arrays of texts, numpy's types `U` and `S`, in files without vectors: a list of texts, with what lies beside them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.column_names import NUMBERED
from lattice.data.readers.archive_parts import LABEL_KINDS, aside_parts
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.npz_file import read_headers
from lattice.data.readers.numpy_file import ArrayHeader, check_size, read_header
from lattice.data.readers.row_layout import two_sides
from lattice.data.readers.structured import column_records, read_array
from lattice.data.readers.tabular import open_records
from lattice.data.readers.text_source import TextSource
from lattice.errors import DataError
from lattice.formats import NPY_ENDING, NPZ_ENDING, ending_of
from lattice.limits import MAX_BESIDE_BYTES
from lattice.units import bytes_text

_TEXTS = "US"
"""numpy's kinds of texts: characters, and bytes."""


def open_text_array(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource | None:
    """Open a file whose array holds texts, or an archive that has arrays of texts and none of vectors.

    Returns:
        The texts, or vectors where each text is one of numbers; None for every other file.

    Raises:
        DataError: it is damaged, too large, or holds no texts that a teacher can make sense of.
    """
    ending = ending_of(path)
    if ending == NPY_ENDING:
        with open_counted(path, request.meter) as file:
            header, size = read_header(io.BufferedReader(file, 1024), str(path)), file.size
        if header.type.kind not in _TEXTS or len(header.shape) not in (1, 2):
            return None
        check_size(str(path), header, size)
        array = _whole(path, "", header, request)
        array = array.reshape(-1, 1) if max(array.shape) == array.size else array
        columns = {NUMBERED.format(place): column for place, column in enumerate(array.T, 1)}
        return _open(path, columns, request, header=False)
    if ending != NPZ_ENDING:
        return None
    headers, wanted = read_headers(path, request.meter), request.columns.table
    texts = [name for name, header in headers.items() if header.type.kind in _TEXTS and len(header.shape) == 1]
    others = [header for header in headers.values() if header.type.kind not in _TEXTS]
    if not texts or (any(map(_can_be_vectors, others)) if wanted is None else wanted not in texts):
        return None
    count = headers[wanted or texts[0]].shape
    fitting = [name for name, header in headers.items() if header.shape == count and header.type.kind in LABEL_KINDS]
    names = fitting if wanted is None else [wanted, *(name for name in fitting if name not in texts)]
    columns = {name: _whole(path, f"{name}.npy", headers[name], request) for name in names}
    opened = _open(path, columns, request)
    closed = [name for name, header in headers.items() if header.type.hasobject]
    left = aside_parts(path, list(headers), names, closed)
    opened.aside = "; ".join(filter(None, (opened.aside, left)))
    return opened


def _open(
    path: Path, columns: dict[str, np.ndarray[Any, Any]], request: ReadRequest, *, header: bool = True
) -> EmbeddingFile | TextSource:
    return open_records(path, path.name, request, column_records(path, columns, request), header=header)


def _can_be_vectors(header: ArrayHeader) -> bool:
    """Say whether an array may be rows of floats, or of quantised bytes; token numbers are none."""
    return len(two_sides(header.shape)) == 2 and (header.torch_type is not None or header.type.itemsize == 1)


def _whole(path: Path, member: str, header: ArrayHeader, request: ReadRequest) -> np.ndarray[Any, Any]:
    size = header.type.itemsize * int(np.prod(header.shape, dtype=object))
    if size > MAX_BESIDE_BYTES:
        raise DataError(
            f"{path}: its texts take {bytes_text(size)}, expected at most {bytes_text(MAX_BESIDE_BYTES)}, as each has "
            "the room of the longest one; write them into a .txt file, one a line"
        )
    return read_array(path, member, request)
