"""Thousands of damaged files of vectors in every layout: each is read or refused by name, none crashes or hangs."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import reader_for
from lattice.data.readers.embedding_file import TEXTS, EmbeddingFile
from lattice.data.readers.opening import open_file
from lattice.errors import DataError
from tests.lattice.data.each_file import each_file
from tests.lattice.data.layouts import LABELS, archive, torch_file
from tests.lattice.data.layouts import TEXTS as TEXT_ROWS
from tests.lattice.data.readers import test_odd_layouts, test_program_layouts
from tests.lattice.data.readers.test_layouts import LAYOUTS
from tests.lattice.data.readers.test_tensor_batches import BATCHES, parted
from tests.lattice.data.test_fuzz import mutate

MUTATIONS = 112
TEXTS_OF_BATCHES = parted(TEXT_ROWS)
ALL = (
    LAYOUTS
    | test_odd_layouts.LAYOUTS
    | test_program_layouts.LAYOUTS
    | {
        "pt batches": (lambda p: torch_file(p / "a.pt", {"emb": BATCHES, "texts": TEXTS_OF_BATCHES}), None),
        "npz of texts": (lambda p: archive(p / "a.npz", texts=TEXT_ROWS, labels=LABELS), None),
    }
)
KINDS = (
    "parquet list", "parquet texts of numbers", "arrow stream", "feather lz4", "jsonl", "json records", "json by id",
    "csv", "csv one column per dimension", "tsv", "glove", "fasttext", "word2vec", "fvecs", "fbin", "npz texts",
    "pt by id", "jsonl.gz", "jsonl.zst", "parquet struct", "json split", "csv without header", "pt texts",
    "safetensors by name", "csv decimal commas", "csv that states its separator", "pt records", "arrow list views",
    "json columns with objects", "json of Cohere by type", "json of Weaviate's answer", "csv UTF-16", "npy structured",
    "projector description", "pt batches", "npz of texts",
)  # fmt: skip
MOST_BYTES = 1 << 24
"""A damaged header may state any number of rows; only so much is read."""


def damaged(folder: Path, kind: str) -> Iterator[Path]:
    path = ALL[kind][0](folder)
    content = path.read_bytes()
    chance = random.Random(f"cellcube {kind}")
    for _ in range(MUTATIONS):
        path.write_bytes(mutate(content, chance))
        yield path


def read_all(path: Path) -> None:
    opened = open_file(reader_for(path), path, ReadRequest())
    if not isinstance(opened, EmbeddingFile):
        for _ in opened.rows:
            pass
        return
    try:
        layout = opened.rows.layout
        if layout.count * layout.row_bytes <= MOST_BYTES:
            opened.rows.read_into(torch.empty(layout.shape, dtype=layout.dtype))
            list(opened.texts(TEXTS, layout.count) or ())
            list(opened.categories(layout.count) or ())
    finally:
        opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_vectors_are_read_or_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused, unnamed = 0, []
    for number, path in enumerate(damaged(tmp_path, kind), 1):
        try:
            with each_file(kind, number), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # numpy and zipfile warn about some kinds of damage
                read_all(path)
        except DataError as error:
            refused += 1
            unnamed += [str(error)] if path.name not in str(error) else []
    assert unnamed == []
    assert refused > MUTATIONS // 20
