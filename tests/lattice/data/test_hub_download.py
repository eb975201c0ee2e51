"""Fetching a teacher from a hub: a small one of our own, on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants as hub_constants
import pytest

from lattice.config.teacher import TeacherSettings
from lattice.data.hub_download import download, list_files
from lattice.data.teacher import load_teacher
from lattice.progress import Cancelled

NAME, COMMIT = "someone/a-teacher", "0123456789abcdef0123456789abcdef01234567"
USELESS = {"pytorch_model.bin": b"x" * 100, "onnx/model.safetensors": b"x" * 100, "README.md": b"hello"}


class Hub(ThreadingHTTPServer):
    """Serves one model."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} | USELESS
        self.fetched: list[str] = []


class Answer(BaseHTTPRequestHandler):
    """One request to the hub."""

    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        file = path.partition(f"/{NAME}/resolve/main/")[2]
        if path.startswith(f"/api/models/{NAME}"):
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.server.files.items()]
            self._send(json.dumps({"id": NAME, "sha": COMMIT, "siblings": siblings}).encode(), 200, body=body)
        elif file in self.server.files:
            if body:
                self.server.fetched.append(file)
            self._send(self.server.files[file], 200, body=body)
        else:
            self._send(b"{}", 404, body=body)

    def _send(self, data: bytes, status: int, *, body: bool) -> None:
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else status)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if status == 404:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.end_headers()
        if body:
            with contextlib.suppress(ConnectionError):  # whoever asked has cancelled
                self.wfile.write(data[start:])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(tiny_distilbert: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub(tiny_distilbert)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(hub_constants, "ENDPOINT", address)
    monkeypatch.setattr(
        hub_constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    monkeypatch.setattr(hub_constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub_constants, "DOWNLOAD_CHUNK_SIZE", 1 << 16)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
    shutil.rmtree(Path(hub_constants.HF_HUB_CACHE) / f"models--{NAME.replace('/', '--')}", ignore_errors=True)


def test_what_a_teacher_needs_is_fetched_once_and_told_in_bytes(hub: Hub) -> None:
    told: list[tuple[str, int, int | None]] = []
    download(NAME, "main", lambda *report: told.append(report))
    needed = {name: data for name, data in hub.files.items() if name not in USELESS}
    assert sorted(hub.fetched) == sorted(needed)
    size = sum(len(data) for data in needed.values())
    amounts = [done for _, done, _ in told]
    assert amounts[0] == 0
    assert amounts == sorted(amounts)
    assert len(set(amounts)) > len(needed)
    assert told[-1] == (f"downloading teacher {NAME}", size, size)
    hub.fetched.clear()
    download(NAME, "main", lambda *report: None)
    assert hub.fetched == []


def test_the_modules_of_a_folder_are_fetched_and_nothing_else(hub: Hub) -> None:
    hub.files |= {
        "2_Dense/config.json": b"{}", "2_Dense/pytorch_model.bin": b"y", "3_Dense/model.safetensors": b"z",
        "3_Dense/pytorch_model.bin": b"z", "0_Transformer/vocab.txt": b"v", "openvino/config.json": b"{}",
    }  # fmt: skip
    wanted = list_files(NAME, "main")
    folders = {name for name in wanted if "/" in name}
    assert folders == {
        "2_Dense/config.json", "2_Dense/pytorch_model.bin", "3_Dense/model.safetensors", "0_Transformer/vocab.txt",
    }  # fmt: skip
    assert "pytorch_model.bin" not in wanted


def test_a_cancelled_download_keeps_whole_files_and_leaves_no_parts(hub: Hub) -> None:
    def cancel_half_way(_what: str, done: int, total: int | None) -> None:
        assert total is not None
        if done > total // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        download(NAME, "main", cancel_half_way)
    before = set(hub.fetched)
    assert "model.safetensors" in before
    assert list(Path(hub_constants.HF_HUB_CACHE).rglob("*.incomplete")) == []
    hub.fetched.clear()
    download(NAME, "main", lambda *report: None)
    assert "model.safetensors" in hub.fetched
    assert not set(hub.fetched) & (before - {"model.safetensors"})


def test_a_teacher_comes_from_the_hub_with_progress(hub: Hub) -> None:
    told: list[str] = []
    teacher = load_teacher(TeacherSettings(model=NAME), progress=lambda what, _done, _total: told.append(what))
    assert teacher.width == 768
    assert told[0] == f"loading teacher {NAME}"
    assert f"downloading teacher {NAME}" in told
    fetched = len(hub.fetched)
    load_teacher(TeacherSettings(model=NAME))
    assert len(hub.fetched) == fetched
