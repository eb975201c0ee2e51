"""The forms in which a student leaves Cellcube, by the file's ending. Nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lattice.errors import ExportError
from lattice.formats import TENSORS_ENDING

PROGRAM_ENDING = ".pt2"
ONNX_ENDING = ".onnx"
PROGRAM_ENDINGS = (ONNX_ENDING, PROGRAM_ENDING)
ENDINGS = (TENSORS_ENDING, *PROGRAM_ENDINGS)


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


def card_path(path: Path) -> Path:
    """Return where the model card of an exported file goes."""
    return path.with_name(path.name + ".md")
