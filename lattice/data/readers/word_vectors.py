"""Word vectors as lines: a word and its numbers (GloVe, fastText, word2vec), with or without a line `count width`.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.records import Remarks
from lattice.data.readers.streams import lines_of
from lattice.data.values import is_number, split_numbers
from lattice.errors import DataError

LEAST_WIDTH = 4
"""Numbers behind a word, or in a line of numbers alone, that make it a vector."""
SAMPLE_LINES = 20
_PIECE_ROWS = 2000
_LEAST_SHARE = 0.75
"""Of the first lines, those that fit; the others are damaged, and an error when they are read."""
_LEAST_DECIMALS = 3
_WITH_DECIMALS = re.compile(r"[-+]?\d*\.(\d+)")
_WITH_EXPONENT = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+")
"""A number as vectors hold them, and as no word ends in."""

Line = tuple[int, str]
Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class WordLayout:
    """How lines become words and vectors."""

    width: int
    words: bool
    """Whether a word stands before the numbers."""
    header: bool
    """Whether the first line gives count and width, or names the columns."""
    quoted: bool = False
    """Whether quotes enclose the words, as R writes them."""
    whole: bool = True
    """Whether all lines by which it was told fit."""


def word_layout(lines: Sequence[str]) -> WordLayout | None:
    """Tell by a file's first lines whether they are words with vectors, or vectors alone; None if they are texts.

    The width is the stated one, or else the most common one; a few lines may have another.
    """
    parted = [_fields(line) for line in lines if line.strip() and not _is_comment(line)]
    header = len(parted) > 1 and len(parted[0]) == 2 and all(part.isdecimal() for part in parted[0])
    body = parted[1:] if header else parted
    if not body:
        return None
    stated = int(parted[0][1]) if header else None
    width, share = Counter(len(fields) for fields in body).most_common(1)[0]
    numeric = [_trailing_numbers(fields) for fields in body]
    numbers_alone = all(count == len(fields) for count, fields in zip(numeric, body, strict=True))
    enough = share >= _LEAST_SHARE * len(body)
    if numbers_alone and enough and stated in (None, width) and width >= LEAST_WIDTH:
        return WordLayout(width, False, header, whole=share == len(body))
    if numbers_alone and stated is None:
        return None
    # A word may be a number itself.
    counts = [min(count, len(fields) - 1) for count, fields in zip(numeric, body, strict=True)]
    if stated is None and len(body) > 1 and not numeric[0]:
        rest = Counter(counts[1:]).most_common(1)[0][0]
        if len(body[0]) in (rest, rest + 1):
            named, body, numeric, counts, header = len(body[0]), body[1:], numeric[1:], counts[1:], True
            alone = sum(count == len(fields) == named for fields, count in zip(body, numeric, strict=True))
            if alone >= _LEAST_SHARE * len(body):
                return None  # a table of numbers; R writes no name above those of its rows
    width = Counter(counts).most_common(1)[0][0] if stated is None else stated
    fit = sum(count >= width for count in numeric)
    if width < LEAST_WIDTH or fit < _LEAST_SHARE * len(body):
        return None
    without = sum(len(fields) == count == width for fields, count in zip(body, numeric, strict=True))
    if without > len(body) / 4:
        return None
    quoted = all(_is_quoted(" ".join(fields[:-width])) for fields in body)
    return WordLayout(width, True, header, quoted, whole=fit == len(body))


def open_word_vectors(path: Path, layout: WordLayout, lines: Iterator[Line], request: ReadRequest) -> EmbeddingFile:
    """Read words and vectors up to the limit.

    Raises:
        DataError: a line has too few numbers, or something else than numbers.
    """
    lines = (line for line in lines if not _is_comment(line[1]))
    stated = _stated(next(lines, (0, ""))[1]) if layout.header else None
    words: list[str] = []
    numbers: list[int] = []
    pieces = []
    wanted = ((number, line) for number, line in lines if line.strip())
    rows = itertools.islice(wanted, request.limit)
    while piece := list(itertools.islice(rows, _PIECE_ROWS)):
        pieces.append(_vectors(path, layout, piece, words, request.remarks))
        numbers += [number for number, _ in piece]
        request.meter.add(rows=len(piece))
        request.progress(f"reading {path.name}", len(numbers), request.limit)
    if not pieces:
        raise DataError(f"{path} holds no rows; expected at least one")
    whole = request.limit is None or len(numbers) < request.limit
    cut = ""
    if stated is not None and whole and len(numbers) < stated:
        cut = f"; it states {stated:,} of them and holds {len(numbers):,}: if it was cut off, copy or make it again"
    what = "words and their vectors" if layout.words else "vectors"
    return EmbeddingFile(
        path,
        held_rows(path, np.concatenate(pieces), ReadMeter()),
        None,
        f"{path.name}: {what} of width {layout.width}, one a line{cut}",
        {},
        ReadMeter(),
        names=layout.words,
        numbers=np.array(numbers, dtype=np.int64),
        held_texts=words if layout.words else None,
    )


def read_word_lines(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Open a `.vec` file; raises `DataError` if it holds no word vectors."""
    lines = lines_of(path, request.meter, errors="surrogateescape")
    sample = list(itertools.islice(lines, SAMPLE_LINES))
    layout = word_layout([line for _, line in sample])
    if layout is None:
        raise DataError(f"{path} holds no word vectors; expected a word and its numbers on each line")
    return open_word_vectors(path, layout, itertools.chain(sample, lines), request)


def _vectors(path: Path, layout: WordLayout, lines: list[Line], words: list[str], remarks: Remarks) -> Matrix:
    """Return the vectors of some lines [n, D] and add their words."""
    tails = []
    for number, line in lines:
        fields = _fields(line)
        if layout.words:
            if _is_of_other_width(line, fields, layout):
                raise _of_other_width(path, layout, number, line)
            word = " ".join(fields[: -layout.width])
            word = word[1:-1] if layout.quoted else word
            words.append(word.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
            if words[-1] != word:
                remarks.add("a word that is not UTF-8: U+FFFD stands for its bytes", f"{path.name} line {number}")
        tails.append(" ".join(fields[-layout.width :] if layout.words else fields))
    whole = split_numbers(" ".join(tails))
    even = all(tail.count(" ") == layout.width - 1 for tail in tails)
    if whole is not None and len(whole) == len(lines) * layout.width and even:
        return whole.reshape(-1, layout.width)
    for (number, line), tail in zip(lines, tails, strict=True):
        vector = split_numbers(tail)
        if vector is None or len(vector) != layout.width:
            raise _of_other_width(path, layout, number, line)
    raise AssertionError("every line was read by itself")


def _is_of_other_width(line: str, fields: Sequence[str], layout: WordLayout) -> bool:
    """Say whether a line lacks a number, though all its fields are some, or ends its word in one of the vector's."""
    if len(fields) == layout.width:
        return not line[:1].isspace()  # else its word is empty
    more = len(fields) > layout.width + 1
    return more and _is_written_like(fields[-layout.width - 1], fields[-layout.width :])


def _is_written_like(last: str, vector: Sequence[str]) -> bool:
    """Say whether the last field of a word has an exponent, or as many decimals as most of the vector's numbers."""
    found = _WITH_DECIMALS.fullmatch(last)
    if found is None:
        return _WITH_EXPONENT.fullmatch(last) is not None
    decimals = Counter(len(number.partition(".")[2]) for number in vector if _WITH_DECIMALS.fullmatch(number))
    usual = decimals.most_common(1)[0][0] if decimals else 0
    return len(found[1]) >= max(usual, _LEAST_DECIMALS)


def _of_other_width(path: Path, layout: WordLayout, number: int, line: str) -> DataError:
    return DataError(
        f"{path} line {number}: expected {'a word and ' if layout.words else ''}{layout.width} numbers, got "
        f"{line[:40]!r}; mend the line or leave it out"
    )


def _fields(line: str) -> list[str]:
    """Part a line at tabs, commas or blanks; a word may hold blanks of its own."""
    for mark in ("\t", ","):
        if line.count(mark) >= LEAST_WIDTH and all(map(is_number, line.strip().split(mark)[1:])):
            return [field.strip() for field in line.strip().split(mark)]
    fields = line.strip(" \t\r").replace("\t", " ").split(" ")  # other white space may be a word, or stand in one
    return [field for field in fields if field] if "" in fields else fields


def _stated(header: str) -> int | None:
    """Return the number of rows that a header `count width` states."""
    first = header.split()[:1]
    return int(first[0]) if first and first[0].isdecimal() else None


def _is_quoted(word: str) -> bool:
    return len(word) > 1 and word[0] == word[-1] == '"'


def _is_comment(line: str) -> bool:
    """Say whether a line is a comment, as numpy writes headers and footers; a word `#` has numbers behind it."""
    return line.startswith("#") and not is_number(line.rsplit(maxsplit=1)[-1])


def _trailing_numbers(fields: Sequence[str]) -> int:
    count = 0
    for field in reversed(fields):
        if not is_number(field):
            break
        count += 1
    return count
