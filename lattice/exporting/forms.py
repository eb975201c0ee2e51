"""The forms in which a student leaves Cellcube, by the file's ending. Nothing here needs torch."""

from __future__ import annotations

import ntpath
import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from lattice.errors import ExportError
from lattice.formats import TENSORS_ENDING
from lattice.log import logger

PROGRAM_ENDING = ".pt2"
ONNX_ENDING = ".onnx"
PROGRAM_ENDINGS = (ONNX_ENDING, PROGRAM_ENDING)
ENDINGS = (TENSORS_ENDING, *PROGRAM_ENDINGS)
_NOT_ON_WINDOWS = frozenset('<>:"|?*\\')


@dataclass(frozen=True)
class Exported:
    """A program that was written, and how far its answers are from the student's."""

    path: Path
    samples: int
    """Samples that were compared."""
    difference: float
    """Largest difference of a component."""

    def summary(self) -> str:
        """Return it as a sentence."""
        return (
            f"{self.path}: read back and run on {self.samples} samples, its largest difference to the student "
            f"is {self.difference:.1e}"
        )


def is_program(path: Path) -> bool:
    """Say whether a file name asks for a program."""
    return path.suffix.lower() in PROGRAM_ENDINGS


def check_ending(path: Path) -> None:
    """Raise `ExportError` unless a file name says which form is wanted."""
    if path.suffix.lower() not in ENDINGS:
        raise ExportError(
            f"can't export to {path}: its ending says which form is wanted, {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        )


def check_portable(path: Path) -> None:
    """Raise `ExportError` on Windows for a name that Windows does not allow; warn elsewhere: the file may go there."""
    name = path.name
    # From Python 3.13 on there is a function for it, and the method is deprecated.
    reserved = ntpath.isreserved(name) if hasattr(ntpath, "isreserved") else PureWindowsPath(name).is_reserved()
    if not reserved and not any(letter in _NOT_ON_WINDOWS or not letter.isprintable() for letter in name):
        return
    if os.name == "nt":
        raise ExportError(f"can't export to {path}: Windows does not allow this name; choose another one")
    logger.warning("%r has a name that Windows does not allow: rename it before it goes there", str(path))


def card_path(path: Path) -> Path:
    """Return where the model card of an exported file goes."""
    return path.with_name(path.name + ".md")
