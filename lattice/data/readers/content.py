"""What a file is by its first bytes, where its name says something else: a table that was renamed, a saved web page."""

from __future__ import annotations

from pathlib import Path

from lattice.errors import DataError
from lattice.formats import compression_of

_LOOKED_AT = 512
"""Bytes among which a file that is no text has some that no text has: a text may begin with `PAR1`."""
_GONE = "download the data itself again; a page may ask for a login, or say that it is gone"
_COMPRESSED = "compressed"
_KINDS = (
    (b"PAR1", "a parquet file", "name it .parquet"),
    (b"ARROW1", "an Arrow file", "name it .arrow"),
    (b"\x93NUMPY", "an array of numpy", "name it .npy"),
    (b"\x89HDF\r\n", "an HDF5 file", "name it .h5"),
    (b"PK\x03\x04", "an archive of files, a spreadsheet, or a file of torch",
     "unpack it, save its sheet as .csv, or name it .pt where torch wrote it"),
    (b"SQLite format 3\0", "a database", "export the table to .csv or .parquet"),
    (b"\x1f\x8b", _COMPRESSED, "put .gz behind its name"),
    (b"\xfd7zXZ\0", _COMPRESSED, "put .xz behind its name"),
    (b"\x28\xb5\x2f\xfd", _COMPRESSED, "put .zst behind its name"),
    (b"BZh91AY&SY", _COMPRESSED, "put .bz2 behind its name"),
    (b"%PDF-", "a document", "extract its text"),
    (b"<!doctype html", "a web page", _GONE),
    (b"<html", "a web page", _GONE),
)  # fmt: skip


def refuse_other_content(path: Path, head: bytes) -> None:
    """Raise `DataError` for a file whose first bytes are those of a kind that its name does not tell."""
    begin = head[:64].lstrip().lower()
    binary = any(byte < ord("\t") for byte in head[:_LOOKED_AT])
    for mark, kind, way_out in _KINDS:
        if kind == _COMPRESSED and compression_of(path):
            continue
        if begin.startswith(mark) if mark.startswith(b"<") else binary and head.startswith(mark):
            raise DataError(f"{path} is {kind} by its first bytes: {way_out}")
