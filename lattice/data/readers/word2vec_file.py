"""Word vectors in word2vec's binary format: a line `count width`, then each word, a blank, and its float32 numbers.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.streams import open_stream
from lattice.errors import DataError
from lattice.formats import FASTTEXT_MAGIC, WORD2VEC_ENDING, ending_of
from lattice.limits import MAX_WIDTH

_HEADER = re.compile(rb"(\d{1,12}) (\d{1,7})\s*\n?")
_LONGEST_WORD = 1000
_FIRST_ROWS = 1 << 12
_PROGRESS_EVERY = 10_000


def open_word2vec(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Read words and vectors up to the limit.

    Raises:
        DataError: it is no such file, or is truncated.
    """
    meter = request.meter
    with open_stream(path, meter) as stream:
        head = stream.readline(64)
        if head.startswith(FASTTEXT_MAGIC):
            raise DataError(
                f"{path} is a model of fastText, no table of vectors; give its .vec file, or write one with "
                "`for word in model.words: print(word, *model.get_word_vector(word))`"
            )
        found = _HEADER.fullmatch(head)
        if found is None:
            raise DataError(f"{path} does not begin with 'count width': it is no binary file of word2vec")
        stated, width = int(found[1]), int(found[2])
        if not 0 < width <= MAX_WIDTH or stated < 1:
            raise DataError(f"{path} states {stated} vectors of width {width}; it is damaged")
        count = stated if request.limit is None else min(stated, request.limit)
        words: list[str] = []
        rows_SD = np.empty((min(count, _FIRST_ROWS), width), dtype="<f4")
        for row in range(count):
            if row == len(rows_SD):  # a damaged header may promise any number
                rows_SD = np.concatenate([rows_SD, np.empty_like(rows_SD[: count - row])])
            words.append(_word(path, stream, row))
            raw = stream.read(4 * width)
            if len(raw) < 4 * width:
                raise DataError(f"{path} ends in vector {row + 1} of {stated}; it is truncated. Copy or make it again")
            rows_SD[row] = np.frombuffer(raw, dtype="<f4")
            meter.rows += 1
            if row % _PROGRESS_EVERY == 0:
                request.progress(f"reading {path.name}", row, count)
    return EmbeddingFile(
        path,
        held_rows(path, rows_SD[: len(words)].astype(np.float32), ReadMeter()),
        None,
        f"{path.name}: words and their vectors of width {width}, word2vec's binary format",
        {},
        meter,
        names=True,
        held_texts=words,
    )


def is_model(path: Path) -> bool:
    """Say whether a file is a model of fastText, which often lies beside its vectors."""
    if ending_of(path) != WORD2VEC_ENDING:
        return False
    with open_stream(path, ReadMeter()) as stream:
        return stream.read(len(FASTTEXT_MAGIC)) == FASTTEXT_MAGIC


def _word(path: Path, stream: BinaryIO, row: int) -> str:
    letters = bytearray()
    while (letter := stream.read(1)) != b" ":
        if not letter or len(letters) > _LONGEST_WORD:
            raise DataError(f"{path} has no word before vector {row + 1}; it is truncated or damaged")
        letters += letter
    return bytes(letters).lstrip(b"\n").decode("utf-8", "replace")
