"""Tensors of a `.pt` file. The pickle inside is read with `weights_only=True`; the data is read by offset."""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lattice.data.column_names import NUMBERED
from lattice.data.columns import text_beside
from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted
from lattice.data.readers.safetensors_file import TensorPlace
from lattice.data.requested_columns import Columns
from lattice.data.text_columns import guess_label, is_category, is_constant
from lattice.errors import DataError, first_line
from lattice.limits import MAX_HEADER_BYTES
from lattice.units import bytes_text

_MOST_PARTS = 8
"""Parts of a row that is a tuple."""
_PEEK = 20
"""Rows by which it is told what belongs to the vectors."""
_MOST_LEVELS = 6
"""Dicts within dicts that are opened; one that holds itself has no end."""


@dataclass(frozen=True)
class TorchParts:
    """What a `.pt` file holds."""

    places: dict[str, TensorPlace]
    """Every contiguous tensor by name; a file that is one tensor has the name `embeddings`."""
    several: dict[str, list[TensorPlace]]
    """Lists of vectors, and tables of vectors by name, each vector a tensor of its own."""
    lists: dict[str, list[Any]]
    """Lists of texts, numbers, or lists of numbers; lists of anything else are left aside."""


def read_parts(path: Path, meter: ReadMeter) -> TorchParts:
    """Return the tensors and lists of a file.

    Loading to the device `meta` gives each tensor's shape and its offset in the file, and reads no data.

    Raises:
        DataError: the file holds anything but tensors and plain values, is of the old format, or is damaged.
    """
    with open_counted(path, meter) as file:
        try:
            if not zipfile.is_zipfile(file):
                raise DataError(
                    f"{path} is truncated, or in a format that torch wrote before version 1.6; save it again"
                )
            _check_list(path, file)
            file.seek(0)
            with _without_data():
                loaded = torch.load(io.BufferedReader(file, 4096), weights_only=True, map_location="meta")
        except DataError:
            raise
        except pickle.UnpicklingError as error:
            culprit = _culprit(error)
            way_out = "save only the tensor of embeddings"
            if "numpy" in culprit:
                way_out += (
                    f", with `torch.save(torch.as_tensor(torch.load({path.name!r}, weights_only=False)), 'rows.pt')`"
                )
            raise DataError(
                f"{path} holds more than tensors and was not opened, because that could run code ({culprit}); {way_out}"
            ) from None
        except Exception as error:  # torch's archive reader raises nearly every type on damaged bytes
            raise DataError(f"{path} is no readable torch file ({first_line(error)}); it is damaged") from error
        size = file.size
    return _parts(path, loaded, size)


def _parts(path: Path, loaded: Any, size: int) -> TorchParts:
    if isinstance(loaded, Tensor):
        return TorchParts({"embeddings": _place(path, "embeddings", loaded, size)}, {}, {})
    parts = TorchParts({}, {}, {})
    loaded = _opened(loaded)
    if isinstance(loaded, dict) and not _tensors(loaded.values()) and not _rows(list(loaded.values())):
        entries = {str(name): value for name, value in loaded.items()}
    elif isinstance(loaded, dict | list | tuple):
        entries = {"embeddings": loaded}
    else:
        raise DataError(f"{path} holds a {type(loaded).__name__}, expected a tensor or a dict of tensors")
    for name, value in entries.items():
        members = value.values() if isinstance(value, dict) else value
        if isinstance(value, Tensor):
            parts.places[name] = _place(path, name, value, size)
        elif isinstance(value, dict | list | tuple) and _tensors(members):
            parts.several[name] = [_vector_place(path, f"{name}[{row}]", row, size) for row in members]
        elif isinstance(value, dict | list | tuple) and members:
            parts.lists[name] = list(members)
        if isinstance(value, dict) and (name in parts.several or _rows(parts.lists.get(name, []))):
            parts.lists["names"] = list(map(str, value))
    return parts


def _opened(loaded: Any) -> Any:
    """Return records as columns, a tensor with its texts in a tuple by name, and a dict within a dict by itself."""
    for _ in range(_MOST_LEVELS):
        if isinstance(loaded, dict) and len(loaded) == 1 and isinstance(inner := next(iter(loaded.values())), dict):
            loaded = inner
    if not isinstance(loaded, list | tuple) or not loaded:
        return loaded
    if all(isinstance(row, list | tuple) and 2 <= len(row) <= _MOST_PARTS for row in loaded):
        columns = _columns(loaded)
        loaded = columns or loaded
    records: list[dict[Any, Any]] = [record for record in loaded if isinstance(record, dict)]
    if len(records) == len(loaded) and all(record.keys() == records[0].keys() for record in records):
        return {str(name): [record[name] for record in records] for name in records[0]}
    tables = [part for part in loaded if isinstance(part, Tensor) and part.dim() == 2]
    texts = [
        list(part) for part in loaded if isinstance(part, list | tuple) and isinstance(next(iter(part), None), str)
    ]
    labels = [part for part in loaded if isinstance(part, Tensor) and part.dim() == 1]
    if len(tables) == 1 and len(tables) + len(texts) + len(labels) == len(loaded):
        even = len(texts) > 1 and len(set(map(len, texts))) == 1
        told = _named(texts, labelled=bool(labels)) if even else _counted("texts", texts)
        return {"embeddings": tables[0], **told, **_counted("labels", labels, alone="labels" not in told)}
    return loaded


def _counted(name: str, parts: Sequence[Any], *, alone: bool = True) -> dict[str, Any]:
    """Return parts by name; of several it can't be told which is meant, so they are numbered."""
    if alone and len(parts) == 1:
        return {name: parts[0]}
    return {f"{name} {number}": part for number, part in enumerate(parts, 1)}


def _columns(rows: Sequence[Any]) -> dict[str, list[Any]] | None:
    """Return rows that are tuples of a vector and what belongs to it as columns by name; None for other rows."""
    if len({len(row) for row in rows}) != 1 or len(rows) < 2:
        return None
    columns = [list(column) for column in zip(*rows, strict=True)]
    vectors = [column for column in columns if _tensors(column)]
    if len(vectors) != 1:
        return None
    others = [column for column in columns if column is not vectors[0]]
    return {"embeddings": vectors[0], **_named(others)}


def _named(columns: Sequence[list[Any]], *, labelled: bool = False) -> dict[str, list[Any]]:
    """Name what belongs to vectors by what it holds: the longest texts, a category that repeats, and ids.

    Without numbers and unless `labelled` beside these columns, words that stay the same are the category: rows may be
    sorted by it.
    """
    by_name = {NUMBERED.format(place): column for place, column in enumerate(columns, 1)}
    sample = [{name: column[row] for name, column in by_name.items()} for row in range(min(_PEEK, len(columns[0])))]
    words = [name for name, column in by_name.items() if isinstance(column[0], str)]
    can_be_label = [name for name in by_name if len(words) > 1 or name not in words]
    label = guess_label(can_be_label, sample, header=False)
    if label is None and not labelled and len(words) == len(by_name):
        label = next((name for name in words if is_constant(name, sample) and is_category(name, sample)), None)
    text, is_id = text_beside(Columns(), [name for name in by_name if name != label], sample)
    named: dict[str, list[Any]] = {}
    for name, column in sorted(by_name.items(), key=lambda part: part[0] not in (text, label)):
        if name in (text, label):
            what = "labels" if name == label else "ids" if is_id else "texts"
        else:
            what = "labels" if name not in words else "texts" if text is None and label not in words else "ids"
        named[what if what not in named else f"{what} {len(named)}"] = column
    return named


def _tensors(values: Iterable[Any]) -> bool:
    """Say whether all values are vectors, as tensors of one shape."""
    found = list(values)
    if not found or not all(isinstance(value, Tensor) for value in found):
        return False
    shapes = {tuple(value.shape) for value in found}
    return len(shapes) == 1 and len(found) > 1 and math.prod(shape := shapes.pop()) == (shape[-1] if shape else 0)


def _rows(values: list[Any]) -> bool:
    """Say whether all values are lists of numbers."""
    return bool(values) and all(
        isinstance(value, list) and value and all(isinstance(number, int | float) for number in value)
        for value in values
    )


def _vector_place(path: Path, name: str, tensor: Tensor, size: int) -> TensorPlace:
    place = _place(path, name, tensor, size)
    return replace(place, shape=place.shape[-1:])


def _check_list(path: Path, file: CountedFile) -> None:
    """Raise `DataError` if the list of tensors, which is unpacked whole, is larger than any such list."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:  # a buffer around the file would close it at its own end
        largest = max((info.file_size for info in archive.infolist() if info.filename.endswith(".pkl")), default=0)
    if largest > MAX_HEADER_BYTES:
        raise DataError(
            f"{path} has a list of tensors of {bytes_text(largest)}, expected at most {bytes_text(MAX_HEADER_BYTES)}; "
            "save only the tensor of embeddings"
        )


def _without_data() -> contextlib.AbstractContextManager[object]:
    """Make older versions of torch, which read the data before they drop it, leave it alone too."""
    if torch.torch_version.TorchVersion(torch.__version__) >= "2.13":
        return contextlib.nullcontext()
    from torch._subclasses.fake_tensor import FakeTensorMode

    return FakeTensorMode()


def _place(path: Path, name: Any, tensor: Tensor, size: int) -> TensorPlace:
    if tensor.layout is not torch.strided:
        raise DataError(f"{path}: {name} is a sparse tensor; save `tensor.to_dense()`")
    if not tensor.is_contiguous():
        raise DataError(f"{path}: {name} is not contiguous; save `tensor.contiguous()`")
    storage = tensor.untyped_storage()
    first = getattr(storage, "_checkpoint_offset", None)
    item = tensor.dtype.itemsize
    needed = (int(tensor.storage_offset()) + math.prod(tensor.shape)) * item
    if first is None or needed > storage.nbytes() or first + needed > size:
        raise DataError(f"{path}: {name} reaches past the end of its data; the file is damaged")
    offset = int(first) + int(tensor.storage_offset()) * item
    return TensorPlace(str(tensor.dtype).removeprefix("torch."), tensor.dtype, tuple(map(int, tensor.shape)), offset)


def _culprit(error: Exception) -> str:
    found = re.search(r"GLOBAL (\S+)", str(error))
    return found[1] if found else "not allowed in a file of weights"
