"""The Embedding Projector's tensors: `.bytes` files of float32, and the `projector_config.json` that gives their shape.

Format: https://github.com/tensorflow/embedding-projector-standalone; little-endian, one row after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter, open_counted
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.refused import refusal
from lattice.data.readers.row_layout import check_layout
from lattice.data.readers.rows import PlainRows
from lattice.data.readers.streams import open_stream
from lattice.data.readers.text_file import open_text_file
from lattice.data.vector_columns import listed
from lattice.errors import DataError
from lattice.formats import JSON_ENDING, PROJECTOR_ENDING, PROJECTOR_MARKS, compression_of, ending_of
from lattice.limits import MAX_HEADER_BYTES
from lattice.parsing import ParseError, parse_json


def open_projector_config(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Open the tensor that a description names, or the one of several that was requested as the table.

    Raises:
        DataError: it names none that there is, or nothing tells which one.
    """
    entries = _entries(path, request.meter)
    names = [str(entry.get("tensorName", number)) for number, entry in enumerate(entries, 1)]
    wanted = request.columns.table
    if wanted is not None and wanted not in names:
        raise DataError(f"{path} describes no tensor {wanted!r}; it has {listed(names) if names else 'none'}")
    if wanted is None and len(entries) != 1:
        raise DataError(
            f"{path} describes {listed(names) if names else 'no tensors'}; choose one with --table NAME (data.table)"
        )
    entry = entries[0 if wanted is None else names.index(wanted)]
    stated = entry.get("tensorPath")
    tensor = _beside(path, stated)
    if tensor is None:
        raise DataError(f"{path} names the tensor {str(stated)[:100]!r}, which does not lie beside it; put it there")
    return _open(tensor, path, entry, request)


def open_projector_tensor(path: Path, request: ReadRequest) -> EmbeddingFile:
    """Open a `.bytes` file by the description beside it; raises `DataError` if there is none that names it."""
    _refuse_compressed(path)
    for config in sorted(path.parent.glob(f"*{JSON_ENDING}")):
        if not config.is_file() or config.stat().st_size > MAX_HEADER_BYTES:
            continue
        for entry in _entries(config, request.meter, strict=False):
            if _beside(config, entry.get("tensorPath")) == path:
                return _open(path, config, entry, request)
    with open_counted(path, request.meter):  # says so where it is empty, or a pointer of Git LFS
        raise DataError(refusal(path))


def _open(tensor: Path, config: Path, entry: Mapping[str, Any], request: ReadRequest) -> EmbeddingFile:
    said = f"{tensor.name}: as {config.name} describes it"
    if ending_of(tensor) != PROJECTOR_ENDING:
        opened = open_text_file(tensor, request)
        if not isinstance(opened, EmbeddingFile):
            raise DataError(f"{tensor}, which {config.name} names, holds no vectors")
        opened.note_guess(said)
    else:
        opened = EmbeddingFile(tensor, _rows(tensor, config, entry, request.meter), None, said, {}, request.meter)
    opened.beside = _beside(config, entry.get("metadataPath"))
    if opened.beside is None and entry.get("metadataPath"):
        missing = f"{config.name}: the names in {str(entry['metadataPath'])[:100]!r} do not lie beside it"
        opened.aside = "; ".join(filter(None, (opened.aside, missing)))
    return opened


def _refuse_compressed(tensor: Path) -> None:
    if compression_of(tensor):
        raise DataError(f"{tensor} is compressed, and is not read so: unpack it beside the description of its shape")


def _rows(tensor: Path, config: Path, entry: Mapping[str, Any], meter: ReadMeter) -> PlainRows:
    _refuse_compressed(tensor)
    shape = entry.get("tensorShape")
    if not (isinstance(shape, list) and len(shape) == 2 and all(type(side) is int and side > 0 for side in shape)):
        raise DataError(f"{config} gives {tensor.name} the shape {str(shape)[:60]}, expected [samples, width]")
    with open_counted(tensor, meter) as file:
        size = file.size
    count, width = shape
    if size != count * width * torch.float32.itemsize:
        raise DataError(
            f"{tensor} has {size} bytes, but {config.name} states {count} rows of {width} numbers of 4 bytes; one of "
            "them is damaged or of another tensor. Copy both again"
        )
    layout = check_layout(tensor, "", (count, width), torch.float32, "float32")
    return PlainRows(layout, meter, 0)


def _entries(config: Path, meter: ReadMeter, *, strict: bool = True) -> Sequence[Mapping[str, Any]]:
    """Return what a description says of each tensor; of one that can't be read nothing, unless `strict`."""
    try:
        with open_stream(config, meter) as file:
            content = file.read(MAX_HEADER_BYTES)
        whole = parse_json(content) if strict or any(mark in content for mark in PROJECTOR_MARKS) else {}
    except (ParseError, DataError) as error:
        if strict:
            raise DataError(f"{config} is no readable description of tensors ({error}); make it again") from None
        return []
    entries = whole.get("embeddings") if isinstance(whole, Mapping) else None
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


def _beside(config: Path, stated: object) -> Path | None:
    """Return the file that a description names, by its path or by its name alone; None if there is no such."""
    if not isinstance(stated, str) or not stated:
        return None
    for candidate in (config.parent / stated, config.parent / Path(stated).name):
        try:
            if candidate.parent.resolve().is_relative_to(config.parent.resolve()) and candidate.is_file():
                return candidate
        except (OSError, ValueError):  # no file can have this name: it is too long, or holds what no name can
            continue
    return None
