"""Which part of an archive holds the embeddings, and which parts beside it their texts, names and categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from lattice.data.column_names import ID_NAMES, LABEL_NAMES, TEXT_NAMES, VECTOR_NAMES
from lattice.data.vector_columns import listed
from lattice.errors import DataError

EMBEDDINGS, PARTNERS = "embeddings", "partners"
Role = Literal["texts", "names", "categories"]


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


def parts_beside(lengths: Mapping[str, int], count: int) -> dict[Role, str]:
    """Return which lists of an archive belong to its `count` embeddings, by their names: role -> name."""
    found: dict[Role, str] = {}
    for role, known in (("texts", TEXT_NAMES), ("names", ID_NAMES), ("categories", LABEL_NAMES)):
        for name, length in lengths.items():
            if length == count and {name.lower(), name.lower().removesuffix("s")} & set(known):
                found.setdefault(role, name)  # type: ignore[arg-type]
    return found


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
