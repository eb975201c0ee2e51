"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lattice.atomic import atomic_path
from lattice.runs.owner import this_process


def test_a_finished_file_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "file.bin"
    for content in (b"old", b"new"):
        with atomic_path(target) as temporary:
            assert temporary.parent == target.parent
            temporary.write_bytes(content)
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="half way"), atomic_path(target) as temporary:  # noqa: PT012
        temporary.write_bytes(b"ne")
        raise RuntimeError("half way")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes and links")
def test_modes_and_links_stay_as_they_were(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        with atomic_path(tmp_path / "new.bin") as temporary:
            temporary.write_bytes(b"new")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new.bin").stat().st_mode) == 0o640
    (tmp_path / "new.bin").chmod(0o604)
    link = tmp_path / "link.bin"
    link.symlink_to("new.bin")
    with atomic_path(link) as temporary:
        temporary.write_bytes(b"newer")
    assert link.is_symlink()
    assert (tmp_path / "new.bin").read_bytes() == b"newer"
    assert stat.S_IMODE((tmp_path / "new.bin").stat().st_mode) == 0o604


def test_what_killed_writers_left_goes_and_what_others_write_stays(tmp_path: Path) -> None:
    place, _, started = this_process().tag.split("-")
    dead = tmp_path / f".file.bin.{place}-{2**22 + 1}-{started}.00000000.tmp"
    mine = tmp_path / f".file.bin.{this_process().tag}.00000000.tmp"
    unseen = tmp_path / ".file.bin.elsewhere-1-1.00000000.tmp"
    forgotten = tmp_path / ".file.bin.elsewhere-2-1.00000000.tmp"
    theirs = [tmp_path / name for name in (".other.bin.x.0.tmp", ".file.bin.notes", "file.bin.tmp")]
    for path in (dead, mine, unseen, forgotten, *theirs):
        path.write_bytes(b"")
    os.utime(forgotten, (0, 0))
    with atomic_path(tmp_path / "file.bin") as temporary:
        temporary.write_bytes(b"whole")
    assert not dead.exists()
    assert not forgotten.exists()
    assert all(path.exists() for path in (mine, unseen, *theirs))
