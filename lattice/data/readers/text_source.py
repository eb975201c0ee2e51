"""Texts that are still to be read, row by row."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import NamedTuple

from lattice.data.requested_columns import Columns


class TextRow(NamedTuple):
    """One row of a source; `text` is None where the row has none."""

    row: int
    """Line of a text file, counted from 1; record of a table, counted from 1 without its header."""
    text: str | None
    partner: str | None = None
    file: str = ""
    """Name of its file where a source has several."""
    category: str = ""
    """Its label, empty where the source has none."""


@dataclass
class TextSource:
    """Rows still to be read, and how their columns were chosen."""

    rows: Generator[TextRow]
    guess: str
    has_partners: bool
    aside: str = ""
    """What is not read, in words; empty if nothing."""
    chosen: Columns | None = None
    """Chooses the same columns in further files of the same kind; None where there is nothing to choose."""
