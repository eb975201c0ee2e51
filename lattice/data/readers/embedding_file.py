"""One embedding file of any kind: its rows, and whatever else it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.numpy_file import open_npy, open_npz
from lattice.data.readers.rows import PlainRows, RowReader, check_layout
from lattice.data.readers.safetensors_file import TensorPlace, read_header_and_notes
from lattice.data.readers.torch_file import read_places
from lattice.data.texts import PackedTexts
from lattice.errors import DataError
from lattice.formats import EMBEDDING_ENDINGS, NPY_ENDING, NPZ_ENDING, TENSORS_ENDING

EMBEDDINGS, PARTNERS = "embeddings", "partners"
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

    def texts(self, name: str, limit: int) -> Sequence[str] | None:
        """Return the first `limit` texts of the column `name`, None if the file has none."""
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

    def _read(self, offset: int, length: int) -> bytearray:
        buffer = bytearray(length)
        with open_counted(self.path, self.meter) as file:
            file.seek(offset)
            read_exactly(file, memoryview(buffer), self.path, "the texts")
        return buffer

    def categories(self, limit: int) -> Sequence[str] | None:
        """Return the labels of the first `limit` rows, None if the file has none."""
        return None

    def close(self) -> None:
        """Close what the readers hold open."""
        self.rows.close()
        if self.partners is not None:
            self.partners.close()


def open_embedding_file(path: Path, meter: ReadMeter) -> EmbeddingFile:
    """Open an embedding file by its suffix and check its header.

    Raises:
        DataError: it is no such file, is damaged, or holds no rows of floats.
    """
    guesses: list[str] = []

    def choose(names: list[str]) -> str:
        return _choose(path, names, guesses)

    places: dict[str, TensorPlace] = {}
    notes: dict[str, str] = {}
    partners: RowReader | None = None
    suffix = path.suffix.lower()
    rows: RowReader
    if suffix == NPY_ENDING:
        rows = open_npy(path, meter)
    elif suffix == NPZ_ENDING:
        rows, partners = open_npz(path, meter, choose)
    elif suffix in EMBEDDING_ENDINGS:
        if suffix == TENSORS_ENDING:
            places, notes = read_header_and_notes(path, meter)
        else:
            places = read_places(path, meter)
        candidates = [name for name, place in places.items() if len(place.shape) == 2 and name != PARTNERS]
        rows = _plain(path, meter, choose(candidates), places)
        partners = _plain(path, meter, PARTNERS, places) if PARTNERS in places else None
    else:
        expected = ", ".join(EMBEDDING_ENDINGS)
        raise DataError(f"{path}: {suffix or 'no suffix'} is no kind of embedding file; expected {expected}")
    if partners is not None and partners.layout.shape != rows.layout.shape:
        raise DataError(
            f"{path}: partners have shape {list(partners.layout.shape)}, expected that of the "
            f"embeddings, {list(rows.layout.shape)}"
        )
    return EmbeddingFile(path, rows, partners, "".join(guesses), places, meter, notes)


def _plain(path: Path, meter: ReadMeter, name: str, places: dict[str, TensorPlace]) -> PlainRows:
    place = places[name]
    return PlainRows(check_layout(path, name, place.shape, place.dtype, place.kind), meter, place.offset)


def _choose(path: Path, names: list[str], guesses: list[str]) -> str:
    if EMBEDDINGS in names:
        return EMBEDDINGS
    if len(names) == 1:
        guesses.append(f"{path.name}: took {names[0]!r}, the only table in it, for the embeddings")
        return names[0]
    held = ", ".join(map(repr, names[:8])) or "no table [samples, width] at all"
    raise DataError(f"{path} holds {held}; name the one with the embeddings {EMBEDDINGS!r}")
