"""The head of a checkpoint, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lattice.runs.peek import Peek, peek


def written(path: Path, note: str) -> Path:
    safetensors.torch.save_file({"x": torch.zeros(1)}, path, metadata={"cellcube": note})
    return path


def test_a_head_is_read(tmp_path: Path) -> None:
    note = {"counters": {"training_step": 7}, "run_id": "abc", "notes": {"val_cosine": 0.5}}
    head = peek(written(tmp_path / "a.safetensors", json.dumps(note)))
    assert head == Peek(7, "abc", {"val_cosine": 0.5})
    assert head.val_cosine == 0.5
    old = peek(written(tmp_path / "b.safetensors", json.dumps({"counters": {}})))
    assert old == Peek(0, "", {})
    assert old.val_cosine is None


@pytest.mark.parametrize(
    "note", ["{", "[]", "[" * 100_000, '{"counters": {"training_step": 1e999}}', '{"counters": 3}', '{"notes": 3}']
)
def test_damaged_heads_are_none(tmp_path: Path, note: str) -> None:
    assert peek(written(tmp_path / "a.safetensors", note)) is None


def test_what_is_no_checkpoint_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"nothing")
    assert peek(tmp_path / "a") is None
    assert peek(tmp_path / "missing") is None
    assert peek(tmp_path) is None
