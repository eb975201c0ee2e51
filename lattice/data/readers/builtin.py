"""The built-in readers, registered by the same call as those of plugins. Importing this module loads no torch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.data.readers.base import Reader, ReadRequest
from lattice.data.readers.content import is_plain
from lattice.formats import (
    EMBEDDING_ENDINGS,
    FASTTEXT_MAGIC,
    HDF5_ENDINGS,
    JSON_ENDING,
    NEIGHBOUR_ENDINGS,
    NPY_ENDING,
    PROJECTOR_ENDING,
    PROJECTOR_MARKS,
    TEXT_ENDINGS,
    WORD2VEC_ENDING,
    WORD_VECTOR_ENDINGS,
    ending_of,
)

if TYPE_CHECKING:
    from lattice.data.readers.embedding_file import EmbeddingFile
    from lattice.data.readers.text_source import TextSource
    from lattice.plugins import Plugins

_WORD_LINES = re.compile(rb"\d+ \d+[ \t]*\r?\n[^\n]*?(?:[ \t][-+]?\d+\.\d+(?:[eE][-+]?\d+)?){4}")


def setup(plugins: Plugins) -> None:
    """Register the readers of embeddings and of texts."""
    plugins.reader("embeddings", Reader("Embeddings", EMBEDDING_ENDINGS, _open_embeddings))
    plugins.reader("vector_lines", Reader("Word vectors", WORD_VECTOR_ENDINGS, _open_word_vectors))
    plugins.reader("word_lines", Reader("Word vectors", (), _open_word_vectors, sniff=_is_word_lines))
    plugins.reader(
        "binary_word_vectors", Reader("Binary word vectors", (WORD2VEC_ENDING,), _open_word2vec, sniff=_is_word2vec)
    )
    plugins.reader("neighbours", Reader("Vectors of a search benchmark", NEIGHBOUR_ENDINGS, _open_neighbours))
    plugins.reader("projector", Reader("Embedding Projector", (PROJECTOR_ENDING,), _open_projector))
    plugins.reader(
        "projector_config",
        Reader("Embedding Projector's description", (JSON_ENDING,), _open_config, sniff=_is_config),
    )
    plugins.reader("hdf5", Reader("HDF5", HDF5_ENDINGS, _open_hdf5))
    plugins.reader("texts", Reader("Texts", TEXT_ENDINGS, _open_texts, holds="texts", columns=_columns))


def _open_embeddings(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    from lattice.data.readers.numpy_file import refuse_plain_numbers
    from lattice.data.readers.structured import open_structured
    from lattice.data.readers.tensor_file import open_embedding_file
    from lattice.data.readers.text_array import open_text_array

    if ending_of(path) == NPY_ENDING:
        refuse_plain_numbers(path)
    return (
        open_structured(path, request)
        or open_text_array(path, request)
        or open_embedding_file(path, request.meter, request.columns.table)
    )


def _open_word_vectors(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.word_vectors import read_word_lines

    return read_word_lines(path, request)


def _open_word2vec(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.word2vec_file import open_word2vec

    return open_word2vec(path, request)


def _is_word2vec(head: bytes) -> bool:
    """Say whether a file is one of binary word vectors, or a model of fastText, for which there is a way out."""
    return (re.match(rb"\d+ \d+\s", head) is not None and not is_plain(head)) or head.startswith(FASTTEXT_MAGIC)


def _is_word_lines(head: bytes) -> bool:
    """Say whether a file of any other ending holds a line `count width`, then words and their numbers."""
    return is_plain(head) and _WORD_LINES.match(head) is not None


def _open_neighbours(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.neighbour_file import open_neighbours

    return open_neighbours(path, request)


def _open_projector(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.projector_file import open_projector_tensor

    return open_projector_tensor(path, request)


def _open_config(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.projector_file import open_projector_config

    return open_projector_config(path, request)


def _is_config(head: bytes) -> bool:
    """Say whether a `.json` file describes tensors of the projector."""
    return any(mark in head for mark in PROJECTOR_MARKS)


def _open_hdf5(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.hdf5_file import open_hdf5

    return open_hdf5(path, request)


def _open_texts(path: Path, request: ReadRequest) -> EmbeddingFile | TextSource:
    from lattice.data.readers.text_file import open_text_file

    return open_text_file(path, request)


def _columns(path: Path) -> list[str]:
    from lattice.data.readers.text_file import column_names

    return column_names(path)
