"""Recognises a file by its ending, and a `.safetensors` file by its header: settings, checkpoint, weights or data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from lattice.data.readers.choice import data_endings, find_reader, refuse_known, refuse_pointer
from lattice.errors import CellcubeError
from lattice.exporting.forms import PROGRAM_ENDINGS
from lattice.formats import (
    CHECKPOINT_NOTE,
    NOTES,
    SETTINGS_ENDING,
    TENSORS_ENDING,
    HeaderError,
    is_checkpoint,
    read_tensors_header,
)
from lattice.parsing import parse_json

FileKind = Literal["settings", "checkpoint", "weights", "data"]


def kind_of(path: Path) -> FileKind:
    """Return what a file is, without reading more of it than a header.

    Raises:
        FileNotFoundError: there is no such file.
        CellcubeError: it is nothing that can be opened.
    """
    suffix = path.suffix.lower()
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if not path.is_file() and not path.is_dir():
        raise CellcubeError(f"{path} is a pipe or a device, expected a file; copy what it gives into a file first")
    refuse_pointer(path)
    if suffix in PROGRAM_ENDINGS:
        raise CellcubeError(
            f"{path} is a program, which runs without Cellcube and can't be opened in it: open the checkpoint of the "
            "run, or its weights (File > Export > Weights...). The present run goes on."
        )
    if suffix == SETTINGS_ENDING:
        return "settings"
    if suffix == TENSORS_ENDING and path.is_file():
        try:
            notes = read_tensors_header(path, whole=True).get(NOTES, {})
        except HeaderError as error:
            raise CellcubeError(
                f"{path} is not a readable safetensors file: {error}. The present run goes on."
            ) from None
        if CHECKPOINT_NOTE not in notes:
            return "data"
        return "checkpoint" if _can_be_resumed(notes[CHECKPOINT_NOTE]) else "weights"
    if path.is_dir() or find_reader(path) is not None:
        return "data"
    refuse_known(path)
    expected = ", ".join((SETTINGS_ENDING, *data_endings()))
    raise CellcubeError(f"{path} has an unknown ending: expected one of {expected}. The present run goes on.")


def _can_be_resumed(note: str) -> bool:
    """Say whether what a checkpoint notes of itself has counters; an export of weights has none.

    A damaged note counts as one of a checkpoint, so that reading the file says what is wrong with it.
    """
    try:
        noted = parse_json(note)
    except ValueError:
        return True
    return not isinstance(noted, dict) or noted.get("counters") != {}


def is_text_file(path: Path) -> bool:
    """Say whether a file has an ending of texts, which a teacher encodes."""
    return path.suffix.lower() in data_endings("texts")


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


def data_filter() -> str:
    """Return what a file dialog takes to show every file of data that a reader opens now, plugged-in ones included."""
    return file_filter("Data", data_endings())


def texts_filter() -> str:
    """Return the same for files of texts."""
    return file_filter("Texts", data_endings("texts"))
