"""`--weights` and `--damage-report` as a person would type them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lattice.cli.main import run_command_line

SMALL = [
    "--set", "lattice.dimensions=[4, 4, 4]", "--set", "model.state_size=6", "--set", "lattice.lattice_steps=2",
    "--set", "training_embedding.batch_size=4", "--set", "training_embedding.evaluation_samples=4",
    "--set", "lattice.adaptive_radius_ratio=0.4", "--device", "cpu",
]  # fmt: skip


def no_window(_: object) -> int:
    raise AssertionError("a window was requested")


def headless(*argv: str) -> int:
    return run_command_line(["--headless", *argv], no_window)


def test_a_new_run_from_weights_says_what_fits_and_what_depends_on_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(32, 12)).astype(np.float32))
    np.save(tmp_path / "wide.npy", np.random.default_rng(1).normal(size=(32, 16)).astype(np.float32))
    out, checkpoint = str(tmp_path / "run"), str(tmp_path / "run" / "checkpoint.safetensors")
    assert headless(*SMALL, "--data", str(tmp_path / "rows.npy"), "--training-steps", "2", "--out", out) == 0
    capsys.readouterr()
    changed = ("--data", str(tmp_path / "wide.npy"), "--set", "lattice.dimensions=[5, 4, 4]", "--stop-at", "1")
    assert headless("--weights", checkpoint, *changed, "--damage-report", "--json") == 0
    summary = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert summary["training_steps"] == 1
    start = summary["weights"]
    assert (start["path"], start["training_step"], start["width"]) == (checkpoint, 2, 12)
    misfit = {"name": "mapper.project.weight", "shape": [16, 16], "stored": [16, 12], "why": ""}
    assert misfit in start["weights"]["left_out"]
    assert "prototype.gate.weight" in start["weights"]["taken"]
    assert any(text.startswith("lattice.adaptive_radius_ratio 0.4 -> 0.32") for text in start["settings"])
    assert summary["damage"]["by_share"][0]["cosine"] == pytest.approx(summary["val_cosine"], abs=1e-6)
    assert headless("--weights", checkpoint, "--resume", checkpoint) == 2
    assert "--resume goes on with a run, and --weights begins a new one" in capsys.readouterr().err
    assert headless("--weights", str(tmp_path / "rows.npy")) == 2
    assert "rows.npy is not a readable safetensors file" in capsys.readouterr().err
