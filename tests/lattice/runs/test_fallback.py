"""Where a file goes when its own place fails."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from lattice.errors import CheckpointError
from lattice.paths import data_folder
from lattice.runs.fallback import refuges, save_somewhere


def test_the_first_place_that_works_is_taken_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    places = [tmp_path / name / "run.bin" for name in ("file", "good", "unused")]
    assert save_somewhere(lambda path: path.write_bytes(b"x"), places[0], places[1:]) == places[1]
    assert f"Can't save to {places[0]}" in caplog.text
    assert f"Saved to {places[1]} instead" in caplog.text
    assert not places[2].parent.exists()


def test_nowhere_is_an_error_with_the_first_reason(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise OSError(f"no room in {path.name}")

    with pytest.raises(CheckpointError, match="could not be saved anywhere: no room in a"):
        save_somewhere(fail, tmp_path / "a", [tmp_path / "b"])


def test_refuges_are_the_data_folder_and_the_temporary_one() -> None:
    first, second = refuges("run.safetensors")
    assert first == data_folder() / "rescued" / "run.safetensors"
    assert second.is_relative_to(tempfile.gettempdir())
