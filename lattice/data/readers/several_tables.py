"""Archives of several tables of which each holds the tokens of one sample, or a batch: refused with what joins them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lattice.data.column_names import VECTOR_NAMES
from lattice.data.readers.refused import said
from lattice.data.readers.tensor_batches import are_tables
from lattice.data.readers.torch_file import TorchParts
from lattice.data.vector_columns import listed
from lattice.errors import DataError
from lattice.formats import HDF5_ENDINGS, NPZ_ENDING, TENSORS_ENDING, TORCH_ENDINGS, ending_of

_MANY_TABLES = 5
"""Tables that are more than the splits of one data set."""
_OF_VALUES = "embeddings=numpy.stack([part.mean(0) for part in file.values()]), ids=list(map(str, file)))"
_MEANS = {
    NPZ_ENDING: "import numpy; file = numpy.load({name!r}); numpy.savez({stem!r} + '-means.npz', "
    "embeddings=numpy.stack([file[key].mean(0) for key in file]), ids=list(file))",
    TENSORS_ENDING: "import numpy, safetensors.numpy; file = safetensors.numpy.load_file({name!r}); "
    "numpy.savez({out!r}, " + _OF_VALUES,
    **dict.fromkeys(
        HDF5_ENDINGS,
        "import h5py, numpy; file = h5py.File({name!r}); numpy.savez({out!r}, "
        "embeddings=numpy.stack([file[key][()].mean(0) for key in file]), ids=list(file))",
    ),
    **dict.fromkeys(
        TORCH_ENDINGS, "import numpy, torch; file = torch.load({name!r}); numpy.savez({out!r}, " + _OF_VALUES
    ),
}
"""The line that makes one vector of each table, by the file's ending, as `said` takes it."""


def refuse_tables_of_tokens(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise `DataError` for an archive of many tables of one width and of different length, each of one sample.

    Args:
        path: the file.
        shapes: shape of each of its tables.
    """
    known = {name.lower() for name in shapes} & {*VECTOR_NAMES}
    widths, lengths = {shape[-1] for shape in shapes.values()}, {shape[0] for shape in shapes.values()}
    if len(shapes) < _MANY_TABLES or known or len(widths) > 1 or len(lengths) == 1:
        return
    raise DataError(
        f"{path} holds {len(shapes)} tables of {widths.pop()} columns and different length, such as "
        f"{listed(list(shapes)[:3])}: one for each sample, with a row for each token or residue; expected one vector. "
        f"Save their means, with `{said(_MEANS[ending_of(path)], path)}`"
    )


def refuse_tokens(path: Path, name: str, parts: TorchParts) -> None:
    """Refuse tables each of which has a name or a text of its own: each holds one sample, not a batch of them."""
    count = len(parts.batches[name])
    own = next((part for part, held in parts.lists.items() if len(held) == count and isinstance(held[0], str)), None)
    if own is not None:
        shape = list(parts.batches[name][0].shape)
        raise DataError(
            f"{path}: {name} holds a table {shape} for each of its {count} {own}, such as one row for each token; "
            "expected one vector. Save their means, with `torch.stack([row.mean(0) for row in rows])`"
        )


def refuse_many_vectors(path: Path, parts: TorchParts) -> None:
    """Refuse tables one after the other of which nothing tells whether they are batches, or one sample each."""
    for name, values in parts.lists.items():
        if are_tables(values):
            shapes = " and ".join(str(list(table.shape)) for table in values[:2])
            raise DataError(
                f"{path}: {name} holds {len(values)} tables, such as {shapes}. Where they are batches, save "
                "`torch.cat(rows)`; where each holds the tokens of a text, `torch.stack([row.mean(0) for row in rows])`"
            )
