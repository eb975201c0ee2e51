"""What the data of a folder is: its files with their readers, and what lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lattice.data.readers.base import Reader
from lattice.plugins import Entry

Files = Sequence[tuple[Entry[Reader], Path]]
"""Files with their readers, at least one."""


@dataclass
class FolderFiles:
    """The data of a folder."""

    files: Files
    beside: list[Path] = field(default_factory=list)
    """Files of texts that may belong to files of vectors."""
    guess: str = ""
    aside: str = ""
    one_each: bool = False
    """Whether each file holds one vector."""
