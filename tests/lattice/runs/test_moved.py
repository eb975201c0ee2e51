"""Each source of a saved run's data can be located by itself: the main one first, then the further ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lattice.config import SimpleProjectConfig, Wishes
from lattice.runs.moved import located, missing_source
from lattice.training.data_paths import stored_paths


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The head of a run with two sources, one of them a folder, of which only the first is there."""
    config = SimpleProjectConfig().replaced(
        {"training_embedding.data": str(tmp_path / "rows.npy"), "data.extra_data": [str(tmp_path / "more")]}
    )
    path = tmp_path / "run.safetensors"
    values, notes = stored_paths(config, path)
    head = json.dumps({"config": values, "dataset": notes})
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, metadata={"cellcube": head})
    (tmp_path / "rows.npy").touch()
    return path


def test_a_further_source_is_located_without_touching_the_main_one(run: Path, tmp_path: Path) -> None:
    assert missing_source(run, Wishes()) == str(tmp_path / "more")
    (tmp_path / "moved").mkdir()
    wishes = located(run, Wishes(), tmp_path / "moved")
    assert wishes.named == {"data.extra_data": [str(tmp_path / "moved")]}
    assert missing_source(run, wishes) is None


def test_the_main_source_goes_first_and_is_what_is_meant_where_none_is_missing(run: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.npy").rename(tmp_path / "other.npy")
    assert missing_source(run, Wishes()) == str(tmp_path / "rows.npy")
    wishes = located(run, Wishes(), tmp_path / "other.npy")
    assert wishes.named == {"training_embedding.data": str(tmp_path / "other.npy")}
    assert missing_source(run, wishes) == str(tmp_path / "more")
    (tmp_path / "more").mkdir()
    assert missing_source(run, wishes) is None
    assert located(run, wishes, tmp_path / "third.npy").named == {
        "training_embedding.data": str(tmp_path / "third.npy")
    }


def test_a_file_without_settings_has_no_source(tmp_path: Path) -> None:
    assert missing_source(tmp_path / "none.safetensors", Wishes()) is None
