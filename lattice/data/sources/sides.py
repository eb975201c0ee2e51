"""Vectors of questions in one file and those of their answers in another, row by row, with the texts beside each."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from pathlib import Path

from lattice.data.readers.base import Reader
from lattice.data.readers.choice import reader_for
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.opening import open_file
from lattice.data.sources.base import Opening
from lattice.data.sources.beside import Role, give_found, role_of
from lattice.data.sources.companion import companions_of
from lattice.data.sources.embeddings import EmbeddingSource
from lattice.data.sources.folder import left_out
from lattice.data.sources.folder_files import FolderFiles
from lattice.data.sources.label_array import TEXT_WORDS, ArraysBeside
from lattice.data.vector_columns import listed
from lattice.errors import DataError
from lattice.plugins import Entry


def open_sides(
    folder: Path, found: FolderFiles, sides: Sequence[Sequence[Path]], limit: int | None, opening: Opening
) -> EmbeddingSource:
    """Open the vectors of questions with those of their answers, file by file.

    Args:
        folder: the folder.
        found: its files.
        sides: the files of the questions, and as many of the answers.
        limit: rows to read at most.
        opening: where it is accounted for.

    Raises:
        DataError: a file holds no vectors, or those of two files differ in their shape.
    """
    near = {path for side in sides for file in side for path in companions_of(file)}
    left = [path for path in found.beside if path not in near]
    opening.note("", left_out(folder, len(found.files), left))

    def pairs() -> Generator[tuple[Entry[Reader], EmbeddingFile]]:
        for first, second in zip(*sides, strict=True):
            yield reader_for(first), _joined(folder, first, second, limit, opening)

    return EmbeddingSource(str(folder), pairs(), limit, opening)


def _joined(folder: Path, first: Path, second: Path, limit: int | None, opening: Opening) -> EmbeddingFile:
    """Return the vectors of a file with those of another as their partners."""
    with contextlib.ExitStack() as opened:
        files = []
        for path in (first, second):
            file = open_file(reader_for(path), path, opening.request(limit))
            if not isinstance(file, EmbeddingFile):
                raise DataError(f"{folder}: {first.name} and {second.name} hold no vectors both")
            files.append(opened.enter_context(contextlib.closing(file)))
        file, partner = files
        if file.rows.layout.shape != partner.rows.layout.shape:
            raise DataError(
                f"{first} has shape {list(file.rows.layout.shape)}, but {second} "
                f"{list(partner.rows.layout.shape)}; row i of one should belong to row i of the other"
            )
        _give_texts(file, partner, opening)
        file.partner, file.partners = partner, partner.rows
        if not file.has_categories() and partner.has_categories():
            file.held_categories = partner.categories(partner.rows.layout.count)
        file.note_guess(partner.guess)
        file.note_guess(f"{first.name} with the rows of {second.name} as their partners")
        file.aside = "; ".join(filter(None, (file.aside, partner.aside)))
        opened.pop_all()
    return file


def _give_texts(file: EmbeddingFile, partner: EmbeddingFile, opening: Opening) -> None:
    """Give each side the texts beside it; texts that may belong to either are of none."""
    near = [companions_of(side.path) if side.beside is None else [side.beside] for side in (file, partner)]
    shared = {path for path in near[0] if path in near[1]}
    unclear = {path for path in shared if role_of(path) in (Role.TEXTS, Role.NAMES)}
    arrays = ArraysBeside()
    first, second = (next(iter(arrays.arrays_of(side.path, TEXT_WORDS)), None) for side in (file, partner))
    if first is not None and first == second:
        unclear.add(first)
    if unclear:
        names = listed([path.name for path in sorted(unclear)])
        opening.note("", f"left aside {names}, which may belong to {file.path.name} or to {partner.path.name}")
    for side, paths, others in ((file, near[0], unclear), (partner, near[1], shared)):
        own = [path for path in paths if path not in others]
        for reason in give_found(side, own, opening.request(None), arrays=first != second):
            opening.note("", f"{side.path.name}: {reason}")
