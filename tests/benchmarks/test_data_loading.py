"""The benchmark of loading: what its two sides read, how it judges them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from benchmarks import data_loading
from benchmarks.data_loading import child, load, main, read_and_copy, read_only, write_embeddings

ROWS, WIDTH = 3000, 32


@pytest.fixture(params=[".safetensors", ".npy"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write_embeddings(tmp_path / f"data{request.param}", ROWS, WIDTH)
    return tmp_path / f"data{request.param}"


def test_both_sides_take_all_rows(path: Path) -> None:
    assert read_and_copy(path, ROWS, WIDTH)["samples"] == read_only(path)["samples"] == load(path, None)["samples"]


def test_a_child_counts_its_shortest_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from Linux's /proc")
    runs = []
    monkeypatch.setattr(data_loading, "load", lambda *_: runs.append(torch.empty(1)))
    child("load", path, ROWS, WIDTH)
    assert json.loads(capsys.readouterr().out)["seconds"] < 1
    assert len(runs) == data_loading.TURNS


@pytest.mark.parametrize(
    ("load_seconds", "peak", "status"), [(1.2, 1.0, 0), (1.3, 1.0, 1), (1.2, 1.3, 1)], ids=["met", "slow", "large"]
)
def test_a_missed_target_fails_the_check(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    load_seconds: float,
    peak: float,
    status: int,
) -> None:
    seconds = {"yardstick": 1.0, "read": 0.5, "load": load_seconds}
    size = ROWS * WIDTH * 2
    monkeypatch.setattr(
        data_loading, "in_own_process", lambda what, *_: {"seconds": seconds[what], "peak_bytes": peak * size}
    )
    options = ["--only", "full", "--rows", str(ROWS), "--width", str(WIDTH), "--rounds", "2"]
    assert main([*options, "--check"]) == status
    assert main(options) == 0
    text = capsys.readouterr().out
    assert "into place" in text
    assert f"({1 / load_seconds:.0%}); peak memory {peak:.2f}x" in text
