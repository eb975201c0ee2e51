"""Reading a file never waits for a pipe, never follows a device, and never takes more than was allowed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from lattice.regular_files import NotRegularError, TooLargeError, open_regular, read_within, reason

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with open_regular(path) as file:
        assert file.read() == b"content"
    assert read_within(path, 7) == b"content"


def test_a_file_above_the_limit_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with pytest.raises(TooLargeError) as refusal:
        read_within(path, 6)
    assert reason(refusal.value) == "it has 7 bytes, expected at most 6 bytes"


@pytest.mark.parametrize(("kind", "words"), [("pipe", "a named pipe"), ("folder", "a folder"), ("device", "a device")])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / "place"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    descriptors = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    with pytest.raises(NotRegularError) as refusal:
        open_regular(path)
    assert reason(refusal.value) == f"it is {words}, expected a file; copy what it gives into a file first"
    assert descriptors == (len(os.listdir("/proc/self/fd")) if descriptors else 0)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(OSError, match="No such device"):
            open_regular(Path("socket"))
