"""Files that the command line names are not replaced without being asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lattice.cli.replacing import check_may_write
from lattice.errors import ConfigError
from lattice.runs.folder import RunFolder
from lattice.runs.held_lock import LockedError


def test_what_exists_is_refused_with_the_ways_on(tmp_path: Path) -> None:
    out = tmp_path / "cube.onnx"
    check_may_write(out, overwrite=False)
    out.write_text("trained")
    with pytest.raises(ConfigError, match=rf"{out} exists: choose another name, or replace it with --overwrite"):
        check_may_write(out, overwrite=False)
    check_may_write(out, overwrite=True)


def test_a_folder_is_refused_in_any_case(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder, expected the name of a file to write"):
        check_may_write(tmp_path, overwrite=True)


@pytest.mark.skipif(os.name != "posix", reason="other limits and links")
def test_a_name_that_no_file_can_have_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't write to .*: File name too long; choose another name or place"):
        check_may_write(tmp_path / ("x" * 300), overwrite=False)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ConfigError, match=r"can't write to .*: Too many levels of symbolic links; choose another"):
        check_may_write(tmp_path / "loop" / "cube.onnx", overwrite=False)


def test_a_run_that_is_being_trained_is_refused_in_any_case(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run").claim(overwrite=False, resumed=None)._lock:
        (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"")
        with pytest.raises(LockedError, match="is being written by process"):
            check_may_write(tmp_path / "run" / "checkpoint.safetensors", overwrite=True)
