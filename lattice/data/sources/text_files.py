"""The files of texts of a folder, read one after the other; those that hold something else are named as left aside."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from lattice.data.columns import MissingColumnError
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.opening import open_file
from lattice.data.readers.text_file import NoSentencesError
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.sources.base import Opening
from lattice.data.sources.folder_files import Files, FolderFiles
from lattice.data.vector_columns import listed
from lattice.errors import DataError


def open_first(folder: Path, found: FolderFiles, limit: int | None, opening: Opening) -> EmbeddingFile | TextSource:
    """Open the first file of a folder; files of ids or addresses before it are taken out of `found`, and named.

    Raises:
        DataError: it can't be read, or all files hold ids or addresses.
    """
    while True:
        reader, path = found.files[0]
        try:
            return open_file(reader, path, opening.request(limit))
        except NoSentencesError as error:
            if len(found.files) == 1:
                raise
            _leave_aside(folder, path, error, opening)
            found.files = found.files[1:]


def text_rows(
    folder: Path, first: TextSource, files: Files, limit: int | None, opening: Opening, labels: Mapping[Path, str]
) -> Generator[TextRow]:
    """Read files of texts one after the other; each is opened when the one before is at its end.

    Args:
        folder: where they lie.
        first: the first of them, opened.
        files: all of them.
        limit: most rows of a file.
        opening: how they are read.
        labels: categories of the files' rows, where these have none.

    Raises:
        DataError: one holds vectors, or lacks the columns of the first.
    """
    for reader, path in files:
        try:
            opened = first if path is files[0][1] else open_file(reader, path, opening.request(limit, first.chosen))
        except NoSentencesError as error:
            _leave_aside(folder, path, error, opening)
            continue
        except MissingColumnError as error:
            raise DataError(
                f"{error}, but the texts of {files[0][1].relative_to(folder)} are in {error.name!r}. Give the columns "
                f"of {path.relative_to(folder)} the same names, or put the file into a folder of its own"
            ) from error
        if isinstance(opened, EmbeddingFile):
            opened.close()
            raise mixed(path, "embeddings", files[0][1], "texts")
        for row in opened.rows:
            yield row._replace(file=path.name, category=row.category or labels.get(path, ""))


def note_beside(folder: Path, beside: Sequence[Path], opening: Opening) -> None:
    """Put into the report which files of lines are not read, as tables lie beside them."""
    if beside:
        names = listed([path.relative_to(folder).as_posix() for path in beside])
        said = f"left aside {names}: the tables beside are read; give such files a folder of their own to read them"
        opening.note("", f"{folder.name}: {said}")


def mixed(path: Path, holds: str, first: Path, first_holds: str) -> DataError:
    """Return the error for a file that holds vectors among texts, or the other way round."""
    return DataError(f"{path} holds {holds}, but {first} {first_holds}; put them into folders of their own")


def _leave_aside(folder: Path, path: Path, error: NoSentencesError, opening: Opening) -> None:
    opening.note("", f"{folder.name}: left aside {path.relative_to(folder).as_posix()}: {error.why}")
