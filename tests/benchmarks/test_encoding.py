"""The benchmark of encoding: a tiny model through both sides, and which ratio and difference fail the check."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest
import torch

from benchmarks import encoding
from lattice.config import TeacherSettings
from lattice.data import load_teacher
from tests.teachers import save_tiny_distilbert


class Peer:
    """Stands in for the other side, which the tests do not install."""

    shift = 0.0

    def __init__(self, source: str, device: str) -> None:
        self.teacher = load_teacher(TeacherSettings(model=source), device)

    def to(self, precision: torch.dtype) -> Peer:
        assert precision == torch.float32
        return self

    def encode(self, texts: list[str], **_: Any) -> torch.Tensor:
        return self.teacher.encode(texts, use_cache=False) + self.shift


@pytest.mark.parametrize(("peer_seconds", "shift", "code"), [(2.0, 0.0, 0), (0.5, 0.0, 1), (2.0, 0.01, 1)])
def test_a_slower_encoder_or_other_rows_fail_the_check(
    tmp_path, monkeypatch, capsys, peer_seconds: float, shift: float, code: int
) -> None:
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = Peer
    monkeypatch.setattr(Peer, "shift", shift)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    monkeypatch.setattr(encoding, "best_seconds", lambda ways, **_: dict(zip(ways, (1.0, peer_seconds), strict=True)))
    folder = save_tiny_distilbert(tmp_path / "tiny")
    assert encoding.main(["--texts", "8", "--teacher", str(folder), "--check", "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert found["texts_per_second"] == {"cellcube": 8.0, "sentence-transformers": 8.0 / peer_seconds}
    assert found["ratio"] == peer_seconds
    assert found["precision"] == "torch.float32"
    assert found["largest_difference"] == pytest.approx(shift, abs=1e-5)
