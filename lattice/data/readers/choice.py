"""Which reader opens a file: by the file's ending, and by its first bytes. Importing this module loads no torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from lattice.data.readers.base import SNIFF_BYTES, Reader
from lattice.data.readers.content import is_plain, name_hint, refuse_other_content
from lattice.data.readers.counted import ReadMeter, explain_os_error, pointer_error
from lattice.data.readers.plain_names import has_plain_name
from lattice.data.readers.refused import PICKLE_ENDINGS, guess, hint, refusal
from lattice.data.readers.streams import open_stream
from lattice.errors import CellcubeError, DataError
from lattice.formats import LFS_POINTER, compression_of, ending_of
from lattice.plugin_faults import fault_line, file_of, kind_text, refused
from lattice.plugins import BUILT_IN, Entry, Registry
from lattice.plugins import READERS as _READERS
from lattice.progress import Cancelled
from lattice.regular_files import open_regular

READERS: Registry[Reader] = _READERS
"""The registry of readers."""
TEXTS_READER = "texts"
"""Name of the built-in reader of texts."""


def data_endings(holds: Literal["embeddings", "texts"] | None = None) -> tuple[str, ...]:
    """Return the endings of all readers, or of those of embeddings or of texts, each once."""
    readers = [entry.value for entry in READERS.entries() if holds in (None, entry.value.holds)]
    return tuple(dict.fromkeys(ending for reader in readers for ending in reader.endings))


def find_reader(path: Path) -> Entry[Reader] | None:
    """Return the reader of a file, None if there is none.

    Among the readers of its ending, one whose `sniff` recognises the file comes first, then one without a `sniff`.
    A file whose ending no reader has may be recognised by its first bytes alone. Of a compressed file, such as
    `texts.jsonl.gz`, the ending before that of the compression counts. A pointer of Git LFS has no reader, unless its
    ending is one of data. A plain text without an ending, or with that of a language, is read as texts.

    Raises:
        DataError: the file can't be read, a plugin's `sniff` fails, or a pointer lies in the place of data.
    """
    known = _of_ending(path)
    if not known and refusal(path):
        return None
    sniffing = [entry for entry in known or READERS.entries() if entry.value.sniff is not None]
    if sniffing and path.is_file():
        head = _first_bytes(path)
        if head.startswith(LFS_POINTER):
            if known:
                raise pointer_error(path)
            return None  # a picture, or whatever else lies beside the data
        for entry in sniffing:
            if _recognises(entry, path, head):
                return entry
    if has_plain_name(path) and path.is_file():
        head = _first_bytes(path)
        if head and is_plain(head) and not head.startswith(LFS_POINTER):
            return READERS.entry(TEXTS_READER)
    return next((entry for entry in known if entry.value.sniff is None), None)


def reader_for(path: Path) -> Entry[Reader]:
    """Return the reader of a file; raises `DataError` as `find_reader` does, and where there is none."""
    entry = find_reader(path)
    if entry is None:
        refuse_known(path)
        if hint(path):
            raise DataError(hint(path))
        if path.is_file() and (known := _of_ending(path)):
            if not path.stat().st_size:
                raise DataError(f"{path} is empty: give a file that holds data")
            refuse_other_content(path, _plain_bytes(path))
            could = _guessed_or_hint(path)
            names = " and ".join(f"'{other.name}'" for other in known)
            raise DataError(
                f"{path}: its first bytes are not those of a {path.suffix.lower()} file: the reader {names} reads "
                f"files of this ending, but does not recognise this one{could}"
            )
        if path.is_file():
            refuse_other_content(path, _plain_bytes(path))
            refuse_other_content(path, _first_bytes(path))
            if compression_of(path) and not ending_of(path):
                raise DataError(
                    f"{path}: its name does not say what is compressed in it; put the ending of that before "
                    f"{path.suffix}, as in {path.stem}.jsonl{path.suffix}"
                )
        could = _guessed_or_hint(path)
        raise DataError(
            f"{path}: {ending_of(path) or 'no suffix'} is no kind of file that can be read; "
            f"expected {', '.join(data_endings())}{could}. If a plugin reads it, load it first: --plugin FILE.py"
        )
    return entry


def _guessed_or_hint(path: Path) -> str:
    """Return what a file could be called by its first bytes; raise `DataError` where its ending tells what it may be.

    A file of text holds no bare numbers, whatever its ending says.
    """
    could = name_hint(_first_bytes(path)) if path.is_file() else ""
    told = guess(path, text=bool(could))
    if told:
        raise DataError(told)
    return could


def refuse_as_other(path: Path) -> None:
    """Raise `DataError` for a file that could not be read if its first bytes are those of another kind."""
    if path.is_file():
        refuse_other_content(path, _plain_bytes(path))


def refuse_pointer(path: Path) -> None:
    """Raise `DataError` for a pointer of Git LFS, whatever it is called."""
    if path.is_file() and _plain_bytes(path).startswith(LFS_POINTER):
        raise pointer_error(path)


def refuse_known(path: Path) -> None:
    """Raise `DataError` for a file without a reader if it is a pointer of Git LFS, or of a kind with a way out."""
    refuse_pointer(path)
    if ending_of(path) in PICKLE_ENDINGS and path.is_file():
        refuse_other_content(path, _plain_bytes(path))  # such as what torch or numpy wrote under this name
    if refusal(path):
        raise DataError(refusal(path))


def text_columns(path: Path) -> list[str]:
    """Return the columns of a file that can hold texts, by its first rows alone; none where it has no columns.

    Raises:
        DataError: it can't be read, or holds no texts.
    """
    entry = find_reader(path)
    if entry is None or entry.value.holds != "texts":
        refuse_known(path)
        expected = ", ".join(data_endings("texts"))
        raise DataError(f"{path}: {path.suffix.lower() or 'no suffix'} is no kind of text file; expected {expected}")
    with faults_named(entry, path):
        names: Any = [] if entry.value.columns is None else entry.value.columns(path)
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise refused(entry.value.columns, "a list of texts", kind_text(names))
    return names


@contextmanager
def faults_named(entry: Entry[Reader], path: Path) -> Iterator[None]:
    """Turn whatever a plugged-in reader raises into a `DataError` that names the file and the plugin.

    Errors for people and a cancel pass as they are, and so does everything from a built-in reader: there it is a bug.
    """
    try:
        yield
    except (CellcubeError, Cancelled):
        raise
    except Exception as error:
        if entry.plugin == BUILT_IN:
            raise
        raise DataError(
            f"{path} can't be read: the reader '{entry.name}' failed: "
            f"{fault_line(error, file_of(entry.value.open))}; mend the plugin, or give another kind of file"
        ) from error


def _of_ending(path: Path) -> list[Entry[Reader]]:
    """Return the readers of a file's ending."""
    known = [entry for entry in READERS.entries() if path.suffix.lower() in entry.value.endings]
    return known or [entry for entry in READERS.entries() if ending_of(path) in entry.value.endings]


def _recognises(entry: Entry[Reader], path: Path, head: bytes) -> bool:
    with faults_named(entry, path):
        return entry.value.sniff is not None and bool(entry.value.sniff(head))


def _first_bytes(path: Path) -> bytes:
    try:
        if compression_of(path):
            with open_stream(path, ReadMeter()) as stream:
                return stream.read(SNIFF_BYTES)
    except OSError as error:
        raise explain_os_error(path, error) from error
    return _plain_bytes(path)


def _plain_bytes(path: Path) -> bytes:
    """Return a file's first bytes as they lie on the disk."""
    try:
        with open_regular(path) as file:
            return file.read(SNIFF_BYTES)
    except OSError as error:
        raise explain_os_error(path, error) from error
