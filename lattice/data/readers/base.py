"""What a reader of data files is: its title, its endings, and a function that returns rows.

A plugin offers one with `plugins.reader(name, Reader(...))`. Importing this module loads no torch.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Remarks
from lattice.data.requested_columns import Columns
from lattice.errors import PluginError
from lattice.plugin_faults import kind_text
from lattice.progress import Progress, no_progress

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from lattice.data.readers.embedding_file import EmbeddingFile
    from lattice.data.readers.text_source import TextSource

SNIFF_BYTES = 512
"""Bytes of a file's beginning that a `sniff` gets; fewer where the file is shorter."""

Table: TypeAlias = "Tensor | np.ndarray[Any, Any]"
"""Rows [S, D] of floats with 16, 32 or 64 bits."""
Opened: TypeAlias = Union["Rows", "EmbeddingFile", "TextSource"]
"""What `open` returns: rows in memory, or one of the two forms in which the built-in readers read piece by piece."""


@dataclass(frozen=True)
class ReadRequest:
    """What is requested from a reader."""

    limit: int | None = None
    """Most rows to return, counted from the file's first; None: all."""
    columns: Columns = field(default_factory=Columns)
    """Columns that hold texts, vectors and categories, and the table of an archive, for formats that have them."""
    meter: ReadMeter = field(default_factory=ReadMeter)
    """Counts bytes and rows as they are read, for the report; a reader need not use it."""
    progress: Progress = no_progress
    """Called during long work; raising `Cancelled` in it stops."""
    remarks: Remarks = field(default_factory=Remarks)
    """Rows that are read otherwise than they stand in the file."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one file: embeddings, or texts that a teacher is to encode, or embeddings with their texts.

    All that is given has the same number S of rows, at least 1.
    """

    embeddings: Table | None = None
    """[S, D] floats. None: the texts are encoded by the teacher of the settings."""
    partners: Table | None = None
    """[S, D] floats, what the objective `pairs` shall answer; only beside `embeddings`."""
    texts: Sequence[str | None] | None = None
    """S texts; a row whose text is None or blank is dropped, and reported, if a teacher would have to encode it."""
    partner_texts: Sequence[str | None] | None = None
    """S texts of the partners."""
    categories: Sequence[str] | None = None
    """S labels, for colours and lists."""
    note: str = ""
    """What the reader guessed, in one sentence for the report; empty if nothing."""


@dataclass(frozen=True)
class Reader:
    """A kind of data file."""

    title: str
    """Name for people, such as `Word vectors`."""
    endings: tuple[str, ...]
    """Lower case with the dot, such as `.vec`; may be empty where `sniff` recognises the files."""
    open: Callable[[Path, ReadRequest], Opened]
    """Reads one file. Raises `DataError` that names file and row; anything else it raises is reported as a fault of
    the plugin."""
    holds: Literal["embeddings", "texts"] = "embeddings"
    """Whether its files bring embeddings, or texts for a teacher."""
    sniff: Callable[[bytes], bool] | None = None
    """Whether a file is of this kind, by its first `SNIFF_BYTES` bytes. Decides between readers of one ending, and
    finds the reader of a file with an ending that no reader has."""
    columns: Callable[[Path], list[str]] | None = None
    """Names of the columns that can hold texts, by a file's first rows alone; None: such files have none."""

    def __post_init__(self) -> None:
        """Check what can be; raise `PluginError` for an ending that no file could have, or a wrong type."""
        if not isinstance(self.endings, tuple | list):
            raise PluginError(
                f"the reader {self.title!r} has {kind_text(self.endings)} as endings: "
                "expected a tuple such as ('.vec',)"
            )
        for name in ("open", "sniff", "columns"):
            value = getattr(self, name)
            if not (callable(value) or (value is None and name != "open")):
                raise PluginError(f"the reader {self.title!r} has {kind_text(value)} as `{name}`: expected a function")
        if self.holds not in ("embeddings", "texts"):
            raise PluginError(f"the reader {self.title!r} holds {self.holds!r}: expected 'embeddings' or 'texts'")
        wrong = [ending for ending in self.endings if not ending.startswith(".") or ending != ending.lower()]
        if wrong or (not self.endings and self.sniff is None):
            got = repr(wrong[0]) if wrong else "none, and no `sniff`"
            raise PluginError(
                f"the reader {self.title!r} has the ending {got}: expected lower case with a dot, such as '.vec'"
            )
