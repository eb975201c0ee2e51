"""A header of tensors is read alone, within its limit, and whatever is wrong with it is said in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from lattice.formats import CHECKPOINT_NOTE, HeaderError, is_checkpoint, read_tensors_header, tensors_header


def with_header(path: Path, header: bytes, *, stated: int | None = None) -> Path:
    path.write_bytes((len(header) if stated is None else stated).to_bytes(8, "little") + header)
    return path


def test_notes_and_tensors_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({"x": np.zeros(3, np.float32)}, path, metadata={CHECKPOINT_NOTE: "{}"})
    assert read_tensors_header(path)["x"]["shape"] == [3]
    assert is_checkpoint(path)


@pytest.mark.parametrize(
    ("header", "stated", "message"),
    [
        (b"[" * 200_000, None, "its header is damaged: it is nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", None, "its header is damaged: .*digits"),
        (b"{}", 3, "it may be cut short, or be something else"),
        (b"", 1 << 62, "it may be cut short, or be something else"),
        (b"[]", None, "its header is no table of tensors"),
        (json.dumps({"__metadata__": 3}).encode(), None, "its header is no table of tensors"),
        (b" " * (5 << 20), None, r"its header has 5\.2 MB, expected at most 4\.2 MB"),
    ],
    ids=["nested", "digits", "short", "empty", "list", "notes", "large"],
)
def test_what_is_wrong_with_a_header_is_one_line(
    tmp_path: Path, header: bytes, stated: int | None, message: str
) -> None:
    path = with_header(tmp_path / "a.safetensors", header, stated=stated)
    with pytest.raises(HeaderError, match=message) as refusal:
        read_tensors_header(path)
    assert "\n" not in str(refusal.value)
    assert tensors_header(path) is None
    assert not is_checkpoint(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(HeaderError, match="can't be read: it is a named pipe"):
        read_tensors_header(tmp_path / "a.safetensors")
