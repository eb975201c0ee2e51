"""One writer at a place; what crashed, and what can't be seen from here, is told apart."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lattice.runs.lock import SILENT_SECONDS, FileLock, LockedError, read_lock
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
    with pytest.raises(LockedError, match="is in use by another process"):
        FileLock(path).take()
    os.utime(path, (0, 0))
    FileLock(path).take().release()


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
    lock.release()
    held = read_lock(path)
    assert held is not None
    assert held.token == "other"


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
