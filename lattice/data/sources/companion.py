"""Texts that lie in a file beside the vectors: line or row i belongs to vector i."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from lattice.data.column_names import NONE
from lattice.data.columns import text_beside
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import TEXTS, EmbeddingFile
from lattice.data.readers.row_values import label_at, name_at
from lattice.data.readers.tabular import PEEK_ROWS
from lattice.data.readers.text_file import all_records
from lattice.data.text_columns import guess_label
from lattice.data.vector_columns import vector_candidates
from lattice.errors import DataError
from lattice.formats import TEXT_ENDINGS, compression_of, ending_of
from lattice.units import count_text

COMPANION_STEMS = (
    "text", "sentence", "document", "metadata", "meta", "label", "word", "vocab", "token", "name", "id", "caption",
    "chunk", "passage", "corpus", "row", "data", "index", "key", "docstore",
)  # fmt: skip
"""What files of texts beside vectors are called, without a plural's `s`."""
_NUMBER = re.compile(r"[_\-. ]?(\d+)$")


def companions_of(path: Path) -> list[Path]:
    """Return the files in the same folder that may hold the texts of a file of vectors, the likeliest first.

    One of the same name but for its ending, one with a name such as `texts` or `metadata` and the same number, or the
    only file of texts in a folder that holds no other file.
    """
    try:
        others = sorted(entry for entry in path.parent.iterdir() if entry != path and entry.is_file())
    except OSError:
        return []
    texts = [entry for entry in others if ending_of(entry) in TEXT_ENDINGS and not entry.name.startswith(".")]
    same = [entry for entry in texts if _stem(entry) == _stem(path)]
    own = {*_words(path), *COMPANION_STEMS}
    named = [
        entry
        for entry in texts
        if is_companion_name(entry) and set(_words(entry)) <= own and _digits(entry) == _digits(path)
    ]
    alone = texts if len(others) == 1 else []
    return list(dict.fromkeys([*same, *named, *alone]))


def is_companion_name(path: Path) -> bool:
    """Say whether a file is called as files of texts beside vectors are."""
    return any(word in COMPANION_STEMS for word in _words(path))


def pair_up(vectors: Sequence[Path], texts: Sequence[Path]) -> dict[Path, Path]:
    """Return which file of texts belongs to which file of vectors of a folder; none where that can't be told."""
    if len(vectors) == len(texts):
        return dict(zip(vectors, texts, strict=True))
    named = [path for path in texts if is_companion_name(path)]
    return dict(zip(vectors, named, strict=True)) if len(vectors) == len(named) else {}


def has_texts(file: EmbeddingFile) -> bool:
    """Say whether a file of vectors brings texts of its own."""
    return file.texts(TEXTS, 1) is not None


def give_texts(file: EmbeddingFile, path: Path, request: ReadRequest) -> str:
    """Take the texts, or names, and the categories of a file of vectors from the file beside it.

    Returns:
        Why they were not taken; empty if they were.
    """
    count = file.rows.layout.count
    wanted = request.columns
    try:
        records, header = all_records(path, request)
        peeked = list(itertools.islice(records, PEEK_ROWS))
        sample = [record for _, record in peeked]
        names = list(dict.fromkeys(name for record in sample for name in record))
        if vector_candidates(names, sample) or (file.chosen is not None and file.chosen.vector in names):
            return f"{path.name} beside it holds vectors of its own"
        if wanted.text not in (None, *names):
            return f"{path.name} beside it has no column {wanted.text!r}"
        column, is_name = text_beside(wanted, names, sample)
        if column is None and len(names) == 1:
            column, is_name = names[0], True
        free = [name for name in names if name != column]
        label = None if wanted.label == NONE else (wanted.label or guess_label(free, sample, header=header))
        if column is None or label not in (None, *names):
            return f"{path.name} beside it holds no texts"
        texts: list[str | None] = []
        labels = []
        for row, record in itertools.chain(peeked, records):
            where = f"{path.name} row {row}"
            texts.append(name_at(where, column, record, request.remarks))
            labels.append(label_at(where, label, record, {}, request.remarks))
    except DataError as error:
        return f"the texts beside it can't be read: {error}"
    if len(texts) != count:
        return f"{path.name} beside it has {count_text(len(texts))} rows, not {count_text(count)}"
    file.held_texts, file.names = texts, is_name
    if label is not None:
        file.held_categories = labels
    named = "" if len(names) == 1 else f", column {column!r}"
    file.note_guess(f"{file.path.name}: {'names' if is_name else 'texts'} from {path.name} beside it{named}")
    return ""


def _words(path: Path) -> list[str]:
    """Return the words of a file's name, without a plural's `s`."""
    words = re.split(r"[_\-. ]+", _NUMBER.sub("", _stem(path).lower()))
    return [word if word in COMPANION_STEMS else word.removesuffix("s") for word in words]


def _stem(path: Path) -> str:
    """Return a file's name without its ending, and without that of a compression."""
    return Path(path.stem).stem if compression_of(path) else path.stem


def _digits(path: Path) -> str:
    found = _NUMBER.search(_stem(path))
    return "" if found is None else found[1]
