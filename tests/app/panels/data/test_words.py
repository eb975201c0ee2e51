"""What the data panel says of a data set, in words."""

from __future__ import annotations

from pathlib import Path

from app.panels.data.words import source_name


def test_files_of_any_kind_are_called_by_their_names(tmp_path: Path) -> None:
    assert source_name(str(tmp_path / "t.parquet")) == "t.parquet"
    assert source_name(f"mine.csv + {tmp_path / 'vectors'}") == "mine.csv + vectors"
    assert source_name("runs/data/vectors.npy") == "vectors.npy"
    assert source_name("WordNet 3.0 demo") == "WordNet 3.0 demo"
    assert source_name("hub:owner/name") == "hub:owner/name", "its owner is part of its name"
