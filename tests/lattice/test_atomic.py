"""Files are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lattice.atomic import atomic_path, make_folder
from lattice.formats import CHECKPOINT_NOTE
from lattice.runs.owner import this_process


def test_a_finished_file_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "file.bin"
    for content in (b"old", b"new"):
        with atomic_path(target) as temporary:
            assert temporary.parent.parent == target.parent
            assert temporary.name == target.name
            temporary.write_bytes(content)
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt", reason="folders are not synced there")
@pytest.mark.parametrize("number", [errno.EINVAL, errno.EIO])
def test_a_share_that_syncs_no_folders_takes_files_and_a_disk_that_fails_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sync = os.fsync

    def fail(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    refused = pytest.raises(OSError, match="Input/output error") if number == errno.EIO else contextlib.nullcontext()
    with refused, atomic_path(tmp_path / "file.bin") as temporary:
        temporary.write_bytes(b"new")


@pytest.mark.parametrize("name", ["x" * 255, "\xe9" * 127, "a\nb"])
def test_names_as_long_as_they_may_be_are_written(tmp_path: Path, name: str) -> None:
    with atomic_path(tmp_path / name) as temporary:
        temporary.write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_failure_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="half way"), atomic_path(target) as temporary:  # noqa: PT012
        temporary.write_bytes(b"ne")
        raise RuntimeError("half way")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def leftover(folder: Path, name: str, *, tag: str, age: float = 0.0) -> Path:
    path = folder / f".{name}.{tag}.tmp"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def dead_tag() -> str:
    """Return the tag of a process that was here and is gone."""
    place = this_process().tag.partition("-")[0]
    return f"{place}-{2**22 + 1}-1.0123abcd"


DAY = 24 * 3600


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    live = leftover(tmp_path, "other.bin", tag=f"{this_process().tag}.0123abcd", age=9 * DAY)
    foreign = [tmp_path / name for name in (".someone.tmp", "file.tmp", ".file.bin.tmp", ".x.partial")]
    for path in foreign:
        path.write_bytes(b"theirs")
        os.utime(path, (0, 0))
    half = tmp_path / ".tmpAb3dEf"
    safetensors.numpy.save_file({"x": np.zeros(2, np.float32)}, half, metadata={CHECKPOINT_NOTE: "{}"})
    os.utime(half, (0, 0))
    workshop = tmp_path / f".file.bin.{dead_tag()[:-1]}e.tmp"
    workshop.mkdir()
    (workshop / ".tmpAb3dEf").write_bytes(b"half")
    theirs = tmp_path / ".tmpZzzzzz"
    theirs.write_bytes(b"theirs")
    os.utime(theirs, (0, 0))
    gone = [
        half,
        workshop,
        leftover(tmp_path, "file.bin", tag=dead_tag()),
        leftover(tmp_path, "run-7.safetensors", tag=dead_tag()),
        leftover(tmp_path, "far.bin", tag="0123456789-5-77.0123abcd", age=2 * DAY),
        leftover(tmp_path, "file.bin", tag="ab_34xyz", age=2 * DAY),
    ]
    fresh = [
        leftover(tmp_path, "near.bin", tag="0123456789-5-78.0123abcd"),
        leftover(tmp_path, "file.bin", tag="ab_35xyz"),
    ]
    with atomic_path(tmp_path / "file.bin") as temporary:
        temporary.write_bytes(b"new")
    assert [path for path in gone if path.exists()] == []
    assert all(path.exists() for path in [live, theirs, *foreign, *fresh])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"")
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        for path in (old, new):
            with atomic_path(path) as temporary:
                temporary.write_bytes(b"x")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, new)] == [0o640, 0o640]
    old.chmod(0o600)
    with atomic_path(old) as temporary:
        temporary.write_bytes(b"y")
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_a_library_that_replaces_the_file_changes_neither_mode_nor_leaves_anything(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with atomic_path(tmp_path / "a.safetensors") as temporary:
            safetensors.numpy.save_file({"x": np.zeros(2, np.float32)}, temporary)
    finally:
        os.umask(before)
    assert os.name == "nt" or stat.S_IMODE((tmp_path / "a.safetensors").stat().st_mode) == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
def test_a_link_stays_a_link(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "elsewhere" / "file", tmp_path / "link"
    target.parent.mkdir()
    if there:
        target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_path(link) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_programs_own_folders_are_for_the_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.atomic.own_folders", lambda: (tmp_path / "own", tmp_path / "cache" / "own"))
    before = os.umask(0o022)
    try:
        (tmp_path / "own").mkdir()
        for folder in (tmp_path / "own" / "deep", tmp_path / "cache" / "own", tmp_path / "run"):
            make_folder(folder)
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("own", "cache/own", "cache", "run")}
    assert modes == {"own": 0o700, "cache/own": 0o700, "cache": 0o755, "run": 0o755}


@pytest.mark.skipif(os.name == "nt", reason="Windows can't open folders")
def test_the_parent_of_every_new_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no table of descriptors to look into")
    monkeypatch.setattr(os, "fsync", watched)
    with atomic_path(tmp_path / "a" / "b" / "file") as temporary:
        temporary.write_bytes(b"x")
    assert {str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")} <= set(synced)
