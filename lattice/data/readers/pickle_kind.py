"""What a pickle holds, by the codes it is made of: nothing of it is run. Each kind has a line that converts it.

Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import itertools
import lzma
import pickletools
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from lattice.regular_files import open_regular

PickleKind = Literal["dict", "array", "frame", "tuple", "records", "texts", "vectors", "other"]

_LOOKED_AT = 1 << 16
_PAIR = re.compile(rb"[\x86\x87](?:\x94|q.|r....)?\.\Z", re.DOTALL)
"""How a pickle of a tuple of two or three ends."""
_TEXT_CODES = ("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE")
_LINES: dict[PickleKind, str] = {
    "dict": "`numpy.savez({out!r}, **data)`, or, where it holds one vector for each id, "
    "`numpy.savez({out!r}, embeddings=numpy.stack(list(data.values())), ids=list(data))`",
    "array": "`numpy.save({rows!r}, data)`",
    "frame": "`data.to_parquet({table!r})`",
    "tuple": "`numpy.savez({out!r}, embeddings=data[0], texts=data[1])`, with the parts in the order that it has",
    "records": "`import pandas; pandas.DataFrame(data).to_parquet({table!r})`",
    "texts": "`import pandas; pandas.DataFrame({{'text': data}}).to_parquet({table!r})`",
    "vectors": "`numpy.save({rows!r}, numpy.stack(data).astype('float32'))`",
    "other": "`numpy.savez({out!r}, embeddings=data['embeddings'], texts=data['sentences'])` with the names that it "
    "has; a pandas frame with `data.to_parquet({table!r})`",
}
_PACKED: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open), b"BZh": ("bz2", bz2.open), b"\xfd7zXZ": ("lzma", lzma.open),
}  # fmt: skip
_OF_ITEMS: dict[str, PickleKind] = {
    "dict": "records", "text": "texts", "array": "vectors", "list": "vectors", "number": "vectors",
}  # fmt: skip
_OF_ONE: dict[str, PickleKind] = {"dict": "dict", "array": "array", "frame": "frame"}
_FEW = 8
_ZLIB = b"\x78"
_JOBLIB = b"joblib"


def pickle_lines(path: Path) -> tuple[str, str]:
    """Return the line of Python that opens a pickle as `data`, without a path, and how `data` is converted.

    A file that can't be read counts as one of another kind.
    """
    head, tail, module = _ends(path)
    name = repr(path.name)
    if _JOBLIB in head or path.suffix.lower() == ".joblib" or module == "zlib":
        return f"import joblib, numpy; data = joblib.load({name})", converting(kind_of(head, tail))
    if module:
        load = f"import {module}, numpy, pickle; data = pickle.loads({module}.open({name}).read())"
    else:
        load = f"import numpy, pathlib, pickle; data = pickle.loads(pathlib.Path({name}).read_bytes())"
    return load, converting(kind_of(head, tail))


def converting(kind: PickleKind) -> str:
    """Return how to convert an object `data` of a kind, with places for names of files."""
    return _LINES[kind]


def kind_of(head: bytes, tail: bytes = b"") -> PickleKind:
    """Return what a pickle holds by its first bytes, and by its last ones where it holds a tuple."""
    if _PAIR.search(tail):
        return "tuple"
    steps = _steps(head)
    first = next(steps, "")
    return _told(first, steps)


def kind_of_items(head: bytes, *, one: bool = False) -> PickleKind:
    """Return what kind of list the items of a pickled array of objects make, or what its only item is."""
    steps = _steps(head)
    for step in steps:
        if step == "list":
            return _told(next(steps, ""), steps) if one else _told("list", steps)
    return "other"


def _told(first: str, rest: Iterator[str]) -> PickleKind:
    if first == "list":
        inner = next(rest, "")
        if inner == "text" and not set(itertools.islice(rest, _FEW)) <= {"text"}:
            return "other"  # such as tuples that begin with a text
        return _OF_ITEMS.get(inner, "other")
    return _OF_ONE.get(first, "other")


def _steps(head: bytes) -> Iterator[str]:
    """Yield the kinds of objects in the order in which a pickle begins them."""
    texts: list[str] = []
    with contextlib.suppress(ValueError, IndexError, UnicodeDecodeError, EOFError):  # the end was cut off
        for code, value, _ in pickletools.genops(head):
            if code.name in _TEXT_CODES:
                texts.append(str(value))
                continue
            if code.name in ("MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT", "PROTO", "FRAME", "MARK"):
                continue
            if code.name in ("GLOBAL", "STACK_GLOBAL"):
                yield _of_global(str(value) if code.name == "GLOBAL" else " ".join(texts[-2:]))
            elif texts:
                yield "text"
            texts.clear()
            if code.name in ("EMPTY_DICT", "DICT"):
                yield "dict"
            elif code.name in ("EMPTY_LIST", "LIST"):
                yield "list"
            elif code.name in ("BINFLOAT", "BININT", "BININT1", "BININT2", "FLOAT", "INT", "LONG1"):
                yield "number"
    if texts:
        yield "text"


def _of_global(name: str) -> str:
    room = name.partition(" ")[0].partition(".")[0]
    if "OrderedDict" in name or "defaultdict" in name:
        return "dict"
    return {"pandas": "frame", "numpy": "array", "torch": "array", "joblib": "array"}.get(room, "other")


def _ends(path: Path) -> tuple[bytes, bytes, str]:
    """Return a pickle's first and last bytes, and the module that unpacks it; empty where it can't be read."""
    try:
        with open_regular(path) as file:
            head = file.read(_LOOKED_AT)
            packed = next((found for mark, found in _PACKED.items() if head.startswith(mark)), None)
            file.seek(0)
            if packed is not None:
                with packed[1](file) as stream:
                    return stream.read(_LOOKED_AT), b"", packed[0]
            if head.startswith(_ZLIB):
                return zlib.decompressobj().decompress(head, _LOOKED_AT), b"", "zlib"
            return head, _tail(file), ""
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return b"", b"", ""


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - 16))
    return file.read(16)
