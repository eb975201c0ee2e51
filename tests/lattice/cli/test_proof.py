"""`--prove-resume`: the proof at the run's end, its exit code, and where it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lattice.cli.main import run_command_line
from lattice.cli.proof import prove
from lattice.cli.signals import StopSwitch
from lattice.errors import ResumeProofError
from lattice.training.resume_proof import ResumeProof
from lattice.training.saving import read_run
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.conftest import SMALL


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(24, 12)).astype(np.float32))
    settings = [part for setting in (*SMALL, "training_embedding.training_steps=2") for part in ("--set", setting)]
    return ["--headless", "--data", str(tmp_path / "rows.npy"), *settings, "--json"]


def answering(monkeypatch: pytest.MonkeyPatch, difference: str) -> None:
    """Let the proof find something without another process."""

    def found(trainer: EmbeddingTrainer, steps: int, _progress: object) -> ResumeProof:
        return ResumeProof(trainer.training_step, steps, not difference, difference, 34, 0.5, "cpu", {"torch": "2"})

    monkeypatch.setattr("lattice.training.trainer.prove_resume", found)


@pytest.mark.parametrize(("difference", "code"), [("", 0), ("the tensor x differs by up to 1", 6)])
def test_the_proof_is_told_kept_and_ends_with_its_code(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    difference: str,
    code: int,
) -> None:
    answering(monkeypatch, difference)
    out = tmp_path / "run"
    assert run_command_line([*command, "--prove-resume", "5", "--out", str(out)], lambda _: 1) == code
    told = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["resume_proof"]
    assert (told["training_step"], told["steps"], told["difference"]) == (2, 5, difference)
    kept = read_run(out / "checkpoint.safetensors").resume_proof
    assert kept is not None
    assert kept.to_dict() == told


def test_a_process_that_can_not_go_on_has_the_same_code_and_the_run_is_saved(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> ResumeProof:
        raise ResumeProofError("the other process can't go on from a save of this run: no data")

    monkeypatch.setattr("lattice.training.trainer.prove_resume", failing)
    assert run_command_line([*command, "--prove-resume", "5", "--out", str(tmp_path / "run")], lambda _: 1) == 6
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "the other process can't go on from a save of this run: no data" in line
    assert "Training step 2 is saved in" in line


def test_a_diverged_run_ends_early_with_its_code_where_that_is_requested(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lattice.training.divergence.DIVERGED", 0.5)  # the first step is a thousandfold already
    assert run_command_line(command, lambda _: 1) == 0
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1])["training_steps"] == 2
    pausing = ["--set", "training_embedding.on_divergence=pause"]
    assert run_command_line([*command, *pausing], lambda _: 1) == 7
    told = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert (told["training_steps"], told["diverged"]) == (1, True)


def test_a_signal_leaves_the_proof_out(caplog: pytest.LogCaptureFixture) -> None:
    switch = StopSwitch()
    with switch.patient("never"):
        switch.press(2)
    assert prove(None, 3, switch) is None  # type: ignore[arg-type]
    assert "The proof of resume was left out, because the run was stopped" in caplog.text
