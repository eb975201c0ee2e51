"""Tells what a file is by its ending, and a `.safetensors` file by its header: settings, a checkpoint, or data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from lattice.errors import CellcubeError

FileKind = Literal["settings", "checkpoint", "data"]

SETTINGS_ENDING = ".toml"
TENSORS_ENDING = ".safetensors"
TEXT_ENDINGS = (".txt", ".text", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
"""Endings of texts. The readers have them too, but bring torch along, which takes longer to load than the window."""
DATA_ENDINGS = (".npy", ".npz", ".pt", ".pth", *TEXT_ENDINGS)
"""Endings that can only be data."""
LONGEST_HEADER = 100_000_000
"""Bytes; the format allows no more."""


def kind_of(path: Path) -> FileKind:
    """Return what a file is, without reading more of it than a header.

    Raises:
        FileNotFoundError: there is no such file.
        CellcubeError: it is nothing that can be opened.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if suffix == SETTINGS_ENDING:
        return "settings"
    if suffix == TENSORS_ENDING and path.is_file():
        if _header(path) is None:
            raise CellcubeError(
                f"{path} is not a readable safetensors file: it may be cut short, or be something else. "
                "The present run goes on."
            )
        return "checkpoint" if is_checkpoint(path) else "data"
    if suffix in DATA_ENDINGS or path.is_dir():
        return "data"
    expected = ", ".join((SETTINGS_ENDING, TENSORS_ENDING, *DATA_ENDINGS))
    raise CellcubeError(f"{path} has an unknown ending: expected one of {expected}. The present run goes on.")


def is_checkpoint(path: Path) -> bool:
    """Return whether a file is a checkpoint or an export of one, whatever its name; only its header is read."""
    header = _header(path)
    return header is not None and "cellcube" in header.get("__metadata__", {})


def check_replaceable(path: Path, wanted: Literal["checkpoint", "data"]) -> None:
    """Refuse to write a checkpoint over anything else, or data over a checkpoint.

    Raises:
        CellcubeError: the file exists and holds something else than `wanted`.
    """
    if not path.exists() or (is_checkpoint(path) == (wanted == "checkpoint")):
        return
    if wanted == "checkpoint":
        what = "exists already and is not a Cellcube checkpoint: saving there would destroy what it holds"
    else:
        what = "is a Cellcube checkpoint: writing embeddings there would destroy the saved run"
    raise CellcubeError(f"{path} {what}. Nothing was written; choose another name.")


def file_filter(what: str, endings: Iterable[str]) -> str:
    """Return what a file dialog takes to show files of some endings, or all."""
    return f"{what} ({' '.join(f'*{ending}' for ending in endings)});;All files (*)"


def _header(path: Path) -> dict[str, Any] | None:
    """Return the header of a safetensors file; None if it has none."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            text = file.read(length) if length <= LONGEST_HEADER else b""
        header = json.loads(text) if len(text) == length else None
    except (OSError, ValueError):
        return None
    return header if isinstance(header, dict) and isinstance(header.get("__metadata__", {}), dict) else None
