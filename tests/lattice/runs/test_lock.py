"""One writer at a place; what crashed, and what can't be seen from here, is told apart."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from lattice.atomic import _TEMPORARY
from lattice.runs.held_lock import SILENT_SECONDS, LockedError, UnreadableLockError, read_lock
from lattice.runs.lock import FileLock
from lattice.runs.owner import this_process


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "run.lock"


def of_another(path: Path, silent: float = 0.0, **changes: object) -> None:
    """Write the lock of another process, silent for some seconds."""
    path.parent.mkdir(exist_ok=True)
    owner = this_process().to_mapping() | changes
    path.write_text(json.dumps({"owner": owner, "token": "other", "notes": {"name": "theirs"}}), encoding="utf-8")
    stamp = path.stat().st_mtime - silent
    os.utime(path, (stamp, stamp))


def test_a_lock_is_taken_once_and_given_back(path: Path) -> None:
    with FileLock(path, name="mine").take() as lock:
        assert lock.held
        held = read_lock(path)
        assert held is not None
        assert (held.owner, held.notes, held.stale) == (this_process(), {"name": "mine"}, False)
        with pytest.raises(LockedError, match=rf"{path.parent} is in use by process {os.getpid()} on "):
            FileLock(path).take()
    assert read_lock(path) is None
    assert list(path.parent.iterdir()) == []
    lock.release()
    with FileLock(path).take():
        pass


def test_notes_change_and_a_kept_lock_stays(path: Path) -> None:
    lock = FileLock(path, name="a").take()
    lock.note(name="b")
    lock.release(keep=True)
    held = read_lock(path)
    assert held is not None
    assert held.notes == {"name": "b"}


@pytest.mark.parametrize("changes", [{"pid": 2**22 + 1}, {"started": "1"}])
def test_the_lock_of_a_process_that_is_gone_is_taken_over(path: Path, changes: dict[str, object]) -> None:
    of_another(path, **changes)
    with FileLock(path).take() as lock:
        assert lock.held
        assert [entry.name for entry in path.parent.iterdir()] == ["run.lock"]


@pytest.mark.parametrize("changes", [{"namespace": "pid:[1]"}, {"boot": "other", "host": "other"}])
def test_a_process_elsewhere_holds_its_lock_while_its_heart_beats(path: Path, changes: dict[str, object]) -> None:
    of_another(path, SILENT_SECONDS / 2, **changes)
    with pytest.raises(LockedError, match="is in use by process"):
        FileLock(path).take()
    of_another(path, SILENT_SECONDS + 5, **changes)
    with FileLock(path).take() as lock:
        assert lock.held


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b'{"owner": {"pid": 1e999}}', b"\xff", b"[1]"])
def test_a_damaged_lock_counts_until_it_is_old(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(LockedError, match="is in use by a process that its damaged lock does not name"):
        FileLock(path).take()
    os.utime(path, (0, 0))
    FileLock(path).take().release()


@pytest.mark.parametrize("changes", [{"pid": -1}, {"pid": 10**30}, {"since": 1e300}, {"since": float("nan")}])
def test_numbers_that_no_process_has_make_a_damaged_lock(path: Path, changes: dict[str, object]) -> None:
    of_another(path, boot="other", **changes)
    with pytest.raises(LockedError, match="is in use by a process that its damaged lock does not name"):
        FileLock(path).take()


def test_a_host_of_any_name_is_shown_in_one_short_line(path: Path) -> None:
    of_another(path, boot="other", host="hera\x1b[31m\n" + "h" * 10_000)
    with pytest.raises(
        LockedError, match=r"on hera\?\[31m\?h{,60}, started .* \(it can't be seen from here: "
    ) as refused:
        FileLock(path).take()
    assert len(str(refused.value)) < 400


def test_a_heartbeat_of_the_future_is_dated_now_so_that_silence_ends_it(path: Path) -> None:
    of_another(path, -1e8, boot="other")
    with pytest.raises(LockedError, match="without another sign of life its lock is void in 2 min"):
        FileLock(path).take()
    assert path.stat().st_mtime < time.time() + SILENT_SECONDS


@pytest.mark.skipif(os.name != "posix", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "dangling link"])
def test_what_is_no_lock_is_named_and_never_waited_for(path: Path, kind: str) -> None:
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path if kind == "loop" else "nowhere")
    with pytest.raises(UnreadableLockError, match=rf"lock {path}.*remove it$"):
        FileLock(path).take()


def test_a_killed_process_leaves_names_that_the_next_save_sweeps(path: Path) -> None:
    lock = FileLock(path).take()
    with lock._written() as content:
        assert _TEMPORARY.fullmatch(content.name)
    lock.release()


def test_a_refresh_is_a_sign_of_life_and_puts_a_deleted_lock_back(path: Path) -> None:
    with FileLock(path).take() as lock:
        os.utime(path, (0, 0))
        lock.refresh()
        held = read_lock(path)
        assert held is not None
        assert held.silent_seconds < SILENT_SECONDS
        path.unlink()
        lock.refresh()
        assert path.exists()


def test_a_lock_that_was_taken_over_is_not_touched(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lock = FileLock(path).take()
    of_another(path)
    lock.refresh()
    assert "was taken over by process" in caplog.text
    assert lock.taken_by is not None
    assert lock.taken_by.token == "other"
    lock.move(path.with_name("second.lock"))
    assert lock.taken_by is None
    lock.refresh()
    lock.release()
    held = read_lock(path)
    assert held is not None
    assert held.token == "other"
    assert [entry.name for entry in path.parent.iterdir()] == ["run.lock"]


def test_a_lock_does_not_move_to_where_another_one_is(path: Path) -> None:
    second = path.with_name("second.lock")
    with FileLock(path).take() as lock:
        of_another(second)
        with pytest.raises(LockedError, match="is in use by process"):
            lock.move(second)
        assert lock.path == path


def test_a_lock_that_counts_is_described_with_its_end_and_an_owner_without(path: Path) -> None:
    of_another(path, host="elsewhere", machine="other", boot="other")
    held = read_lock(path)
    assert held is not None
    assert "its lock is void in" in held.described()
    assert held.described().startswith(held.who)
    assert "void" not in held.who


def test_a_lock_that_came_meanwhile_is_not_removed_as_stale(path: Path) -> None:
    of_another(path, started="1")
    stale = read_lock(path)
    assert stale is not None
    path.unlink()
    with FileLock(path).take() as lock:
        FileLock(path)._remove_stale(stale)
        assert lock._is_mine()


def test_file_systems_without_links_work_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with FileLock(path).take(), pytest.raises(LockedError):
        FileLock(path).take()
