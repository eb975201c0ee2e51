"""Which source a name in the settings means: the demo, a file, a folder of files, or a data set of the hub."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from pathlib import Path

from lattice.data.readers.base import Reader
from lattice.data.readers.choice import find_reader, reader_for
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.hub import PREFIX, open_hub
from lattice.data.readers.opening import open_file
from lattice.data.readers.text_file import TextRow, TextSource
from lattice.data.sources.base import Opening, Source
from lattice.data.sources.demo import DemoSource
from lattice.data.sources.embeddings import EmbeddingSource
from lattice.data.sources.texts import TextsSource
from lattice.errors import DataError
from lattice.plugins import Entry

Files = Sequence[tuple[Entry[Reader], Path]]
"""Files with their readers, at least one."""


def open_source(spec: str | None, limit: int | None, opening: Opening) -> Source:
    """Open the demo (None), a file, a folder, or a data set of the hub (`hub:owner/name`).

    Raises:
        DataError: it can't be used.
    """
    if spec is None:
        return DemoSource(limit)
    if spec.startswith(PREFIX):
        return TextsSource(spec, open_hub(spec, opening.data.split, opening.columns, opening.meter), limit, opening)
    path = Path(spec).expanduser()
    if path.is_dir():
        return _open_files(str(path), _files_of(path, opening), limit, opening, in_folder=True)
    if not path.exists():
        hint = f"; for the hub's data set write 'hub:{spec}'" if re.fullmatch(r"[\w.-]+/[\w.-]+", spec) else ""
        raise DataError(f"{path} does not exist; check the path{hint}")
    return _open_files(str(path), [(reader_for(path), path)], limit, opening, in_folder=False)


def _open_files(name: str, files: Files, limit: int | None, opening: Opening, *, in_folder: bool) -> Source:
    """Open files that all hold embeddings, or all hold texts: as the first one turns out."""
    (reader, path), *_ = files
    first = open_file(reader, path, opening.request(limit))
    if isinstance(first, EmbeddingFile):
        return EmbeddingSource(name, _embedding_files(first, files, limit, opening), limit, opening)
    if not in_folder:
        return TextsSource(path.name, first, limit, opening)
    rows = _all_rows(first, files, limit, opening)
    return TextsSource(name, TextSource(rows, first.guess, first.has_partners), limit, opening)


def _embedding_files(
    first: EmbeddingFile, files: Files, limit: int | None, opening: Opening
) -> Generator[tuple[Entry[Reader], EmbeddingFile]]:
    yield files[0][0], first
    for reader, path in files[1:]:
        opened = open_file(reader, path, opening.request(limit))
        if not isinstance(opened, EmbeddingFile):
            raise _mixed(path, "texts", files[0][1], "embeddings")
        yield reader, opened


def _all_rows(first: TextSource, files: Files, limit: int | None, opening: Opening) -> Generator[TextRow]:
    """Read files of texts one after the other; each is opened when the one before is at its end."""
    for reader, path in files:
        opened = first if path is files[0][1] else open_file(reader, path, opening.request(limit))
        if isinstance(opened, EmbeddingFile):
            opened.close()
            raise _mixed(path, "embeddings", files[0][1], "texts")
        for row in opened.rows:
            yield row._replace(file=path.name)


def _mixed(path: Path, holds: str, first: Path, first_holds: str) -> DataError:
    return DataError(f"{path} holds {holds}, but {first} {first_holds}; put them into folders of their own")


def _files_of(folder: Path, opening: Opening) -> Files:
    """Return the files of a folder by name that one load can take: those of embeddings if there are any, else texts."""
    try:
        paths = sorted((path for path in folder.iterdir() if path.is_file()), key=natural_key)
    except OSError as error:
        raise DataError(f"folder {folder} can't be listed: {error.strerror}; change its permissions") from error
    found = [(reader, path) for path in paths if (reader := find_reader(path)) is not None]
    embeddings = [(reader, path) for reader, path in found if reader.value.holds == "embeddings"]
    if embeddings and len(embeddings) < len(found):
        opening.report.guesses.append(
            f"{folder}: took its {len(embeddings)} files of embeddings and left out {len(found) - len(embeddings)} of "
            "texts"
        )
    if not found:
        raise DataError(f"folder {folder} holds no file of texts or embeddings")
    return embeddings or found


def natural_key(path: Path) -> list[tuple[int, str]]:
    """Sort `part-2` before `part-10`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]
