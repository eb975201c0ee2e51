"""Files by their endings and headers: which endings there are, and what a `.safetensors` file says of itself.

Nothing here needs torch, so that the window knows what it can open before torch is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lattice.limits import MAX_HEADER_BYTES
from lattice.parsing import parse_json
from lattice.regular_files import open_regular, reason
from lattice.units import bytes_text

SETTINGS_ENDING = ".toml"
TENSORS_ENDING = ".safetensors"
NPY_ENDING, NPZ_ENDING = ".npy", ".npz"
TORCH_ENDINGS = (".pt", ".pth")
EMBEDDING_ENDINGS = (TENSORS_ENDING, NPY_ENDING, NPZ_ENDING, *TORCH_ENDINGS)
"""Files of ready-made embeddings that the built-in reader opens."""

LINE_ENDINGS = (".txt", ".text")
JSON_ENDINGS = (".jsonl", ".ndjson")
TSV_ENDING = ".tsv"
TABLE_ENDINGS = (".csv", TSV_ENDING)
PARQUET_ENDING = ".parquet"
TABULAR_ENDINGS = (*JSON_ENDINGS, *TABLE_ENDINGS, PARQUET_ENDING)
"""Files of texts with named columns."""
TEXT_ENDINGS = (*LINE_ENDINGS, *TABULAR_ENDINGS)
"""Files of texts that the built-in reader opens."""

HEADER_LENGTH_BYTES = 8
"""A `.safetensors` file begins with the length of its JSON header, little-endian."""
NOTES = "__metadata__"
"""Name in the header under which the maker of a `.safetensors` file leaves notes, text by name."""
CHECKPOINT_NOTE = "cellcube"
"""Note that makes a `.safetensors` file a checkpoint, or an export of one: its settings and counters as JSON."""


class HeaderError(ValueError):
    """A file has no header of tensors that can be used; the message says why, in one line without the path."""


def read_tensors_header(path: Path) -> dict[str, Any]:
    """Return the header of a `.safetensors` file: tensors and notes by name. No more than the header is read.

    Raises:
        HeaderError: it has none that can be read, or one above `MAX_HEADER_BYTES`.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            header = parse_json(_header_text(file.read(HEADER_LENGTH_BYTES), size, file.read))
    except OSError as error:
        raise HeaderError(f"it can't be read: {reason(error)}") from None
    except HeaderError:
        raise
    except ValueError as error:
        raise HeaderError(f"its header is damaged: {error}") from None
    if not isinstance(header, dict) or not isinstance(header.get(NOTES, {}), dict):
        raise HeaderError("its header is no table of tensors")
    return header


def _header_text(prefix: bytes, size: int, read: Callable[[int], bytes]) -> bytes:
    length = int.from_bytes(prefix, "little")
    if len(prefix) < HEADER_LENGTH_BYTES or length > size - HEADER_LENGTH_BYTES:
        raise HeaderError("it may be cut short, or be something else")
    if length > MAX_HEADER_BYTES:
        raise HeaderError(f"its header has {bytes_text(length)}, expected at most {bytes_text(MAX_HEADER_BYTES)}")
    return read(length)


def tensors_header(path: Path) -> dict[str, Any] | None:
    """Return the header of a `.safetensors` file as `read_tensors_header` does; None if there is none to be used."""
    try:
        return read_tensors_header(path)
    except HeaderError:
        return None


def is_checkpoint(path: Path) -> bool:
    """Say whether a file is a checkpoint or an export of one, whatever its name; only its header is read."""
    header = tensors_header(path)
    return header is not None and CHECKPOINT_NOTE in header.get(NOTES, {})
