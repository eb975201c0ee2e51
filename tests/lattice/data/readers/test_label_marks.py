"""The marks of fastText are taken off wherever a category stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers.label_marks import unmarked
from tests.lattice.data.layouts import LABELS, SHOWN, TEXTS, arrow_table, jsonl, lists, parquet, records, table
from tests.lattice.data.readers.test_layouts import Expected, check, rows_of

MARKED = [f"__label__{label}" for label in LABELS]


@pytest.mark.parametrize(
    ("marks", "category"),
    [
        ("__label__a", "a"),
        (" __label__a __label__b-c ", "a, b-c"),
        ("__label__a,__label__b", "a, b"),
        ("__label__a and a text", "__label__a and a text"),
        ("a __label__b", "a __label__b"),
        ("__label__", "__label__"),
        ("plain", "plain"),
    ],
)
def test_marks_alone_are_taken_off(marks: str, category: str) -> None:
    assert unmarked(marks) == category


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl", "a.parquet", "headless.tsv"])
def test_columns_of_marks_are_categories(tmp_path: Path, name: str) -> None:
    path, columns = tmp_path / name, {"label": MARKED, "text": TEXTS}
    if name == "a.jsonl":
        jsonl(path, records(**columns))
    elif name == "a.parquet":
        parquet(path, arrow_table(**columns))
    else:
        rows = rows_of(**columns)
        table(path, rows[name == "headless.tsv" :], "\t" if name.endswith("tsv") else ",")
    preview = preview_data(str(path), DataSettings())
    assert [(row.text, row.category) for row in preview.rows] == list(zip(TEXTS, LABELS, strict=True))[:5]


def test_marks_beside_vectors_are_categories(tmp_path: Path) -> None:
    check(tmp_path, lambda p: parquet(p / "a.parquet", arrow_table(lists(), label=MARKED)), Expected(None, LABELS))
    check(tmp_path, lambda p: table(p / "a.csv", rows_of(text=TEXTS, label=MARKED, embedding=SHOWN)),
          Expected(TEXTS, LABELS))  # fmt: skip
