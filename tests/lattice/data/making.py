"""Texts and files that the tests of the data layer make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors.torch import save_file

from tests.teachers import WORDS


def sentences(count: int, seed: int = 0) -> list[str]:
    """Return different sentences of 3 to 12 words that the tiny tokenizer knows."""
    generator = np.random.default_rng(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(generator.choice(WORDS, size=generator.integers(3, 13)))] = None
    return list(found)


Columns = Mapping[str, list[str | None]]


def numbered_sentences(count: int) -> list[str]:
    """Return `count` different sentences of seven words that the tiny tokenizer knows: their numbers in base 14."""
    places = [len(WORDS) ** place for place in range(7)]
    return [" ".join(WORDS[index // place % len(WORDS)] for place in places) for index in range(count)]


def write_texts(path: Path, columns: Columns) -> Path:
    """Write a table of texts in the format of the path's suffix; a `.txt` file takes the first column."""
    names, rows = list(columns), list(zip(*columns.values(), strict=True))
    if path.suffix == ".txt":
        path.write_text("".join(f"{row[0]}\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".jsonl":
        lines = (json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
        path.write_text("".join(lines), encoding="utf-8")
    elif path.suffix == ".parquet":
        table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        pq.write_table(table, path, row_group_size=5000)
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        lines = (separator.join(map(str, row)) + "\n" for row in (names, *rows))
        path.write_text("".join(lines), encoding="utf-8")
    return path


def write_embeddings(path: Path, rows: torch.Tensor) -> Path:
    """Write rows [S, D] in the format of the path's suffix."""
    if path.suffix == ".npy":
        np.save(path, rows.numpy())
    elif path.suffix == ".npz":
        np.savez_compressed(path, embeddings=rows.numpy())
    elif path.suffix == ".pt":
        torch.save({"embeddings": rows}, path)
    else:
        save_file({"embeddings": rows.contiguous()}, path)
    return path


TEXT_SUFFIXES = (".txt", ".jsonl", ".csv", ".tsv", ".parquet")
EMBEDDING_SUFFIXES = (".safetensors", ".npy", ".npz", ".pt")
