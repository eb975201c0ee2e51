"""One embedding file of any kind: its rows, and whatever else it holds."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from lattice.data.readers.archive_parts import PARTNERS
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.row_layout import EMBEDDINGS
from lattice.data.readers.rows import RowReader
from lattice.data.readers.safetensors_file import TensorPlace
from lattice.data.requested_columns import Columns
from lattice.data.texts import PackedTexts
from lattice.errors import DataError

__all__ = ["EMBEDDINGS", "PARTNERS", "PARTNER_TEXTS", "TEXTS", "EmbeddingFile"]

TEXTS, PARTNER_TEXTS = "texts", "partner_texts"
"""Names in a `.safetensors` file; texts lie in two tensors, `texts.utf8` and `texts.ends`."""


@dataclass
class EmbeddingFile:
    """An open embedding file. Readers start at row 0."""

    path: Path
    rows: RowReader
    partners: RowReader | None
    guess: str
    """How the tensor was found, empty when there was nothing to guess."""
    places: dict[str, TensorPlace]
    meter: ReadMeter
    notes: dict[str, str] = field(default_factory=dict)
    """What the maker of a `.safetensors` file noted in it."""
    aside: str = ""
    """What is not read, in words; empty if nothing."""
    names: bool = False
    """Whether the texts are ids or words that name the rows, not what a teacher encoded."""
    chosen: Columns | None = None
    """Chooses the same columns in further files of the same kind; None where there is nothing to choose."""
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None
    """Number of each row in the file, None where they count on from 1."""
    partner: EmbeddingFile | None = None
    """The file of the partners, where they are in one of their own: it has their texts, and is closed with this one."""
    beside: Path | None = None
    """The file that holds its texts, where it is named; None: whichever lies beside it."""
    temporary: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Removes what was unpacked for this file."""
    held_texts: Sequence[str | None] | None = None
    """S texts in memory, None where there are none, or they are read when they are needed."""
    held_partner_texts: Sequence[str | None] | None = None
    held_categories: Sequence[str] | None = None

    def note_guess(self, said: str) -> None:
        """Add to how the file is read, in words."""
        self.guess = "; ".join(part for part in (self.guess, said) if part)

    def texts(self, name: str, limit: int) -> Sequence[str] | None:
        """Return the first `limit` texts of the column `name`, None if the file has none."""
        if name == PARTNER_TEXTS and self.partner is not None:
            return self.partner.texts(TEXTS, limit)
        held = self.held_partner_texts if name == PARTNER_TEXTS else self.held_texts
        if held is not None:
            return [text or "" for text in held[:limit]]
        if f"{name}.utf8" not in self.places or f"{name}.ends" not in self.places:
            return None
        ends_place, bytes_place = self.places[f"{name}.ends"], self.places[f"{name}.utf8"]
        count, total = self.rows.layout.count, int(np.prod(bytes_place.shape))
        well_formed = ends_place.dtype == torch.int64 and ends_place.shape == (count,)
        if not well_formed or bytes_place.dtype != torch.uint8:
            raise DataError(f"{self.path}: {name} does not fit the {count} embeddings; the file is damaged")
        ends = np.frombuffer(self._read(ends_place.offset, 8 * min(limit, count)), dtype="<i8").astype(np.int64)
        if ends[0] < 0 or ends[-1] > total or (np.diff(ends) < 0).any():
            raise DataError(f"{self.path}: {name} has impossible lengths; the file is damaged")
        return PackedTexts(np.frombuffer(self._read(bytes_place.offset, int(ends[-1])), dtype=np.uint8), ends)

    def has_texts_apart(self, name: str) -> bool:
        """Say whether another thread may read the texts of the column `name` while this one reads rows."""
        return False

    def _read(self, offset: int, length: int) -> bytearray:
        buffer = bytearray(length)
        with open_counted(self.path, self.meter) as file:
            file.seek(offset)
            read_exactly(file, memoryview(buffer), self.path, "the texts")
        return buffer

    def has_categories(self) -> bool:
        """Say whether there are labels."""
        return self.held_categories is not None

    def categories(self, limit: int) -> Sequence[str] | None:
        """Return the labels of the first `limit` rows, None if the file has none."""
        return None if self.held_categories is None else self.held_categories[:limit]

    def close(self) -> None:
        """Close what the readers hold open."""
        self.rows.close()
        if self.partner is not None:
            self.partner.close()
        elif self.partners is not None:
            self.partners.close()
        self.temporary.close()
