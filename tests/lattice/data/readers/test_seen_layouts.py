"""Layouts under another name or in another form than most: read for what they are, or refused with what leads on."""

from __future__ import annotations

import ast
import base64
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from lattice.data.readers.refused import refusal
from lattice.errors import DataError
from tests.lattice.data.advice import follow, refusal_of
from tests.lattice.data.layouts import (
    IDS,
    LABELS,
    LISTS,
    TEXTS,
    TRUTH,
    WIDTH,
    WORDS,
    archive,
    jsonl,
    records,
    table,
    word_lines,
)
from tests.lattice.data.readers.test_layouts import load

PACKED = [
    {"$binary": {"base64": base64.b64encode(b"\x27\x00" + row.tobytes()).decode(), "subType": "09"}} for row in TRUTH
]


def test_packed_vectors_of_mongodb(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", records(_id=IDS, text=TEXTS, plot_embedding=PACKED))
    dataset, _ = load(path)
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == TEXTS


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_json_lines_under_the_name_of_a_table(tmp_path: Path, name: str) -> None:
    dataset, _ = load(jsonl(tmp_path / name, records(text=TEXTS, embedding=LISTS, label=LABELS)))
    assert (list(dataset.texts or ()), list(dataset.categories or ())) == (TEXTS, LABELS)
    assert "its lines are those of a .jsonl file, and are read so" in dataset.report.guesses[0]


def test_word_vectors_under_the_name_of_a_table(tmp_path: Path) -> None:
    dataset, _ = load(word_lines(tmp_path / "a.csv", header=True))
    assert list(dataset.texts or ()) == WORDS
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))


def test_texts_of_an_archive_come_before_its_titles(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", embeddings=TRUTH, titles=[text[:5] for text in TEXTS], texts=TEXTS)
    assert list(load(path)[0].texts or ()) == TEXTS


def test_an_empty_list_is_a_row_without_a_vector(tmp_path: Path) -> None:
    rows = [[text, "[]" if row == 3 else str(LISTS[row])] for row, text in enumerate(TEXTS)]
    dataset, _ = load(table(tmp_path / "a.csv", [["text", "embedding"], *rows]))
    assert list(dataset.texts or ()) == TEXTS[:3] + TEXTS[4:]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("a.faiss", "faiss.read_index('a.faiss')"),
        ("a.ann", "annoy.AnnoyIndex(WIDTH, 'angular')"),
        ("a.usearch", "Index.restore('a.usearch')"),
        ("a.hnsw", "index.load_index('a.hnsw')"),
        ("chroma.sqlite3", "get(include=['embeddings', 'documents'])"),
    ],
)
def test_the_line_for_a_search_index_opens_it_itself(name: str, called: str) -> None:
    line = refusal(Path("folder") / name).split("`")[1]
    assert called in line
    tree = ast.parse(line)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert used - stored - imported <= {"WIDTH", "range", "open"}


@pytest.mark.parametrize("index", [True, False])
def test_two_lines_of_names_are_joined_by_the_line_of_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: bool
) -> None:
    frame = pd.DataFrame(TRUTH, columns=pd.MultiIndex.from_product([["emb"], range(WIDTH)]))
    if index:
        frame.to_csv(tmp_path / "a.csv")
    else:
        rows = [["emb"] * WIDTH, list(range(WIDTH)), *map(np.ndarray.tolist, TRUTH)]
        table(tmp_path / "a.csv", rows)
    message = refusal_of(tmp_path / "a.csv")
    assert "'emb' stands more than once; where its first two lines are the names" in message
    follow(message, tmp_path, monkeypatch, 1)
    assert torch.equal(load(tmp_path / "a-rows.csv")[0].embeddings, torch.from_numpy(TRUTH))


def test_a_folder_of_unknown_files_names_them(tmp_path: Path) -> None:
    for name in ("a.xyz", "b.foo"):
        (tmp_path / name).write_bytes(b"\x00\x01")
    with pytest.raises(DataError, match=r"a\.xyz, b\.foo are of no kind that is read; give one of them by itself"):
        load(tmp_path)
