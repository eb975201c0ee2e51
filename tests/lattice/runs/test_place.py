"""A run is named by its file or by its folder."""

from __future__ import annotations

from pathlib import Path

from lattice.runs.place import checkpoint_at


def test_a_folder_means_its_last_save(tmp_path: Path) -> None:
    assert checkpoint_at(tmp_path) == tmp_path / "checkpoint.safetensors"
    assert checkpoint_at(tmp_path / "best.safetensors") == tmp_path / "best.safetensors"
