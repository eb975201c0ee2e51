"""Which part of an archive holds the embeddings, and which parts beside it their texts, names and categories."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.data.column_names import ARRAY_LABEL_NAMES, ID_NAMES, TEXT_NAMES, VECTOR_NAMES
from lattice.data.readers.records import label_text
from lattice.data.readers.row_layout import EMBEDDINGS
from lattice.data.vector_columns import listed
from lattice.errors import DataError

_PARTED = re.compile(r"[_\-. /]+")
PARTNERS = "partners"
LABEL_KINDS = "USiub"
"""numpy's kinds of arrays that can be categories: texts, whole numbers, truth values; other numbers are no classes."""


@dataclass(frozen=True)
class Beside:
    """What lies beside the embeddings of an archive, in memory: fields of `EmbeddingFile`, and what was read for it."""

    read: list[str]
    """Names of the parts."""
    held_texts: Sequence[str] | None
    held_categories: Sequence[str] | None
    names: bool
    """Whether the texts are ids or words that name the rows."""


def choose_table(path: Path, tables: Sequence[str], wanted: str | None, guesses: list[str]) -> str:
    """Return the name of the table with the embeddings.

    Args:
        path: the file, for messages.
        tables: names of those that there are.
        wanted: the requested one.
        guesses: gets in words what was guessed.

    Raises:
        DataError: the requested one is missing, or nothing tells which it is.
    """
    if wanted is not None:
        if wanted not in tables:
            raise DataError(f"{path} holds no table {wanted!r}; it has {listed(tables) if tables else 'none'}")
        return wanted
    if EMBEDDINGS in tables:
        return EMBEDDINGS
    if len(tables) == 1:
        guesses.append(f"{path.name}: took {tables[0]!r}, the only table in it, for the embeddings")
        return tables[0]
    known = [name for name in tables if name.lower() in VECTOR_NAMES]
    if len(known) == 1:
        guesses.append(f"{path.name}: took {known[0]!r} for the embeddings, by its name")
        return known[0]
    held = ", ".join(map(repr, tables[:8])) or "no table [samples, width] at all"
    way_out = f"name the one with the embeddings {EMBEDDINGS!r}"
    if tables:
        way_out += ", or choose it with --table NAME (data.table)"
    raise DataError(f"{path} holds {held}; {way_out}")


def parts_beside(lengths: Mapping[str, int], count: int, read: Callable[[str], Iterable[Any]], table: str) -> Beside:
    """Return which lists of an archive belong to its `count` embeddings, by their names, and what they hold.

    Args:
        lengths: length of each list in the archive.
        count: rows of embeddings.
        read: returns a list of the archive; called for those that belong to the embeddings alone.
        table: name of the embeddings; `y_train` belongs to `X_train`.
    """
    own = set(_PARTED.split(table.lower()))

    def named_like(known: Collection[str]) -> str | None:
        fitting = [name for name, length in lengths.items() if length == count]
        called = (name for word in known for name in fitting if _is_called(name, (word,), own))
        return next(called, None)

    def words(name: str | None, *, classes: bool = False) -> list[str] | None:
        values = [] if name is None else list(read(name))
        if name is None or (classes and any(isinstance(value, float) for value in values)):
            return None
        return [label_word(value) for value in values]

    texts, categories = named_like(TEXT_NAMES), named_like(ARRAY_LABEL_NAMES)
    names = named_like(ID_NAMES) if texts is None else None
    classes = words(categories, classes=True)
    used = [part for part in (texts, names, categories if classes is not None else None) if part is not None]
    return Beside(used, words(texts or names), classes, names is not None)


def _is_called(name: str, known: Collection[str], own: Collection[str]) -> bool:
    """Say whether a part is called so, also with words beside that are those of the embeddings."""
    parts = [part for part in _PARTED.split(name.lower()) if part not in own] or [""]
    return any({word, word.removesuffix("s")} & set(known) for word in (name.lower(), *parts[: len(parts) == 1]))


def label_word(value: Any) -> str:
    """Return a value of an array as a category or name; bytes are UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else label_text(value)


def aside_parts(path: Path, names: Sequence[str], opened: Sequence[str], closed: Sequence[str]) -> str:
    """Return in words which parts of an archive were left aside.

    Args:
        path: the file.
        names: all parts.
        opened: those that were read.
        closed: those that hold Python objects.
    """
    plain = [name for name in names if name not in opened and name not in closed]
    lines = []
    if plain:
        lines.append(f"left aside {listed(plain)}")
    if closed:
        lines.append(f"{listed(list(closed))} holds Python objects, which could run code, and was not opened")
    return f"{path.name}: {'; '.join(lines)}" if lines else ""
