"""Files that are recognised and not read, each with the way out."""

from __future__ import annotations

from pathlib import Path

from lattice.formats import ending_of

PICKLE_ENDINGS = (".pkl", ".pickle", ".joblib", ".p")
_PICKLE = (
    "{path} is a pickle: opening one can run any code, so it is not opened. Convert it with two lines of Python, where "
    "you trust it: `import numpy, pathlib, pickle; data = pickle.loads(pathlib.Path({name!r}).read_bytes())` and "
    "`numpy.savez({out!r}, embeddings=data['embeddings'], texts=data['sentences'])` with the names that it has; a "
    "pandas frame with `pandas.read_pickle({name!r}).to_parquet({table!r})`"
)
_OTHERS = {
    (".faiss", ".index", ".ann", ".usearch", ".hnsw"): "{path} is a search index; write its vectors with "
    "`numpy.save({rows!r}, index.reconstruct_n(0, index.ntotal))`",
    (".zip", ".tar", ".tgz", ".7z", ".rar"): "{path} is an archive of files; unpack it and give the folder",
    (".xlsx", ".xls", ".ods"): "{path} is a spreadsheet; save its sheet as .csv",
    (".db", ".sqlite", ".sqlite3", ".duckdb"): "{path} is a database; export the table to .csv or .parquet",
    (".rds", ".rdata"): "{path} is R's own format; write it with `arrow::write_parquet(data, {table!r})`",
    (
        ".mat",
    ): "{path} is Matlab's own format; write it with `numpy.save({rows!r}, scipy.io.loadmat({name!r})['name'])`",
    (".ivecs", ".ibin"): "{path} holds neighbours' numbers, no vectors; give the .fvecs or .fbin file",
    (".onnx", ".gguf"): "{path} holds a model's weights, no data; name a model with --teacher",
    (".orc",): "{path} is an ORC file; write it with `pyarrow.parquet.write_table(pyarrow.orc.read_table({name!r}), "
    "{table!r})`",
    (".bytes",): "{path} holds numbers without saying of what shape; write them with `numpy.save({rows!r}, "
    "numpy.fromfile({name!r}, 'float32').reshape(-1, WIDTH))`",
    (".tfrecord",): "{path} is a file of TensorFlow records; write their vectors with `numpy.save({rows!r}, rows)`",
}


def refusal(path: Path) -> str:
    """Return why a file of a known kind is not read, and what to do; empty for every other kind."""
    ending = ending_of(path)
    words = {
        "path": path,
        "name": path.name,
        "out": f"{path.stem}.npz",
        "table": f"{path.stem}.parquet",
        "rows": f"{path.stem}.npy",
    }
    if ending in PICKLE_ENDINGS:
        return _PICKLE.format(**words)
    return next((text.format(**words) for endings, text in _OTHERS.items() if ending in endings), "")
