"""Files by their endings and headers: which endings there are, and what a `.safetensors` file says of itself.

Nothing here needs torch, so that the window knows what it can open before torch is loaded.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
ARROW_ENDINGS = (".arrow", ".feather")
COLUMNAR_ENDINGS = (PARQUET_ENDING, *ARROW_ENDINGS)
TABULAR_ENDINGS = (*JSON_ENDINGS, JSON_ENDING, *TABLE_ENDINGS, *COLUMNAR_ENDINGS)
"""Files of texts or vectors with named columns."""
TEXT_ENDINGS = (*LINE_ENDINGS, *TABULAR_ENDINGS)
"""Files that the built-in reader of texts opens; vectors may lie beside the texts."""
COMPRESSED_ENDINGS = (".gz", ".xz", ".zst", ".bz2")
"""Endings that may follow another one, as in `texts.jsonl.gz`."""

HEADER_LENGTH_BYTES = 8
"""A `.safetensors` file begins with the length of its JSON header, little-endian."""
MAX_HEADER_BYTES = 100_000_000
"""Longest header that the library safetensors reads."""
NOTES = "__metadata__"
"""Name in the header under which the maker of a `.safetensors` file leaves notes, text by name."""
CHECKPOINT_NOTE = "cellcube"
"""Note that makes a `.safetensors` file a checkpoint, or an export of one: its settings and counters as JSON."""


def ending_of(path: Path) -> str:
    """Return a file's ending in lower case, without that of a compression: `.jsonl` of `texts.jsonl.gz`."""
    name = Path(path.stem) if compression_of(path) else path
    return name.suffix.lower()


def compression_of(path: Path) -> str:
    """Return the ending of a file's compression, such as `.gz`; empty where it has none."""
    ending = path.suffix.lower()
    return ending if ending in COMPRESSED_ENDINGS else ""


def tensors_header(path: Path) -> dict[str, Any] | None:
    """Return the header of a `.safetensors` file: tensors and notes by name; None if it has none that can be read."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(HEADER_LENGTH_BYTES), "little")
            text = file.read(length) if length <= MAX_HEADER_BYTES else b""
        header = json.loads(text) if len(text) == length else None
    except (OSError, ValueError):
        return None
    return header if isinstance(header, dict) and isinstance(header.get(NOTES, {}), dict) else None


def is_checkpoint(path: Path) -> bool:
    """Say whether a file is a checkpoint or an export of one, whatever its name; only its header is read."""
    header = tensors_header(path)
    return header is not None and CHECKPOINT_NOTE in header.get(NOTES, {})
