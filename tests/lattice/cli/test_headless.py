"""Training in the terminal, as a person would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pytest
import safetensors.torch
import torch

from lattice.cli.arguments import build_parser
from lattice.cli.endings import NOT_SAVED
from lattice.cli.headless import run_headless
from lattice.cli.main import run_command_line
from lattice.errors import CheckpointError, NonFiniteError
from lattice.runs.lock import FileLock
from lattice.runs.peek import peek
from lattice.training.trainer import EmbeddingTrainer

ROOT = Path(__file__).resolve().parents[3]

SMALL = [
    "--set", "lattice.dimensions=[4, 4, 4]", "--set", "model.state_size=6", "--set", "lattice.lattice_steps=2",
    "--set", "lattice.adaptive_radius_ratio=0.4", "--set", "training_embedding.batch_size=4",
    "--set", "training_embedding.evaluation_samples=16", "--set", "training_embedding.evaluate_every=4",
    "--device", "cpu",
]  # fmt: skip

TIMINGS = {"steps_per_second", "cell_updates_per_second", "checkpoint"}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.npy"
    np.save(path, np.random.default_rng(0).normal(size=(80, 12)).astype(np.float32))
    return path


def no_window(_: object) -> int:
    raise AssertionError("a window was asked for")


def headless(*argv: str) -> int:
    return run_command_line(["--headless", *SMALL, *argv], no_window)


def last_json(text: str) -> dict[str, object]:
    values: dict[str, object] = json.loads(text.strip().splitlines()[-1])
    return values


def test_a_run_leaves_its_figures_settings_and_checkpoint(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert headless("--data", str(rows), "--training-steps", "9", "--out", str(out), "--json") == 0
    summary = last_json(capsys.readouterr().out)
    assert summary["training_steps"] == 9
    data = summary["data"]
    assert isinstance(data, dict)
    assert (data["source"], data["guesses"], data["left_aside"]) == (str(rows), [], [])
    assert summary["device"] == "cpu"
    assert summary["checkpoint"] == str(out / "checkpoint.safetensors")
    wanted = "val_cosine val_nmse val_retrieval_at_1 t0_val_cosine pca_val_cosine linear_val_cosine steps_per_second"
    assert all(isinstance(summary[key], float) for key in [*wanted.split(), "cell_updates_per_second"])
    settings = tomllib.loads((out / "config.toml").read_text(encoding="utf-8"))
    assert settings["lattice"]["dimensions"] == [4, 4, 4]
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["training_step"] for line in lines if line["kind"] == "step"] == list(range(1, 10))
    evaluations = [line for line in lines if line["kind"] == "evaluation"]
    assert [line["training_step"] for line in evaluations] == [0, 4, 8, 9]
    assert evaluations[-1]["student"]["cosine"] == summary["val_cosine"]
    assert evaluations[-1]["mlp"]["cosine"] == summary["mlp_val_cosine"]
    assert evaluations[0]["student"]["cosine"] == summary["before_training_val_cosine"]
    assert headless("--resume", summary["checkpoint"], "--json") == 0
    resumed = last_json(capsys.readouterr().out)
    assert {key: value for key, value in resumed.items() if key not in TIMINGS} == {
        key: value for key, value in summary.items() if key not in TIMINGS
    }


def test_people_read_every_score_with_its_name(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert headless("--data", str(rows), "--training-steps", "2") == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    names = ("validation", "without rollout", "before training", "MLP", "linear", "PCA", "identity")
    for name in names:
        assert sum(line.startswith(f"{name}  ") for line in lines) == 1
    assert any("squared error" in line and "retrieval at 1" in line for line in lines)
    assert any("(rank 12: the embedding's width)" in line for line in lines)


def test_the_same_seed_gives_the_same_figures(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = []
    for seed in ("1", "1", "2"):
        assert headless("--data", str(rows), "--training-steps", "5", "--seed", seed, "--json") == 0
        summary = last_json(capsys.readouterr().out)
        figures.append({key: value for key, value in summary.items() if key not in TIMINGS})
    assert figures[0] == figures[1]
    assert figures[0] != figures[2]


def test_stopping_and_resuming_in_new_processes_changes_nothing(rows: Path, tmp_path: Path) -> None:
    def run(*argv: str) -> None:
        command = [sys.executable, "main.py", "--headless", *SMALL, *argv]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr

    options = ["--data", str(rows), "--training-steps", "60", "--set", "training_embedding.objective=denoise"]
    run(*options, "--out", str(tmp_path / "whole"))
    run(*options, "--out", str(tmp_path / "half"), "--stop-at", "30")
    run("--resume", str(tmp_path / "half" / "checkpoint.safetensors"), "--out", str(tmp_path / "rest"))
    whole, rest = (
        safetensors.torch.load_file(tmp_path / name / "checkpoint.safetensors") for name in ("whole", "rest")
    )
    assert whole.keys() == rest.keys()
    assert any(name.startswith("optimizer.") for name in whole)
    # torch seeds its global generator at random in each process; no random choice of a run draws from it.
    assert all(torch.equal(whole[name], rest[name]) for name in whole if name != "rng.torch")

    def losses(*names: str) -> list[float]:
        lines = [line for name in names for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        return [entry["losses"]["total"] for entry in map(json.loads, lines) if entry["kind"] == "step"]

    assert losses("whole") == losses("half", "rest")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for child processes")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_is_told_by_the_exit_code(rows: Path, tmp_path: Path, number: int, code: int) -> None:
    command = [
        sys.executable, "main.py", "--headless", *SMALL, "--data", str(rows), "--training-steps", "100000",
        "--out", str(tmp_path / "run"),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    metrics = tmp_path / "run" / "metrics.jsonl"
    for _ in range(1200):
        if metrics.exists() and metrics.stat().st_size:
            break
        assert process.poll() is None, process.communicate()[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    steps = [json.loads(line) for line in metrics.read_text().splitlines()]
    done = max(entry["training_step"] for entry in steps)
    with safetensors.safe_open(tmp_path / "run" / "checkpoint.safetensors", framework="pt") as file:
        assert json.loads(file.metadata()["cellcube"])["counters"]["training_step"] == done


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--data", "/nowhere/rows.npy"], "/nowhere/rows.npy"),
        (["--set", "lattice.dimension=4"], "unknown setting 'lattice.dimension'"),
        (["--set", "lattice.lattice_steps=0"], "lattice.lattice_steps"),
        (["--config", "/nowhere/c.toml"], "can't read the configuration /nowhere/c.toml"),
        (["--resume", "/nowhere/c.safetensors"], "there is no checkpoint at /nowhere/c.safetensors"),
        (["--resume", "x", "--preset", "debug"], "leave --preset and --config out"),
        (["--stop-at", "-1"], "at least 1"),
    ],
)
def test_bad_input_ends_in_one_readable_line(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert headless(*argv) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.err.strip().splitlines()[-1].startswith("cellcube: ")
    assert "Traceback" not in printed.err
    assert printed.out == ""


def test_cuda_is_refused_where_there_is_none(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    assert headless("--data", str(rows), "--device", "cuda") == 2
    assert "cuda" in capsys.readouterr().err.lower()


def test_tiers_are_printed_for_any_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["--tiers", "9,12,14", "--set", "lattice.adaptive_radius_ratio=0.3"], no_window) == 0
    assert "9" in capsys.readouterr().out


def test_a_window_is_opened_for_everything_else() -> None:
    seen = []
    assert run_command_line(["--no-autostart"], lambda arguments: seen.append(arguments.no_autostart) or 7) == 7
    assert seen == [True]


def step_of(path: Path) -> int:
    head = peek(path)
    assert head is not None
    return head.training_step


def trained(rows: Path, out: Path, *more: str, steps: int = 3) -> int:
    return headless("--data", str(rows), "--training-steps", str(steps), "--out", str(out), *more)


def test_a_run_is_only_replaced_on_purpose_and_goes_on_in_its_folder(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    checkpoint = out / "checkpoint.safetensors"
    assert trained(rows, out) == 0
    before = checkpoint.read_bytes()
    assert trained(rows, out, steps=2) == 2
    assert f"{out} holds a run, at training step 3" in capsys.readouterr().err
    assert headless("--resume", str(out), "--seed", "5") == 2
    printed = capsys.readouterr().err
    assert "training_embedding.seed 0 -> 5" in printed
    assert "; leave the change out to go on, or say --restart-student" in printed
    with FileLock(out / "run.lock").take():
        assert headless("--resume", str(out)) == 2
    assert "is in use by process" in capsys.readouterr().err
    assert checkpoint.read_bytes() == before
    assert headless("--resume", str(out), "--training-steps", "5") == 0
    assert step_of(checkpoint) == 5
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["training_step"] for line in lines if line["kind"] == "step"] == [1, 2, 3, 4, 5]
    assert len({line["run_id"] for line in lines}) == 1
    assert len({line["session_id"] for line in lines}) == 2
    assert trained(rows, out, "--overwrite", steps=2) == 0
    assert step_of(checkpoint) == 2
    assert not (out / "run.lock").exists()


def test_nothing_left_to_train_says_so(rows: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = tmp_path / "run"
    assert trained(rows, out) == 0
    before = (out / "metrics.jsonl").read_text(encoding="utf-8")
    assert headless("--resume", str(out)) == 0
    assert "Nothing left to train: training step 3 is the last of the schedule" in caplog.text
    assert (out / "metrics.jsonl").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ZeroDivisionError("by design"), 1, "ZeroDivisionError: by design"),
        (NonFiniteError("training step 3: the loss is not finite"), 3, "the loss is not finite"),
        (MemoryError(), 4, "not enough memory"),
        (OSError(5, "Input/output error"), 1, "Input/output error"),
    ],
)
def test_an_error_saves_first_and_then_says_what_it_was(
    rows: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    words: str,
) -> None:
    fail_after(2, error, monkeypatch)
    assert trained(rows, tmp_path / "run") == code
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert words in line
    assert f"Training step 2 is saved in {tmp_path / 'run' / 'checkpoint.safetensors'}" in line
    assert step_of(tmp_path / "run" / "checkpoint.safetensors") == 2
    assert (tmp_path / "run" / "error.txt").exists() == (code == 1)


def fail_after(steps: int, error: Exception, monkeypatch: pytest.MonkeyPatch, *, updating: bool = False) -> None:
    """Let the training step after some others fail."""
    advance = EmbeddingTrainer.advance

    def failing(trainer: EmbeddingTrainer, count: int) -> object:
        if trainer.training_step == steps:
            trainer.updating = updating
            raise error
        return advance(trainer, count)

    monkeypatch.setattr(EmbeddingTrainer, "advance", failing)


def test_weights_in_the_middle_of_an_update_are_not_saved(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_after(3, MemoryError(), monkeypatch, updating=True)
    assert trained(rows, tmp_path / "run", "--save-every", "2", steps=9) == 4
    assert "in the middle of an update, so they were not saved. Training step 2 is saved" in capsys.readouterr().err
    assert step_of(tmp_path / "run" / "checkpoint.safetensors") == 2


@pytest.mark.parametrize("reader_gone", [False, True])
def test_a_disk_that_is_full_at_the_end_costs_the_place_and_not_the_run(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reader_gone: bool
) -> None:
    save = EmbeddingTrainer.save

    def full(trainer: EmbeddingTrainer, path: Path, notes: object = None) -> None:
        if trainer.training_step and path.parent == tmp_path / "run":
            raise CheckpointError(f"can't write the checkpoint {path}: No space left on device")
        save(trainer, path, notes)  # type: ignore[arg-type]

    def gone(*values: object, file: TextIO | None = None, **_: object) -> None:
        if file is None:
            raise BrokenPipeError(32, "Broken pipe")
        file.write("".join(map(str, values)))

    monkeypatch.setattr(EmbeddingTrainer, "save", full)
    if reader_gone:
        monkeypatch.setattr("lattice.cli.headless.print", gone, raising=False)
    assert trained(rows, tmp_path / "run") == 5
    printed = capsys.readouterr()
    line = printed.err.strip().splitlines()[-1]
    assert "could not be saved to its own folder; it was saved to" in line
    rescued = Path(line.rpartition("saved to ")[2])
    assert step_of(rescued) == 3
    assert reader_gone or f"checkpoint: {rescued}" in printed.out


def test_a_run_that_goes_on_beside_the_folder_that_was_requested_says_so_with_5(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    advance = EmbeddingTrainer.advance

    def overtaken(self: EmbeddingTrainer, *given: Any, **named: Any) -> Any:
        if self.training_step == 1:
            (out / "run.lock").unlink()
            taken.append(FileLock(out / "run.lock").take())
        return advance(self, *given, **named)

    taken: list[FileLock] = []
    monkeypatch.setattr(EmbeddingTrainer, "advance", overtaken)
    assert trained(rows, out) == NOT_SAVED
    taken[0].release()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "was requested" in line]
    assert line.endswith(f"is not this run's any more; it was saved to {tmp_path / 'run-2' / 'checkpoint.safetensors'}")


def test_that_nobody_reads_the_figures_is_no_failure_of_the_run(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("lattice.cli.headless.print", gone, raising=False)
    out = tmp_path / "run"
    line = ["--headless", *SMALL, "--data", str(rows), "--training-steps", "2", "--out", str(out)]
    with pytest.raises(BrokenPipeError):  # `run_command_line` ends with 141 then
        run_headless(build_parser().parse_args(line))
    assert step_of(out / "checkpoint.safetensors") == 2
    assert not (out / "error.txt").exists()


def test_an_export_does_not_replace_the_run_that_it_comes_from(
    rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert trained(rows, out) == 0
    before = (out / "best.safetensors").read_bytes()
    assert headless("--resume", str(out), "--export", str(out / "best.safetensors")) == 2
    assert "best.safetensors exists: choose another name, or replace it with --overwrite" in capsys.readouterr().err
    assert (out / "best.safetensors").read_bytes() == before
    assert headless("--resume", str(out), "--export", str(tmp_path / "cube.safetensors")) == 0
    assert step_of(tmp_path / "cube.safetensors") == 0, "weights alone"


def test_how_to_keep_a_run_needs_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert headless("--save-every", "5") == 2
    assert "name it with --out DIR" in capsys.readouterr().err
    assert headless("--restart-student") == 2
    assert "name a checkpoint with --resume FILE" in capsys.readouterr().err
