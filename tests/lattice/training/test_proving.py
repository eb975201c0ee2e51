"""Proof of resume: what is compared, what is found, and that the run is as it was before."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.errors import CheckpointError, ConfigError, ResumeProofError
from lattice.plugin_loading import load_plugin, unload
from lattice.plugins import OBJECTIVES
from lattice.progress import Cancelled
from lattice.training import proof_process, proving
from lattice.training.aside import aside
from lattice.training.proving import first_difference
from lattice.training.resume_proof import ResumeProof
from lattice.training.saving import read_run, run_tensors
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.conftest import SMALL
from tests.lattice.plugin_files import OBJECTIVE


@pytest.fixture
def trainer(tmp_path: Path) -> EmbeddingTrainer:
    """A run on a file, which another process can read again."""
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).normal(size=(24, 12)).astype(np.float32))
    config = SimpleProjectConfig().override([*SMALL, "training_embedding.objective=denoise"])
    config = config.replaced({"training_embedding.data": str(tmp_path / "rows.npy")})
    return EmbeddingTrainer(config, load_dataset(config.training_embedding, config.data, config.teacher))


def copies(trainer: EmbeddingTrainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in run_tensors(trainer).items()}


def course(trainer: EmbeddingTrainer, steps: int) -> list[object]:
    reports = [trainer.step() for _ in range(steps)]
    return [(report.losses, report.learning_rate, report.gradient_norms, report.diverged) for report in reports]


def other_process(monkeypatch, code: str) -> None:
    """Let the other process run `code` with FOLDER in it; stands in for one that resumes."""
    real = proving.subprocess.Popen
    monkeypatch.setattr(
        proving.subprocess,
        "Popen",
        lambda command, **more: real([command[0], "-c", f"FOLDER = {command[3]!r}\n{code}"], **more),
    )


@pytest.mark.parametrize("done", [0, 3])
def test_training_steps_aside_leave_the_run_as_it_was(trainer: EmbeddingTrainer, done: int) -> None:
    twin = EmbeddingTrainer(trainer.config, trainer.dataset)
    course(trainer, done)
    course(twin, done)
    before = copies(trainer)
    with aside(trainer):
        course(trainer, 4)
        torch.rand(3)
        assert trainer.training_step == done + 4
    after = run_tensors(trainer)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert course(trainer, 5) == course(twin, 5)


def test_an_error_aside_leaves_the_run_as_it_was(trainer: EmbeddingTrainer) -> None:
    before = copies(trainer)

    def give_up() -> None:
        with aside(trainer):
            trainer.step()
            raise Cancelled

    with pytest.raises(Cancelled):
        give_up()
    assert all(torch.equal(before[name], value) for name, value in run_tensors(trainer).items())


def test_a_run_resumes_in_another_process_and_the_proof_is_kept(trainer: EmbeddingTrainer, tmp_path: Path) -> None:
    course(trainer, 3)
    told: list[tuple[int, int | None]] = []
    proof = trainer.prove_resume(2, lambda _what, done, total: told.append((done, total)))
    assert (proof.equal, proof.difference, proof.steps, proof.training_step) == (True, "", 2, 3)
    assert proof.tensors == len(run_tensors(trainer))
    assert "resumes bit for bit: 2 training steps after step 3" in proof.summary()
    assert told[0] == (0, 4)
    assert trainer.training_step == 3
    trainer.save(tmp_path / "run.safetensors")
    assert read_run(tmp_path / "run.safetensors").resume_proof == proof
    assert EmbeddingTrainer.resume(tmp_path / "run.safetensors").resume_proof == proof


def test_a_difference_in_the_other_process_is_found_and_named(trainer: EmbeddingTrainer, monkeypatch) -> None:
    course(trainer, 1)

    def go_on_otherwise(_run, folder: Path, _steps: int, _progress) -> None:
        other = EmbeddingTrainer.resume(folder / "start.safetensors")
        next(iter(other.optimizer.state.values()))["exp_avg_sq"] += 1e-9
        (folder / "steps.jsonl").write_text(json.dumps(other.step().losses) + "\n", encoding="utf-8")
        other.save(folder / "end.safetensors")

    monkeypatch.setattr(proving, "_go_on_there", go_on_otherwise)
    proof = trainer.prove_resume(1)
    assert not proof.equal
    assert "the tensor optimizer." in proof.difference
    assert "does not resume bit for bit" in proof.summary()


def test_the_other_process_sets_plugins_up_as_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mask.py"
    path.write_text(OBJECTIVE.replace("def setup(", "def register("), encoding="utf-8")
    name = load_plugin(path, setup="register").name
    unload(name)
    told = {"plugins": [(name, "register")], "policy": None, "threads": 1, "steps": 0}
    (tmp_path / "request.json").write_text(json.dumps(told), encoding="utf-8")
    try:
        with pytest.raises(CheckpointError):  # there is no save, which is read after them
            proof_process.go_on(tmp_path)
        assert "mask" in OBJECTIVES
    finally:
        unload(name)


def test_a_process_that_fails_is_one_readable_line(trainer: EmbeddingTrainer, monkeypatch) -> None:
    before = copies(trainer)
    other_process(monkeypatch, "import sys; print('no data here', file=sys.stderr); sys.exit(2)")
    with pytest.raises(ResumeProofError, match="the other process can't go on from a save of this run: no data here"):
        trainer.prove_resume(1)
    assert trainer.resume_proof is None
    assert all(torch.equal(before[name], value) for name, value in run_tensors(trainer).items())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="asks whether a process is there by a signal")
def test_a_cancel_ends_the_other_process(trainer: EmbeddingTrainer, monkeypatch) -> None:
    other_process(monkeypatch, "import time; time.sleep(600)")
    started = []
    real = proving.subprocess.Popen
    monkeypatch.setattr(
        proving.subprocess, "Popen", lambda *args, **more: started.append(real(*args, **more)) or started[0]
    )

    def cancel(_what: str, _done: int, _total: int | None) -> None:
        if started:
            raise Cancelled

    with pytest.raises(Cancelled):
        trainer.prove_resume(1, cancel)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


def test_no_training_steps_prove_nothing(trainer: EmbeddingTrainer) -> None:
    with pytest.raises(ConfigError, match="at least 1 training step, got 0"):
        trainer.prove_resume(0)


def test_a_rebuilt_student_has_no_proof(trainer: EmbeddingTrainer) -> None:
    trainer.resume_proof = ResumeProof(1, 1, True, "", 3, 0.1, "cpu", {})
    trainer.apply(trainer.config.override(["optimizer.learning_rate=0.001"]))
    assert trainer.resume_proof is not None
    trainer.apply(trainer.config.override(["model.state_size=5"]))
    assert trainer.resume_proof is None


ZERO, MINUS_ZERO, NAN = torch.tensor([0.0]), torch.tensor([-0.0]), torch.tensor([float("nan")])


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ({"a": NAN}, {"a": NAN}, ""),
        ({"a": ZERO}, {"a": MINUS_ZERO}, "the tensor a differs by up to 0"),
        ({"a": ZERO, "b": ZERO}, {"a": ZERO, "b": ZERO + 2}, "the tensor b differs by up to 2"),
        ({"a": ZERO}, {}, "the tensor a is only here"),
        ({}, {"a": ZERO}, "the tensor a is only there"),
        ({"a": ZERO}, {"a": torch.zeros(2)}, r"a is torch.float32 [2] in place of torch.float32 [1]"),
    ],
)
def test_tensors_are_compared_by_their_bits(here, there, words: str) -> None:
    assert first_difference([], [], here, there) == words


def test_a_loss_that_differs_comes_first() -> None:
    mine, other = [{"total": 1.0}, {"total": 2.0}], [{"total": 1.0}, {"total": 2.5}]
    found = first_difference(mine, other, {"a": ZERO}, {"a": ZERO + 1})
    assert found == "the loss 'total' of training step 2 is 2.5 in place of 2.0"


@pytest.mark.parametrize(
    "note", [None, 3, {}, {"steps": 1}, {**ResumeProof(1, 1, True, "", 3, 0.1, "cpu").to_dict(), "steps": "many"}]
)
def test_a_note_that_is_no_proof_is_left_out(note: object) -> None:
    assert ResumeProof.from_note(note) is None
