"""Pushing to the hub: a small server on this machine takes what the hub's own client sends."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from lattice.cli.export import export
from lattice.errors import ConfigError, ExportError
from lattice.exporting.hub import files_to_push, push_to_hub
from lattice.progress import Cancelled


class Hub(ThreadingHTTPServer):
    """Knows one repository and keeps what is committed to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.status, self.private = 200, True
        self.created: dict[str, object] = {}
        self.files: dict[str, bytes] = {}
        self.tokens: set[str | None] = set()


class Answers(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self._answer({"id": "me/cube", "private": self.server.private, "siblings": [], "tags": []}, self.server.status)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hub = self.server
        hub.tokens.add(self.headers.get("Authorization"))
        if hub.status != 200:
            self._answer({"error": "refused"}, hub.status)
        elif self.path == "/api/repos/create":
            hub.created = json.loads(body)
            self._answer({"url": f"http://127.0.0.1:{hub.server_port}/me/cube", "id": "me/cube"})
        elif "/preupload/" in self.path:
            sent = json.loads(body)["files"]
            self._answer(
                {"files": [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in sent]}
            )
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    hub.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            self._answer(
                {
                    "commitUrl": f"http://127.0.0.1:{hub.server_port}/me/cube/commit/1",
                    "commitOid": "1",
                    "pullRequestUrl": None,
                }
            )
        else:
            self._answer({"errors": [], "warnings": []})  # the check of the card's metadata

    def _answer(self, values: object, status: int = 200) -> None:
        body = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
    huggingface_hub.close_session()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    for name in ("cube.safetensors", "cube.safetensors.md", "cube.onnx", "cube.onnx.md", "cube.pt2", "other.onnx"):
        (tmp_path / name).write_text(f"---\nlibrary_name: cellcube\n---\n{name}", encoding="utf-8")
    return tmp_path / "cube.safetensors"


def test_the_file_its_other_forms_and_its_card_are_pushed_privately(hub: Hub, exported: Path) -> None:
    told: list[int] = []
    pushed = push_to_hub(exported, "me/cube", progress=lambda _what, done, _total: told.append(done))
    assert hub.files["README.md"] == (exported.parent / "cube.safetensors.md").read_bytes()
    assert hub.files["cube.onnx"] == (exported.parent / "cube.onnx").read_bytes()
    assert set(hub.files) == {"cube.safetensors", "cube.onnx", "README.md"}
    assert "private" in hub.created.values()
    assert "Bearer hf_secret" in hub.tokens
    assert (pushed.private, told) == (True, [0, 1])
    assert "private: only its owner sees it" in pushed.summary()
    assert pushed.url.endswith("/me/cube")


def test_a_public_repository_needs_a_word(hub: Hub, exported: Path) -> None:
    hub.private = False
    with pytest.raises(ExportError, match=r"me/cube is public, so anyone could see .*: say that this is wanted"):
        push_to_hub(exported, "me/cube")
    assert hub.files == {}
    pushed = push_to_hub(exported, "me/cube", public=True)
    assert "public" in hub.created.values()
    assert "public: anyone can see and download it" in pushed.summary()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept the stored token for me/cube: type hf auth login"),
        (403, "the stored token may not write to me/cube"),
        (404, "knows no owner of me/cube"),
        (418, r"refused to take me/cube \(status 418\)"),
    ],
)
def test_a_refusal_is_one_line_with_the_way_on(hub: Hub, exported: Path, status: int, words: str) -> None:
    hub.status = status
    with pytest.raises(ExportError, match=words) as refused:
        push_to_hub(exported, "me/cube")
    assert "\n" not in str(refused.value)


def test_an_upload_that_fails_half_way_says_why(hub: Hub, exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("Error while uploading 'cube.onnx' to the Hub.") from OSError("the storage is full")

    monkeypatch.setattr(huggingface_hub.HfApi, "create_commit", fails)
    words = (
        r"upload to me/cube failed: Error while uploading 'cube\.onnx' .* the storage is full\. The export stays in "
    )
    with pytest.raises(ExportError, match=words):
        push_to_hub(exported, "me/cube")


def test_without_a_network_the_export_stays(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ExportError, match=r"at http://127.0.0.1:9 can't be reached: .*The export stays in .*cube\.saf"):
        push_to_hub(exported, "me/cube")


def test_nobody_logged_in_says_how(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(ExportError, match="nobody is logged in to the Hugging Face hub: type hf auth login"):
        push_to_hub(exported, "me/cube")


def test_a_name_that_is_none_is_refused(hub: Hub, exported: Path) -> None:
    with pytest.raises(ExportError, match="'a/b/c' can't name a repository, expected owner/name"):
        push_to_hub(exported, "a/b/c")


def test_a_cancel_commits_nothing(hub: Hub, exported: Path) -> None:
    def cancel(_what: str, done: int, _total: int | None) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        push_to_hub(exported, "me/cube", progress=cancel)
    assert hub.files == {}


def test_what_was_not_exported_is_not_pushed(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"can't push .*cube\.onnx: export it first"):
        files_to_push(tmp_path / "cube.onnx")


def test_the_command_line_exports_then_pushes(hub: Hub, small_trainer, tmp_path: Path, capsys, monkeypatch) -> None:
    trainer = small_trainer("model.rule=diffusion")
    monkeypatch.setattr("lattice.training.trainer.EmbeddingTrainer.resume", lambda *_args, **_more: trainer)
    out = tmp_path / "cube.safetensors"
    assert export(tmp_path / "run.safetensors", out, None, as_json=True, repo="me/cube") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pushed"] == {"url": told["pushed"]["url"], "private": True, "files": ["cube.safetensors", "README.md"]}
    assert hub.files["cube.safetensors"] == out.read_bytes()


def test_a_push_needs_an_export() -> None:
    from lattice.cli.main import run_command_line

    with pytest.raises(ConfigError, match="--push-to-hub me/cube needs --export FILE"):
        export(None, None, None, as_json=False, repo="me/cube")
    assert run_command_line(["--push-to-hub", "me/cube"], lambda _: 1) == 2
