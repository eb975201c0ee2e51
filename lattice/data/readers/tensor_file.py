"""Files of tensors: `.safetensors`, `.npy`, `.npz`, `.pt` and `.pth`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.archive_parts import (
    PARTNERS,
    aside_parts,
    choose_table,
    parts_beside,
)
from lattice.data.readers.counted import ReadMeter, open_counted, read_exactly
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.readers.npz_file import npz_tables, open_npz
from lattice.data.readers.numpy_file import open_npy
from lattice.data.readers.row_layout import EMBEDDINGS, check_layout, refuse_three_sides, two_sides
from lattice.data.readers.rows import PiecedRows, PlainRows, RowReader, ScatteredRows
from lattice.data.readers.safetensors_file import TensorPlace, read_header_and_notes
from lattice.data.readers.scaled_rows import likely_tables, scaled, scales_of
from lattice.data.readers.several_tables import refuse_many_vectors, refuse_tables_of_tokens, refuse_tokens
from lattice.data.readers.tabular import joined
from lattice.data.readers.torch_file import TorchParts, read_parts
from lattice.data.readers.torch_values import are_lists
from lattice.data.values import to_float32
from lattice.errors import DataError
from lattice.formats import EMBEDDING_ENDINGS, NPY_ENDING, NPZ_ENDING, TENSORS_ENDING, TORCH_ENDINGS, ending_of
from lattice.limits import MAX_BESIDE_BYTES


def open_embedding_file(path: Path, meter: ReadMeter, table: str | None = None) -> EmbeddingFile:
    """Open a file of tensors by its suffix and check its header.

    Args:
        path: the file.
        meter: counts the bytes.
        table: which table of several holds the embeddings, None to guess.

    Raises:
        DataError: it is no such file, is damaged, or holds no rows of floats.
    """
    ending = ending_of(path)
    if ending == NPY_ENDING:
        file = EmbeddingFile(path, open_npy(path, meter), None, "", {}, meter)
    elif ending == NPZ_ENDING:
        file = open_npz(path, meter, table)
    elif ending == TENSORS_ENDING:
        places, notes = read_header_and_notes(path, meter)
        file = _open_parts(path, meter, _named_vectors(TorchParts(places, {}, {})), table)
        file.notes = notes
    elif ending in EMBEDDING_ENDINGS:
        file = _open_parts(path, meter, read_parts(path, meter), table)
    else:
        expected = ", ".join(EMBEDDING_ENDINGS)
        raise DataError(f"{path}: {ending or 'no suffix'} is no kind of embedding file; expected {expected}")
    partners, rows = file.partners, file.rows
    if partners is not None and partners.layout.shape != rows.layout.shape:
        raise DataError(
            f"{path}: partners have shape {list(partners.layout.shape)}, expected that of the "
            f"embeddings, {list(rows.layout.shape)}"
        )
    return file


def table_names(path: Path, meter: ReadMeter) -> list[str]:
    """Return the tables of an archive that can hold embeddings, by its headers; none for every other file."""
    ending = ending_of(path)
    if ending == NPZ_ENDING:
        return npz_tables(path, meter)
    if ending == TENSORS_ENDING:
        parts = TorchParts(read_header_and_notes(path, meter)[0], {}, {})
    elif ending in TORCH_ENDINGS:
        parts = read_parts(path, meter)
    else:
        return []
    return [name for name, place in parts.places.items() if len(two_sides(place.shape)) == 2 and name != PARTNERS]


def _open_parts(path: Path, meter: ReadMeter, parts: TorchParts, table: str | None) -> EmbeddingFile:
    guesses: list[str] = []
    tables = [name for name, place in parts.places.items() if len(two_sides(place.shape)) == 2 and name != PARTNERS]
    floats = [name for name in tables if parts.places[name].dtype is not None and _is_float(parts.places[name])]
    tables = likely_tables(tables, floats)
    several = [*parts.several, *(name for name, rows in parts.lists.items() if are_lists(rows))]
    several += [name for name, places in parts.batches.items() if len(places[0].shape) == 2]
    if not tables and not several:
        refuse_many_vectors(path, parts)
        refuse_three_sides(path, {part: (place.shape, place.dtype) for part, place in parts.places.items()})
    if table is None:
        refuse_tables_of_tokens(path, {part: two_sides(parts.places[part].shape) for part in floats})
    if table in parts.places and len(two_sides(parts.places[table].shape)) == 2:
        tables.append(table)
    name = choose_table(path, [*tables, *several], table, guesses)
    if name in parts.batches:
        refuse_tokens(path, name, parts)
    rows = _rows(path, meter, parts, name)
    partners = _plain(path, meter, PARTNERS, parts.places[PARTNERS]) if PARTNERS in parts.places else None
    lists = {part: values for part, values in parts.lists.items() if _is_plain_list(values)}
    whole = {part: [place] for part, place in parts.places.items() if _is_whole_list(place)}
    lengths = {part: len(values) for part, values in lists.items()}
    whole |= {part: places for part, places in parts.batches.items() if all(map(_is_whole_list, places))}
    lengths |= {part: sum(place.shape[0] for place in places) for part, places in whole.items()}

    def values_of(part: str) -> list[Any]:
        if part in lists:
            return lists[part]
        return [value for place in whole[part] for value in _whole_numbers(path, meter, place)]

    beside = parts_beside(lengths, rows.layout.count, values_of, name)
    if name in parts.batches:
        guesses.append(f"{path.name}: joined the {len(parts.batches[name])} batches of {name!r}")
    elif beside.names and name not in tables:
        guesses = [
            f"{path.name}: took its {rows.layout.count} vectors for the rows, and their names for the rows' names"
        ]
    return EmbeddingFile(
        path,
        rows,
        partners,
        joined(*guesses),
        parts.places,
        meter,
        aside=aside_parts(
            path, [*parts.places, *parts.several, *parts.batches, *parts.lists], _used(name, parts, beside.read), []
        ),
        names=beside.names,
        held_texts=beside.held_texts,
        held_categories=beside.held_categories,
    )


def _used(name: str, held: TorchParts, parts: Sequence[str]) -> list[str]:
    texts = [f"{part}.{half}" for part in ("texts", "partner_texts") for half in ("utf8", "ends")]
    scales = scales_of(name, held.places) if name in held.places and not _is_float(held.places[name]) else ()
    return [name, PARTNERS, *texts, *parts, *scales]


def _rows(path: Path, meter: ReadMeter, parts: TorchParts, name: str) -> RowReader:
    if name in parts.places:
        quantised = _quantised(path, meter, parts.places, name)
        if quantised is not None:
            return quantised
        return _plain(path, meter, name, parts.places[name])
    if name in parts.several:
        places = parts.several[name]
        first = places[0]
        if any(place.dtype != first.dtype for place in places):
            raise DataError(f"{path}: the vectors of {name} are of several types; save them all as float32")
        layout = check_layout(path, name, (len(places), *first.shape), first.dtype, first.kind)
        return ScatteredRows(layout, meter, [place.offset for place in places])
    if name in parts.batches:
        return _joined(path, meter, name, parts.batches[name])
    vectors = parts.lists[name]
    width = len(vectors[0])
    odd = next((row for row, vector in enumerate(vectors, 1) if len(vector) != width), None)
    if odd is not None:
        raise DataError(f"{path}: row {odd} of {name} has {len(vectors[odd - 1])} numbers, expected {width}")
    return held_rows(path, to_float32(np.array(vectors, dtype=np.float64)), meter)


def _quantised(path: Path, meter: ReadMeter, places: Mapping[str, TensorPlace], name: str) -> RowReader | None:
    """Return rows of whole numbers of one byte multiplied by the scale that lies beside them; None without a scale."""
    place = places[name]
    others = scales_of(name, places)
    if place.dtype not in (torch.int8, torch.uint8) or not others:
        return None
    values = _tensor(path, meter, place).reshape(two_sides(place.shape)).numpy()
    beside = {part: lambda part=part: _tensor(path, meter, places[part]).float().numpy() for part in others}
    rows_SD = scaled(path, name, values, beside)
    return None if rows_SD is None else held_rows(path, rows_SD, meter)


def _joined(path: Path, meter: ReadMeter, name: str, batches: Sequence[TensorPlace]) -> RowReader:
    first = batches[0]
    count = sum(place.shape[0] for place in batches)
    layout = check_layout(path, name, (count, first.shape[1]), first.dtype, first.kind)
    return PiecedRows(layout, meter, [(place.offset, place.shape[0]) for place in batches])


def _named_vectors(parts: TorchParts) -> TorchParts:
    """Take a file of vectors by name, one tensor each, for one table."""
    shapes = {place.shape for place in parts.places.values()}
    if len(parts.places) < 2 or len(shapes) != 1 or len(shapes.pop()) != 1:
        return parts
    return TorchParts({}, {EMBEDDINGS: list(parts.places.values())}, {"names": list(parts.places)})


def _is_whole_list(place: TensorPlace) -> bool:
    whole = place.dtype is not None and not (place.dtype.is_floating_point or place.dtype.is_complex)
    return whole and len(place.shape) == 1 and place.shape[0] * 8 <= MAX_BESIDE_BYTES


def _whole_numbers(path: Path, meter: ReadMeter, place: TensorPlace) -> list[Any]:
    """Return the values of a list of whole numbers or truth values, such as labels."""
    return list(_tensor(path, meter, place).tolist())


def _tensor(path: Path, meter: ReadMeter, place: TensorPlace) -> Tensor:
    """Return a tensor whole."""
    values = torch.empty(place.shape, dtype=place.dtype)
    with open_counted(path, meter) as file:
        file.seek(place.offset)
        read_exactly(file, values.reshape(-1).view(torch.uint8).numpy().data, path, "a tensor")
    return values


def _is_plain_list(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, list | dict | torch.Tensor) for value in values)


def _is_float(place: TensorPlace) -> bool:
    return place.dtype is not None and place.dtype.is_floating_point


def _plain(path: Path, meter: ReadMeter, name: str, place: TensorPlace) -> PlainRows:
    return PlainRows(check_layout(path, name, place.shape, place.dtype, place.kind), meter, place.offset)
