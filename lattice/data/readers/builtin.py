"""The built-in readers, registered by the same call as those of plugins. Importing this module loads no torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lattice.data.readers.base import Reader, ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.formats import EMBEDDING_ENDINGS, TEXT_ENDINGS

if TYPE_CHECKING:
    from lattice.data.readers.embedding_file import EmbeddingFile
    from lattice.data.readers.text_file import TextSource
    from lattice.plugins import Plugins


def setup(plugins: Plugins) -> None:
    """Register the readers of embeddings and of texts."""
    plugins.reader("embeddings", Reader("Embeddings", EMBEDDING_ENDINGS, _open_embeddings))
    plugins.reader("texts", Reader("Texts", TEXT_ENDINGS, _open_texts, holds="texts", columns=_columns))


def _open_embeddings(path: Path, request: ReadRequest) -> EmbeddingFile:
    from lattice.data.readers.embedding_file import open_embedding_file

    return open_embedding_file(path, request.meter or ReadMeter())


def _open_texts(path: Path, request: ReadRequest) -> TextSource:
    from lattice.data.readers.text_file import open_text_file

    return open_text_file(path, request.columns, request.meter or ReadMeter())


def _columns(path: Path) -> list[str]:
    from lattice.data.readers.text_file import column_names

    return column_names(path)
