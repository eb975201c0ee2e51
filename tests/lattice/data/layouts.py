"""Small files in the layouts that people have, made by the tests: 16 samples of width 12 with texts, ids and labels."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import torch
from safetensors.torch import save_file

COUNT, WIDTH = 16, 12
TRUTH = np.random.default_rng(7).standard_normal((COUNT, WIDTH)).astype(np.float32)
TEXTS = [f"the {word} sleeps under a tree, they say, {i} times" for i, word in enumerate(("cat", "dog") * (COUNT // 2))]
IDS = [f"doc-{i:04d}-aaaa-{i * 7919:08x}" for i in range(COUNT)]
WORDS = [f"{chr(97 + i)}word" for i in range(COUNT)]
LABELS = [("news", "sport")[i % 2] for i in range(COUNT)]
LISTS = [row.tolist() for row in TRUTH]
SHOWN = [str(row) for row in LISTS]

Maker = Callable[[Path], Path]


def arrow_table(vectors: pa.Array | None = None, **columns: Any) -> pa.Table:
    """Return a table of columns, with the vectors as `embedding`."""
    return pa.table(columns if vectors is None else {**columns, "embedding": vectors})


def lists(kind: pa.DataType | None = None) -> pa.Array:
    """Return the vectors as an Arrow array of lists."""
    return pa.array(LISTS, kind or pa.list_(pa.float32()))


def records(**columns: Iterable[Any]) -> list[dict[str, Any]]:
    """Return columns as records."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def jsonl(path: Path, values: Iterable[Any]) -> Path:
    """Write one JSON value a line."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def whole_json(path: Path, value: Any, **options: Any) -> Path:
    """Write one JSON value."""
    path.write_text(json.dumps(value, **options), encoding="utf-8")
    return path


def table(path: Path, rows: Iterable[Iterable[Any]], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> Path:
    """Write separated values as Python's own writer does."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return path


def packed(path: Path, ending: str) -> Path:
    """Compress a file and remove it."""
    content = path.read_bytes()
    makers: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".xz": lzma.compress,
        ".bz2": bz2.compress,
        ".zst": lambda plain: pa.compress(plain, codec="zstd", asbytes=True),
    }
    out = path.with_name(path.name + ending)
    out.write_bytes(makers[ending](content))
    path.unlink()
    return out


def parquet(path: Path, content: pa.Table, **options: Any) -> Path:
    """Write a parquet file."""
    pq.write_table(content, path, **options)
    return path


def arrow_stream(path: Path, content: pa.Table) -> Path:
    """Write an Arrow stream, as the library `datasets` does."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, content.schema) as writer:
        writer.write_table(content, max_chunksize=5)
    return path


def feather_file(path: Path, content: pa.Table, **options: Any) -> Path:
    """Write a Feather file."""
    feather.write_feather(content, str(path), **options)
    return path


def word_lines(path: Path, *, header: bool, separator: str = " ", words: Iterable[str] = WORDS) -> Path:
    """Write words and vectors as lines."""
    lines = [separator.join([word, *map(repr, row)]) for word, row in zip(words, LISTS, strict=True)]
    path.write_text("\n".join([*([f"{COUNT} {WIDTH}"] if header else []), *lines]) + "\n", encoding="utf-8")
    return path


def word2vec(path: Path, *, newline: bool) -> Path:
    """Write word2vec's binary format."""
    rows = (
        word.encode() + b" " + row.tobytes() + (b"\n" if newline else b"")
        for word, row in zip(WORDS, TRUTH, strict=True)
    )
    path.write_bytes(f"{COUNT} {WIDTH}\n".encode() + b"".join(rows))
    return path


def fvecs(path: Path) -> Path:
    """Write rows with their width before each."""
    path.write_bytes(b"".join(struct.pack("<i", WIDTH) + row.tobytes() for row in TRUTH))
    return path


def fbin(path: Path) -> Path:
    """Write count and width, then the rows."""
    path.write_bytes(struct.pack("<ii", COUNT, WIDTH) + TRUTH.tobytes())
    return path


def saved_data_set(folder: Path, content: pa.Table) -> Path:
    """Write a folder as `datasets.save_to_disk` does, in two shards."""
    folder.mkdir(parents=True)
    names = [f"data-{shard:05d}-of-00002.arrow" for shard in range(2)]
    half = COUNT // 2
    for shard, name in enumerate(names):
        arrow_stream(folder / name, content.slice(shard * half, half))
    whole_json(folder / "state.json", {"_data_files": [{"filename": name} for name in names], "_split": "train"})
    whole_json(folder / "dataset_info.json", {"features": {}})
    return folder


def torch_file(path: Path, value: Any) -> Path:
    """Write a value with torch."""
    torch.save(value, path)
    return path


def tensors(path: Path, **parts: Any) -> Path:
    """Write named tensors."""
    save_file({name: torch.from_numpy(np.ascontiguousarray(part)) for name, part in parts.items()}, path)
    return path


def archive(path: Path, **parts: Any) -> Path:
    """Write named arrays."""
    np.savez(path, **parts)
    return path
