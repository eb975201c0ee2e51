"""Texts beside embeddings, read and hashed while the rows are."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from lattice.data.hashing import text_hashes
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.texts import PackedTexts
from lattice.progress import Cancelled

REST_SECONDS = 1e-5
"""How long the thread lets Python's lock go after each run of texts. Without a rest the threads that decode rows would
wait 5 ms for it each time; one of 0 s ends before a waiting thread has woken up."""


class TextsAhead:
    """Reads the texts of files in a thread of its own; those of files that can't be read so are read when requested."""

    def __init__(self) -> None:
        """Prepare; a thread is started with the first file."""
        self._pool: ThreadPoolExecutor | None = None
        self._closed = threading.Event()
        self._coming: dict[tuple[int, str, int], Future[Sequence[str] | None]] = {}

    def begin(self, file: EmbeddingFile, name: str, rows: int) -> None:
        """Begin to read the first `rows` texts of the column `name`, if they can be read beside the file's rows."""
        if not file.has_texts_apart(name):
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="texts")
        self._coming[id(file), name, rows] = self._pool.submit(self._read, file, name, rows)

    def texts(self, file: EmbeddingFile, name: str, rows: int) -> Sequence[str] | None:
        """Return the first `rows` texts of the column `name`, None if the file has none; waits for what was begun.

        Raises:
            DataError: the file is damaged.
        """
        coming = self._coming.get((id(file), name, rows))
        return file.texts(name, rows) if coming is None else coming.result()

    def close(self) -> None:
        """Stop reading; nobody waits for what was begun."""
        self._closed.set()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, file: EmbeddingFile, name: str, rows: int) -> Sequence[str] | None:
        texts = file.texts(name, rows)
        if isinstance(texts, PackedTexts):
            text_hashes(texts, self._rest)
        return texts

    def _rest(self) -> None:
        if self._closed.wait(REST_SECONDS):
            raise Cancelled
