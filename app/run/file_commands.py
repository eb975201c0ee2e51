"""Requests that write files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from app.run.command import Command, Job
from lattice.config.runtime import DevicePolicy
from lattice.config.teacher import TeacherSettings
from lattice.exporting.forms import Exported
from lattice.exporting.hub import Pushed

SaveKind = Literal["checkpoint", "autosave"]


@dataclass(frozen=True, eq=False)
class Save(Command[Path]):
    """Write a file from the run; answered with that file."""

    path: Path
    kind: SaveKind = "checkpoint"
    curves: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """The run's course so far (`History.to_arrays`), stored with a checkpoint or autosave."""
    colors: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """What the cells' colours are read against (`Colorizer.to_arrays`), stored likewise."""
    raised: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """By how much a press of Start raises the training steps (`StartActions.to_arrays`), stored likewise."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return "The autosave failed" if self.kind == "autosave" else f"Can't save {self.path.name}"


@dataclass(frozen=True, eq=False)
class ExportCurves(Command[Path]):
    """Write the run's course as a table; answered with the file."""

    path: Path
    curves: Mapping[str, NDArray[Any]]
    """`History.to_arrays`."""

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't save {self.path.name}"


@dataclass(frozen=True)
class ExportStudent(Job[Exported | None]):
    """Write the student for use elsewhere, in the form that the file's ending says, with a model card beside it."""

    path: Path

    @property
    def doing(self) -> str:
        """What the work is called."""
        return "Exporting"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't export {self.path.name}"


@dataclass(frozen=True)
class ExportEmbeddings(Job[int]):
    """Write the outputs for all held-out samples, with their texts; answered with how many there are."""

    path: Path

    @property
    def doing(self) -> str:
        """What the work is called."""
        return "Exporting"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't export {self.path.name}"


@dataclass(frozen=True)
class PushStudent(Job[Pushed]):
    """Export weights with a model card and upload both to the Hugging Face hub."""

    name: str
    """Of the file, without an ending."""
    repo: str
    public: bool = False
    """Whether anyone may see it."""

    @property
    def doing(self) -> str:
        """What the work is called."""
        return "Exporting"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't push to {self.repo}"


@dataclass(frozen=True)
class EncodedTexts:
    """What became of an `EncodeTexts`."""

    kept: int
    """Texts that were encoded."""
    dropped: int
    """Rows without a text, which were left out."""
    teacher: str
    """For people: name, width and pooling."""


@dataclass(frozen=True)
class EncodeTexts(Job[EncodedTexts]):
    """Turn a file of texts into a file of embeddings."""

    source: Path
    out: Path
    """File of embeddings to write."""
    teacher: TeacherSettings
    column: str | None = None
    """Column of the texts; None: guess."""
    pair: tuple[str, str] | None = None
    """Both columns of pairs; None for single texts."""
    device: DevicePolicy = "auto"

    @property
    def doing(self) -> str:
        """What the work is called."""
        return f"Encoding {self.source.name}"

    @property
    def title(self) -> str:
        """A headline for a failure."""
        return f"Can't encode {self.source.name}"
