"""The first rows of a source as a load would read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config.data import DataSettings
from lattice.data.preview import PREVIEW_ROWS, preview_data, vector_text
from tests.lattice.data.layouts import LISTS, TEXTS, TRUTH, archive, arrow_table, jsonl, lists, packed, parquet, records


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "folder"])
def test_columns_and_rows_are_shown(tmp_path: Path, kind: str) -> None:
    if kind == "jsonl":
        path = jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=LISTS))
    else:
        path = parquet(tmp_path / "a.parquet", arrow_table(lists(), text=TEXTS))
    preview = preview_data(str(tmp_path if kind == "folder" else path), DataSettings())
    assert preview.columns == ("text", "embedding")
    assert [row.text for row in preview.rows] == TEXTS[:PREVIEW_ROWS]
    assert [row.vector for row in preview.rows] == [vector_text(row) for row in LISTS[:PREVIEW_ROWS]]
    assert preview.problem == ""
    assert preview.notes == (f"{path.name}: vectors of width 12 from column 'embedding', texts from column 'text'",)


def test_texts_that_are_to_be_encoded_have_no_vector(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=LISTS))
    preview = preview_data(str(path), DataSettings(vector_column="none"))
    assert {row.vector for row in preview.rows} == {""}


def test_what_can_not_be_read_still_shows_what_there_is_to_choose(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", train=TRUTH, test=-TRUTH)
    preview = preview_data(str(path), DataSettings())
    assert preview.tables == ("train", "test")
    assert "choose it with --table NAME" in preview.problem
    assert preview_data(str(path), DataSettings(table="test")).rows[0].vector == vector_text((-TRUTH[0]).tolist())
    assert "does not exist" in preview_data(str(tmp_path / "none.csv"), DataSettings()).problem


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_compressed_file_that_is_read_from_a_copy_has_a_preview_too(tmp_path: Path, kind: str) -> None:
    if kind == "npz":
        path = archive(tmp_path / "a.npz", embeddings=TRUTH)
    else:
        path = parquet(tmp_path / "a.parquet", arrow_table(lists(), text=TEXTS))
    preview = preview_data(str(packed(path, ".gz")), DataSettings())
    assert preview.problem == ""
    assert len(preview.rows) == PREVIEW_ROWS
