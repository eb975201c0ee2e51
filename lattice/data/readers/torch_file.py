"""Tensors of a `.pt` file. The pickle inside is read with `weights_only=True`; the data is read by offset."""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lattice.data.readers.counted import CountedFile, ReadMeter, open_counted
from lattice.data.readers.pickle_kind import PickleKind, converting, kind_of
from lattice.data.readers.refused import said
from lattice.data.readers.row_layout import two_sides
from lattice.data.readers.rows import ARCHIVE_ERRORS
from lattice.data.readers.safetensors_file import TensorPlace
from lattice.data.readers.tensor_batches import are_batches, are_counted, are_labels, flattened
from lattice.data.readers.torch_values import are_lists, are_vectors, as_columns
from lattice.errors import DataError, first_line
from lattice.limits import MAX_HEADER_BYTES
from lattice.units import bytes_text


@dataclass(frozen=True)
class TorchParts:
    """What a `.pt` file holds."""

    places: dict[str, TensorPlace]
    """Every contiguous tensor by name; a file that is one tensor has the name `embeddings`."""
    several: dict[str, list[TensorPlace]]
    """Lists of vectors, and tables of vectors by name, each vector a tensor of its own."""
    lists: dict[str, list[Any]]
    """Lists of texts, numbers, or lists of numbers; lists of anything else are left aside."""
    batches: dict[str, list[TensorPlace]] = field(default_factory=dict)
    """Tables, and labels beside them, in several tensors one after the other."""


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
            way_out = "; save only the tensor of embeddings"
            if "numpy" in culprit:
                load = f"`import numpy, torch; data = torch.load({path.name!r}, weights_only=False)`"
                convert = said(converting(_kind(file)), path)
                way_out = f". Where you trust it, convert it with two lines of Python: {load} and {convert}"
            raise DataError(
                f"{path} holds more than tensors and was not opened, because that could run code ({culprit}){way_out}"
            ) from None
        except Exception as error:  # torch's archive reader raises nearly every type on damaged bytes
            raise DataError(f"{path} is no readable torch file ({first_line(error)}); it is damaged") from error
        size = file.size
    return _parts(path, loaded, size)


def _parts(path: Path, loaded: Any, size: int) -> TorchParts:
    if isinstance(loaded, Tensor):
        return TorchParts({"embeddings": _place(path, "embeddings", loaded, size)}, {}, {})
    parts = TorchParts({}, {}, {})
    loaded = as_columns(loaded)
    is_list = isinstance(loaded, dict) and (
        are_vectors(loaded.values())
        or are_lists(list(loaded.values()))
        or (are_counted(loaded) and are_batches(loaded.values()))
    )
    if isinstance(loaded, dict) and not is_list:
        entries = {str(name): value for name, value in loaded.items()}
    elif isinstance(loaded, dict | list | tuple):
        entries = {"embeddings": loaded}
    else:
        raise DataError(f"{path} holds a {type(loaded).__name__}, expected a tensor or a dict of tensors")
    for name, value in entries.items():
        members = value.values() if isinstance(value, dict) else value
        if isinstance(value, Tensor):
            parts.places[name] = _place(path, name, value, size)
        elif isinstance(value, dict | list | tuple) and are_vectors(members):
            parts.several[name] = [_vector_place(path, f"{name}[{row}]", row, size) for row in members]
        elif (_is_list(value) or (isinstance(value, dict) and are_counted(value))) and are_batches(members):
            parts.batches[name] = _places(path, name, members, size)
        elif isinstance(value, dict) and len(value) == 1 and isinstance(only := next(iter(members)), Tensor):
            parts.places[name] = _place(path, name, only, size)
        elif isinstance(value, str | int):
            parts.lists[name] = [value]
        elif isinstance(value, dict) and value and all(isinstance(member, Tensor) for member in members):
            for part, member in value.items():  # the weights of a model, of which one may be the table
                parts.places[f"{name}.{part}"] = _place(path, f"{name}.{part}", member, size)
        elif isinstance(value, dict | list | tuple) and members:
            parts.lists[name] = list(members)
        if isinstance(value, dict) and (name in parts.several or are_lists(parts.lists.get(name, []))):
            parts.lists["names"] = list(map(str, value))
    _join_beside(path, parts, entries, size)
    return parts


def _join_beside(path: Path, parts: TorchParts, entries: dict[str, Any], size: int) -> None:
    """Join lists of texts and of labels that lie beside batches, as many in each as a batch has rows."""
    sizes = next(([place.shape[0] for place in places] for places in parts.batches.values()), [])
    for name, value in entries.items():
        if not sizes or name in parts.batches or not _is_list(value):
            continue
        joined = flattened(sizes, value)
        if joined is not None:
            parts.lists[name] = joined
        elif are_labels(sizes, value):
            parts.batches[name] = _places(path, name, value, size)
            parts.several.pop(name, None)
            parts.lists.pop(name, None)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _places(path: Path, name: str, tensors: Iterable[Tensor], size: int) -> list[TensorPlace]:
    places = [_place(path, f"{name}[{part}]", tensor, size) for part, tensor in enumerate(tensors)]
    return [replace(place, shape=two_sides(place.shape)) for place in places]


def _vector_place(path: Path, name: str, tensor: Tensor, size: int) -> TensorPlace:
    place = _place(path, name, tensor, size)
    return replace(place, shape=place.shape[-1:])


def _kind(file: CountedFile) -> PickleKind:
    """Return what the pickle inside a file holds."""
    file.seek(0)
    content = b""
    with contextlib.suppress(*ARCHIVE_ERRORS), zipfile.ZipFile(file) as archive:
        content = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    return kind_of(content, content[-16:])


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
