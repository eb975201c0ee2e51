"""What a file is by its first bytes, where its name says something else: a table that was renamed, a saved web page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from lattice.data.readers.plain_names import has_plain_name
from lattice.data.readers.refused import PICKLE_ENDINGS, pickle_text, said
from lattice.errors import DataError
from lattice.formats import (
    ARROW_ENDINGS,
    HDF5_ENDINGS,
    LFS_POINTER,
    NEIGHBOUR_ENDINGS,
    NPY_ENDING,
    NPZ_ENDING,
    PARQUET_ENDING,
    PROJECTOR_ENDING,
    TENSORS_ENDING,
    TORCH_ENDINGS,
    compression_of,
    ending_of,
)

_LOOKED_AT = 512
"""Bytes among which a file that is no text has some that no text has: a text may begin with `PAR1`."""
_GONE = (
    "download the data itself again; a page may ask for a login, or say that it is gone. Where a table of it is the "
    "data, {page}"
)
_COMPRESSED = "compressed"
_BINARY_ENDINGS = (
    PARQUET_ENDING, *ARROW_ENDINGS, NPY_ENDING, NPZ_ENDING, *HDF5_ENDINGS, *TORCH_ENDINGS, TENSORS_ENDING,
)  # fmt: skip
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_NO_PICKLES = (*TORCH_ENDINGS, *NEIGHBOUR_ENDINGS, PROJECTOR_ENDING)
"""Files of torch hold pickles; those of numbers without a mark of their own may begin with any bytes."""


class _Kind(NamedTuple):
    """A kind of file."""

    mark: bytes
    """What it begins with."""
    name: str
    way_out: str
    """What to do with it, as `said` takes it."""
    endings: tuple[str, ...] = ()
    """Its own endings."""


_KINDS = (
    _Kind(b"PAR1", "a parquet file", "name it .parquet", (PARQUET_ENDING,)),
    _Kind(b"ARROW1", "an Arrow file", "name it .arrow", ARROW_ENDINGS),
    _Kind(b"\xff\xff\xff\xff", "an Arrow stream", "name it .arrow", ARROW_ENDINGS),
    _Kind(b"\x93NUMPY", "an array of numpy", "name it .npy", (NPY_ENDING,)),
    _Kind(b"\x89HDF\r\n", "an HDF5 file", "name it .h5", HDF5_ENDINGS),
    _Kind(b"PK\x03\x04", "an archive of files, a spreadsheet, or a file of torch",
          "unpack it, save its sheet as .csv, or name it .pt where torch wrote it, .npz where numpy did",
          (NPZ_ENDING, *TORCH_ENDINGS)),
    _Kind(b"SQLite format 3\0", "a database", "{database}"),
    _Kind(b"\x1f\x8b\x08", _COMPRESSED, "put .gz behind its name"),
    _Kind(b"\xfd7zXZ\0", _COMPRESSED, "put .xz behind its name"),
    _Kind(b"\x28\xb5\x2f\xfd", _COMPRESSED, "put .zst behind its name"),
    _Kind(b"BZh91AY&SY", _COMPRESSED, "put .bz2 behind its name"),
    _Kind(b"\x04\x22\x4d\x18", "compressed with lz4", "unpack it first"),
    _Kind(b"Obj\x01", "an Avro file", "{avro}"),
    _Kind(b"IxF", "a search index", "{index}"),
    _Kind(b"IxM", "a search index", "{index}"),
    _Kind(b"IwF", "a search index", "{index}"),
    _Kind(b"IHN", "a search index", "{index}"),
    _Kind(b"GGUF", "a model's weights", "{weights}"),
    _Kind(b"%PDF-", "a document", "{document}"),
    _Kind(b"<!doctype html", "a web page", _GONE),
    _Kind(b"<html", "a web page", _GONE),
    _Kind(b"<table", "a table of a web page", "{page}"),
    _Kind(b"<?xml", "an XML document", "{markup}"),
)  # fmt: skip


def refuse_other_content(path: Path, head: bytes) -> None:
    """Raise `DataError` for a file whose first bytes are those of a kind that its name does not tell."""
    begin, ending = head[:64].lstrip().lower(), ending_of(path)
    is_packed = bool(compression_of(path)) or ending in PICKLE_ENDINGS
    binary = any(byte < ord("\t") for byte in head[:_LOOKED_AT])
    for kind in _KINDS:
        if ending in kind.endings or (kind.name == _COMPRESSED and is_packed):
            continue
        if begin.startswith(kind.mark) if kind.mark.startswith(b"<") else binary and head.startswith(kind.mark):
            raise DataError(f"{path} is {kind.name} by its first bytes: {said(kind.way_out, path)}")
    if binary and head.startswith(_PICKLES) and ending not in _NO_PICKLES:
        raise DataError(pickle_text(path))
    is_text = bool(head.strip()) and is_plain(head) and not head.startswith(LFS_POINTER)
    if ending in _BINARY_ENDINGS and is_text and not has_plain_name(path) and (could := name_hint(head)):
        raise DataError(f"{path} is text by its first bytes, and no {ending} file{could}")
    if binary and head[8:10] == b'{"' and not any(head[5:8]) and ending != ".safetensors":
        raise DataError(f"{path} is a file of tensors by its first bytes: name it .safetensors")


def is_plain(head: bytes) -> bool:
    """Say whether bytes are those of plain text: numbers of 32 bits hold others."""
    return all(byte >= 32 or byte in b"\t\n\f\r" for byte in head) and b"\x7f" not in head


def name_hint(head: bytes) -> str:
    """Return what a file of an ending that is not known could be called by its first bytes; empty if nothing tells."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # the last character may be cut
            return ""
        text = head[: error.start].decode("utf-8")
    if not text.strip() or not all(letter.isprintable() or letter in "\t\r\n" for letter in text):
        return ""
    first = text.lstrip().split("\n", 1)[0].strip()
    if first.startswith(("{", "[")):
        try:
            json.loads(first)
            return ". Its first line is JSON: name it .jsonl if every line is so"
        except ValueError:
            return ". It begins as JSON does: name it .json, or .jsonl if every line is a value"
    return ". If it holds one text a line, name it .txt; a table, .csv or .tsv"
