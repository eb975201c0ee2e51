"""Several files beside vectors: which of them hold their texts, their names and their classes, by what they are called.

Shapes: S rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path

from lattice.data.column_names import ARRAY_LABEL_NAMES
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import TEXTS, EmbeddingFile
from lattice.data.sources.companion import COMPANION_STEMS, file_words, give_texts, has_texts
from lattice.data.sources.named_texts import give_texts_by_name
from lattice.data.vector_columns import listed

_NAMES = ("id", "key", "name", "index")


class Role(IntEnum):
    """What a file beside vectors is called after, the likeliest to hold texts first."""

    TEXTS = 0
    ROWS = 1
    """Rows with several columns, such as `metadata.tsv`, or a file of any other name."""
    NAMES = 2
    LABELS = 3


def role_of(path: Path) -> Role:
    """Return what a file is called after; of several such words the last one tells, as in `text_labels.txt`."""
    for word in reversed(file_words(path)):
        if is_label_word(word):
            return Role.LABELS
        if word in _NAMES:
            return Role.NAMES
        if word in COMPANION_STEMS:
            return Role.ROWS if word in ("metadata", "meta", "row", "data", "corpus", "docstore") else Role.TEXTS
    return Role.ROWS


def is_label_word(word: str) -> bool:
    """Say whether a word of a file's name says that it holds classes."""
    return word in ARRAY_LABEL_NAMES or re.sub(r"ie$", "y", word) in ARRAY_LABEL_NAMES or word in ("classe", "clas")


def give_beside(file: EmbeddingFile, paths: Sequence[Path], request: ReadRequest) -> list[str]:
    """Give vectors their texts, names and classes from the files beside them, each from the likeliest that has them.

    Args:
        file: the vectors; what they bring themselves is kept.
        paths: files that may belong to them, the likeliest first among those of one role.
        request: what is read and how.

    Returns:
        Why files were not taken, in words; empty if all were.
    """
    reasons, spare, own = [], [], has_texts(file)
    for path in sorted(paths, key=role_of):
        role = role_of(path)
        if own and role != Role.LABELS:
            reasons += _by_name(file, path, request)
        elif has_texts(file) and (file.held_categories is not None or role in (Role.TEXTS, Role.NAMES)):
            spare.append(path.name)
        elif file.held_categories is None or not has_texts(file):
            reasons.append(give_texts(file, path, request, names=role == Role.NAMES, classes=role == Role.LABELS))
    return [*filter(None, reasons), *([f"left aside {listed(spare)} beside it"] if spare else [])]


def _by_name(file: EmbeddingFile, path: Path, request: ReadRequest) -> list[str]:
    """Give vectors that bring names the texts of the rows that name them."""
    if not file.names or file.held_texts is None:
        return []
    ids = file.texts(TEXTS, file.rows.layout.count) or ()
    return [give_texts_by_name(file, ids, path, request) or ""]
