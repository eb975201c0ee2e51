"""Texts that belong to files of vectors by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.held_rows import held_rows
from lattice.data.requested_columns import Columns
from lattice.data.sources.named_texts import give_named_texts
from tests.lattice.data.layouts import COUNT, LABELS, SHOWN, TEXTS, TRUTH, WORDS, table
from tests.lattice.data.readers.test_layouts import load, rows_of

NAMES = [f"page.{row}" for row in range(COUNT)]
PATHS = [Path(f"{name}.npy") for name in NAMES]


def file_of(folder: Path) -> EmbeddingFile:
    rows = held_rows(folder, TRUTH, ReadMeter())
    return EmbeddingFile(folder, rows, None, "", {}, ReadMeter(), names=True, held_texts=NAMES)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (NAMES, True),
        ([f"C:\\data\\{name}.npy" for name in NAMES], True),
        ([f"https://a.org/{name}.npy" for name in NAMES], True),
        (WORDS, False),
    ],
    ids=["names with a point", "paths of Windows", "addresses", "other names"],
)
def test_a_table_whose_rows_name_the_files_is_told_from_one_in_their_order(
    tmp_path: Path, keys: list[str], found: bool
) -> None:
    rows = rows_of(key=keys, text=TEXTS)
    path = table(tmp_path / "a.csv", [rows[0], *reversed(rows[1:])])
    file = file_of(tmp_path)
    assert give_named_texts(file, PATHS, [path], ReadRequest()) == ""
    assert list(file.held_texts or ()) == (TEXTS if found else TEXTS[::-1])
    assert ("by the names in column 'key' of a.csv" in file.guess) is found


def test_columns_that_are_requested_are_taken(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", rows_of(name=NAMES, text=TEXTS, word=WORDS, kind=LABELS))
    file = file_of(tmp_path)
    request = ReadRequest(columns=Columns(text="word", label="kind"))
    assert give_named_texts(file, PATHS, [path], request) == ""
    assert list(file.held_texts or ()) == WORDS
    assert list(file.held_categories or ()) == LABELS


def test_a_table_with_vectors_of_its_own_is_another_part_of_the_data(tmp_path: Path) -> None:
    halves = (slice(0, 8), slice(8, 16))
    for number, half in enumerate(halves):
        rows = rows_of(id=range(8), kind=LABELS[half], embedding=SHOWN[half])
        table(tmp_path / f"data-{number}.csv", rows)
    dataset, _ = load(tmp_path)
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))


def test_files_that_fit_nowhere_are_named_with_the_reason(tmp_path: Path) -> None:
    short = table(tmp_path / "short.csv", rows_of(text=TEXTS[:3]))
    file = file_of(tmp_path)
    assert give_named_texts(file, PATHS, [short], ReadRequest()) == "short.csv beside it has 3 rows, not 16"
    assert file.names
    (tmp_path / "bad.csv").write_bytes(b"text\n\xff\xfe\xfa")
    assert "bad.csv beside them can't be read" in give_named_texts(file, PATHS, [tmp_path / "bad.csv"], ReadRequest())
