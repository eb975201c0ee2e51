"""The header of a `.safetensors` file, checked before a single byte of data is believed.

Format: 8 bytes little-endian header length, JSON header, data (https://github.com/huggingface/safetensors).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted, read_exactly
from lattice.errors import DataError
from lattice.formats import HEADER_LENGTH_BYTES, NOTES
from lattice.limits import MAX_HEADER_BYTES
from lattice.parsing import parse_json
from lattice.units import bytes_text

_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor lies in its file."""

    kind: str
    """Type as the file names it."""
    dtype: torch.dtype | None
    shape: tuple[int, ...]
    offset: int
    """First byte in the file."""


def read_header(path: Path, meter: ReadMeter) -> dict[str, TensorPlace]:
    """Return name -> place of every tensor.

    Raises:
        DataError: the header is not one, or promises what the file can't hold.
    """
    return read_header_and_notes(path, meter)[0]


def read_header_and_notes(path: Path, meter: ReadMeter) -> tuple[dict[str, TensorPlace], dict[str, str]]:
    """Return name -> place of every tensor, and the texts that the file's maker noted.

    Raises:
        DataError: the header is not one, or promises what the file can't hold.
    """
    with open_counted(path, meter) as file:
        header, start = _parse(path, file)
        notes = header.pop(NOTES, None)
        texts = notes.items() if isinstance(notes, dict) else ()
        places = {name: _place(path, name, entry, start, file.size) for name, entry in header.items()}
        return places, {name: text for name, text in texts if isinstance(text, str)}


def _parse(path: Path, file: CountedFile) -> tuple[dict[str, Any], int]:
    if file.size < HEADER_LENGTH_BYTES:
        raise DataError(f"{path} has {file.size} bytes, too few for a safetensors file; it is truncated")
    prefix = bytearray(HEADER_LENGTH_BYTES)
    read_exactly(file, memoryview(prefix), path, "the header's length")
    length = int.from_bytes(prefix, "little")
    if length > file.size - HEADER_LENGTH_BYTES:
        raise DataError(
            f"{path} states a header of {length} bytes in a file of {file.size}; it is truncated or no safetensors file"
        )
    if length > MAX_HEADER_BYTES:
        raise DataError(
            f"{path} has a header of {bytes_text(length)}, expected at most {bytes_text(MAX_HEADER_BYTES)}; "
            "save the embeddings alone"
        )
    raw = bytearray(length)
    read_exactly(file, memoryview(raw), path, "the header")
    try:
        header = parse_json(raw.decode("utf-8"))
    except ValueError as error:
        raise DataError(f"{path} has a header that is not JSON ({error}); it is damaged") from None
    if not isinstance(header, dict):
        raise DataError(f"{path} has a header that is no JSON object; it is damaged")
    return header, HEADER_LENGTH_BYTES + length


def _place(path: Path, name: str, entry: Any, start: int, size: int) -> TensorPlace:
    try:
        kind, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        numbers = (*shape, begin, end)
        well_formed = isinstance(kind, str) and all(type(number) is int and number >= 0 for number in numbers)
    except (TypeError, KeyError, ValueError):
        well_formed = False
    if not well_formed:
        raise DataError(f"{path}: the header's entry {name!r} is malformed; the file is damaged")
    if not begin <= end <= size - start:
        raise DataError(
            f"{path}: tensor {name!r} should end at byte {start + end}, but the file has {size}; it is truncated"
        )
    dtype = _TYPES.get(kind)
    if dtype is not None and math.prod(shape) * dtype.itemsize != end - begin:
        raise DataError(f"{path}: tensor {name!r} {kind} {list(shape)} does not fill {end - begin} bytes; damaged")
    return TensorPlace(kind, dtype, shape, start + begin)
