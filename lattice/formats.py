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
"""Files of ready-made embeddings that hold tensors."""
HDF5_ENDINGS = (".hdf5", ".h5")
WORD_VECTOR_ENDINGS = (".vec",)
WORD2VEC_ENDING = ".bin"
FASTTEXT_MAGIC = (793712314).to_bytes(4, "little")
"""First bytes of a model of fastText, whose ending is that of word2vec's vectors."""
NEIGHBOUR_ENDINGS = (".fvecs", ".bvecs", ".fbin", ".u8bin", ".i8bin")
"""Files of the benchmarks of nearest-neighbour search."""

LINE_ENDINGS = (".txt", ".text")
JSON_ENDINGS = (".jsonl", ".ndjson")
JSON_ENDING = ".json"
TSV_ENDING = ".tsv"
TABLE_ENDINGS = (".csv", TSV_ENDING)
PARQUET_ENDING = ".parquet"
ARROW_ENDINGS = (".arrow", ".feather", ".ipc")
COLUMNAR_ENDINGS = (PARQUET_ENDING, *ARROW_ENDINGS)
TABULAR_ENDINGS = (*JSON_ENDINGS, JSON_ENDING, *TABLE_ENDINGS, *COLUMNAR_ENDINGS)
"""Files of texts or vectors with named columns."""
TEXT_ENDINGS = (*LINE_ENDINGS, *TABULAR_ENDINGS)
"""Files that the built-in reader of texts opens; vectors may lie beside the texts."""
COMPRESSED_ENDINGS = (".gz", ".xz", ".zst", ".bz2")
"""Endings that may follow another one, as in `texts.jsonl.gz`."""

PROJECTOR_ENDING = ".bytes"
"""Tensors of the Embedding Projector, whose shape stands in another file."""
PROJECTOR_MARKS = (b'"tensorPath"', b'"tensorName"', b'"tensorShape"')
"""What stands in the first bytes of that file, a `.json`."""

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""First bytes of what git leaves in the place of a large file that was not fetched."""
POINTER_TEXT = "only a pointer of Git LFS to the data; fetch the data with `git lfs pull` in its folder"
"""What such a file is, and the way out."""

HEADER_LENGTH_BYTES = 8
"""A `.safetensors` file begins with the length of its JSON header, little-endian."""
NOTES = "__metadata__"
"""Name in the header under which the maker of a `.safetensors` file leaves notes, text by name."""
CHECKPOINT_NOTE = "cellcube"
"""Note that makes a `.safetensors` file a checkpoint, or an export of one: its settings and counters as JSON."""


def ending_of(path: Path) -> str:
    """Return a file's ending in lower case, without that of a compression: `.jsonl` of `texts.jsonl.gz`."""
    ending = path.suffix.lower()
    return Path(path.stem).suffix.lower() if ending in COMPRESSED_ENDINGS else ending


def compression_of(path: Path) -> str:
    """Return the ending of a file's compression, such as `.gz`; empty where it has none."""
    ending = path.suffix.lower()
    return ending if ending in COMPRESSED_ENDINGS else ""


class HeaderError(ValueError):
    """A file has no header of tensors that can be used; the message says why, in one line without the path."""


def read_tensors_header(path: Path, *, whole: bool = False) -> dict[str, Any]:
    """Return the header of a `.safetensors` file: tensors and notes by name. No more than the header is read.

    Args:
        path: the file.
        whole: also refuse a file that ends before its last tensor does.

    Raises:
        HeaderError: it has none that can be read, or one above `MAX_HEADER_BYTES`.
    """
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            prefix = file.read(HEADER_LENGTH_BYTES)
            if LFS_POINTER.startswith(prefix) and prefix + file.read(len(LFS_POINTER) - len(prefix)) == LFS_POINTER:
                raise HeaderError(f"it is {POINTER_TEXT}")
            header = parse_json(_header_text(prefix, size, file.read))
    except OSError as error:
        raise HeaderError(f"it can't be read: {reason(error)}") from None
    except HeaderError:
        raise
    except ValueError as error:
        raise HeaderError(f"its header is damaged: {error}") from None
    if not isinstance(header, dict) or not isinstance(header.get(NOTES, {}), dict):
        raise HeaderError("its header is no table of tensors")
    if whole:
        _check_end(header, size - HEADER_LENGTH_BYTES - int.from_bytes(prefix, "little"))
    return header


def _check_end(header: dict[str, Any], held: int) -> None:
    """Raise `HeaderError` if the file ends before its last tensor does; `held` is the bytes behind the header."""
    places = (entry.get("data_offsets") for name, entry in header.items() if name != NOTES and isinstance(entry, dict))
    ends = [place[1] for place in places if isinstance(place, list) and len(place) == 2 and type(place[1]) is int]
    if ends and max(ends) > held:
        raise HeaderError(
            f"it is cut off: {bytes_text(max(ends) - held)} of its tensors' {bytes_text(max(ends))} are missing. "
            "Copy it again, or use an earlier one"
        )


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
