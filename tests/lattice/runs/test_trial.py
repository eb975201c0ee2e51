"""A folder takes a file as large as a checkpoint, or the run does not begin."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lattice.errors import ConfigError
from lattice.runs.trial import try_write


def test_a_trial_leaves_nothing(tmp_path: Path) -> None:
    try_write(tmp_path, 3_000_001)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_with_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=rf"{tmp_path} does not take a file of 2.0 MB.*No space left.*--out"):
        try_write(tmp_path, 2_000_000)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not take a file"):
        try_write(tmp_path / "gone", 1)
