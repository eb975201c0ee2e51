"""Folders that a program keeps its own tables in: their files are not the data as it stands now, so none is read."""

from __future__ import annotations

from pathlib import Path

from lattice.errors import DataError

_KINDS = (
    ("_delta_log", "a Delta table, whose files also hold deleted and replaced rows; write what is valid with "
     "`deltalake.DeltaTable(folder).to_pandas().to_parquet('rows.parquet')`"),
    ("metadata/*.metadata.json", "an Iceberg table, whose files also hold deleted and replaced rows; write what is "
     "valid with `pyiceberg.table.StaticTable.from_metadata(file).scan().to_pandas().to_parquet('rows.parquet')`"),
    (".hoodie", "a Hudi table, whose files also hold replaced rows; write what is valid with "
     "`spark.read.format('hudi').load(folder).write.parquet('rows')`"),
    (".zarray", "a Zarr array; write it with `numpy.save('rows.npy', zarr.open(folder)[:])`"),
    (".zgroup", "a Zarr group; write one of its arrays with `numpy.save('rows.npy', zarr.open(folder)['name'][:])`"),
    ("zarr.json", "a Zarr array or group; write an array with `numpy.save('rows.npy', zarr.open(folder)[:])`"),
    ("_versions/*.manifest", "a Lance table; write it with `pyarrow.parquet.write_table("
     "lance.dataset(folder).to_table(), 'rows.parquet')`"),
    ("*.lance/_versions", "a LanceDB database; write a table with "
     "`lancedb.connect(folder).open_table(name).to_pandas().to_parquet('rows.parquet')`"),
    ("collection/*/storage.sqlite", "a database of Qdrant; write its points with `client.scroll(name, "
     "with_vectors=True)` to a .jsonl file, one object a line"),
    ("key2row", "vectors of spaCy; write them with `numpy.save('rows.npy', nlp.vocab.vectors.data)`"),
    ("vocab/key2row", "a model of spaCy; write its vectors with `numpy.save('rows.npy', nlp.vocab.vectors.data)`"),
)  # fmt: skip
"""What lies in such a folder, what it is, and the way out."""


def refuse_managed(folder: Path) -> None:
    """Raise `DataError` for a folder whose files are not to be read one by one."""
    for pattern, what in _KINDS:
        if next(folder.glob(pattern), None) is not None:
            raise DataError(f"{folder} is {what}")
