"""Checkpoints: bit-identical resuming, and clear errors for everything that is no checkpoint."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from lattice.data import EmbeddingDataset
from lattice.errors import CheckpointError
from lattice.training.checkpoint import optimizer_tensors, read_checkpoint, write_checkpoint
from lattice.training.saving import checkpoint_bytes
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]
DataMaker = Callable[..., EmbeddingDataset]


MISSING = "the package llvmlite is not installed"


def rewritten(path: Path, target: Path, change: Callable[[dict[str, torch.Tensor], dict[str, object]], None]) -> Path:
    """Copy a checkpoint with tensors and header changed."""
    with safetensors.safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["cellcube"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    header.pop("checksums")  # as in files from before they were noted: the other checks are looked at
    change(tensors, header)
    safetensors.torch.save_file(tensors, target, metadata={"cellcube": json.dumps(header)})
    return target


@pytest.mark.parametrize("edit", [[], ["lattice.dimensions=[3, 4, 4]"]], ids=["plain", "after a rebuild"])
def test_a_resumed_run_goes_on_bit_for_bit(
    small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path, edit: list[str]
) -> None:
    trainer = small_trainer("training_embedding.objective=denoise")
    trainer.advance(7)
    trainer.apply(trainer.config.override(edit))
    trainer.step()
    trainer.save(tmp_path / "run.safetensors")
    resumed = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=small_dataset())
    for _ in range(6):
        first, second = trainer.step(), resumed.step()
        assert first.losses == second.losses
        assert first.learning_rate == second.learning_rate
        assert first.training_step == second.training_step
    for name, value in trainer.student.state_dict().items():
        assert torch.equal(value, resumed.student.state_dict()[name]), name
    mine, theirs = (optimizer_tensors(run.optimizer, run.student) for run in (trainer, resumed))
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert resumed.total_steps == trainer.total_steps


def test_a_checkpoint_says_what_it_was_made_with(small_trainer: Maker, tmp_path: Path) -> None:
    trainer = small_trainer()
    trainer.save(tmp_path / "run.safetensors")
    with safetensors.safe_open(tmp_path / "run.safetensors", framework="pt") as file:
        header = json.loads(file.metadata()["cellcube"])
    assert header["versions"]["torch"] == str(torch.__version__)
    assert header["dataset"] == {"source": "random samples 0", "fingerprint": trainer.dataset.fingerprint}
    assert header["config"] == trainer.config.to_mapping()


@pytest.mark.parametrize(("damage", "kind"), [(0.4, "between"), (0.0, "interior")])
def test_a_run_of_before_damage_had_a_choice_goes_on_with_the_cells_it_damaged(
    small_trainer: Maker, tmp_path: Path, damage: float, kind: str
) -> None:
    def older(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
        del header["config"]["training_embedding"]["damaged_cells"]  # type: ignore[index]

    path = tmp_path / "run.safetensors"
    small_trainer(f"training_embedding.damage={damage}").save(path)
    read = read_checkpoint(rewritten(path, tmp_path / "older.safetensors", older))
    assert read.config.training_embedding.damaged_cells == kind


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_truncated_file_is_refused(small_trainer: Maker, tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.safetensors"
    small_trainer().save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"run\.safetensors is not a readable safetensors file"):
        EmbeddingTrainer.resume(path)


def test_tensors_of_ever_new_lengths_leave_no_types_behind(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "run.safetensors", {"curve": torch.zeros(1001)}, {})
    known = len(ctypes._pointer_type_cache)
    for length in range(1002, 1006):
        write_checkpoint(tmp_path / "run.safetensors", {"curve": torch.zeros(length)}, {})
    assert len(ctypes._pointer_type_cache) == known


def test_every_type_of_tensor_is_stored_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    types = (torch.uint8, torch.bool, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64)
    tensors = {str(kind): torch.arange(6).reshape(2, 3).to(kind).T for kind in types}
    tensors |= {"one": torch.tensor(3.0), "none": torch.zeros(0, 3)}
    for stored in (tensors, tensors | {"bfloat16": torch.ones(2, dtype=torch.bfloat16)}):
        write_checkpoint(path, stored, {})
        found = safetensors.torch.load_file(path)
        assert found.keys() == stored.keys()
        assert all(found[name].dtype == stored[name].dtype for name in stored)
        assert all(torch.equal(found[name], stored[name]) for name in stored)


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint at"):
        EmbeddingTrainer.resume(tmp_path / "none.safetensors")
    foreign = tmp_path / "foreign.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(2)}, foreign)
    with pytest.raises(CheckpointError, match="is a safetensors file, but no Cellcube checkpoint"):
        EmbeddingTrainer.resume(foreign)


def _newer(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    header["format_version"] = 99


def _of_the_first_rule(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    del header["rule_version"]


def _no_width(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    del header["width"]


def _odd_config(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    header["config"] = {"lattice": {"dimensions": [0, 1, 1]}}


def _odd_counters(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    header["counters"] = ["x"]


def _no_epoch(_: dict[str, torch.Tensor], header: dict[str, object]) -> None:
    header["counters"] = {"training_step": 1, "schedule_start": 0, "offset": 0}


def _lacking(tensors: dict[str, torch.Tensor], _: dict[str, object]) -> None:
    del tensors["student.prototype.gate.bias"]


def _misshapen(tensors: dict[str, torch.Tensor], _: dict[str, object]) -> None:
    tensors["student.prototype.gate.bias"] = torch.zeros(4)


def _extra(tensors: dict[str, torch.Tensor], _: dict[str, object]) -> None:
    tensors["student.surprise"] = torch.zeros(1)


def _odd_moment(tensors: dict[str, torch.Tensor], _: dict[str, object]) -> None:
    tensors["optimizer.prototype.gate.bias/exp_avg"] = torch.zeros(9)


def _stray_moment(tensors: dict[str, torch.Tensor], _: dict[str, object]) -> None:
    tensors["optimizer.nothing/exp_avg"] = torch.zeros(9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_newer, "has checkpoint format 99, but this version of Cellcube reads 1"),
        (
            _of_the_first_rule,
            "holds weights of version 1 of the cell rule 'experts', and what is loaded here computes version 2, .*: "
            "train again from the same configuration, or open it with the version that wrote it",
        ),
        (_no_width, "is damaged: width is missing"),
        (_odd_config, "the configuration stored in the checkpoint is not valid: .*dimensions"),
        (_odd_counters, "the metadata of .* is damaged"),
        (_no_epoch, "is damaged: the counter epoch is missing"),
        (_lacking, "lacks the student tensor 'prototype.gate.bias'"),
        (_misshapen, r"'prototype.gate.bias' has shape \(4,\), expected \(3,\)"),
        (_extra, "holds an unknown student tensor 'surprise'"),
        (_odd_moment, r"'prototype.gate.bias/exp_avg' has shape \(9,\), expected \(3,\)"),
        (_stray_moment, "optimizer state of an unknown parameter 'nothing'"),
    ],
)
def test_what_does_not_fit_is_named(
    small_trainer: Maker,
    small_dataset: DataMaker,
    tmp_path: Path,
    change: Callable[[dict[str, torch.Tensor], dict[str, object]], None],
    message: str,
) -> None:
    trainer = small_trainer()
    trainer.step()
    trainer.save(tmp_path / "run.safetensors")
    odd = rewritten(tmp_path / "run.safetensors", tmp_path / "odd.safetensors", change)
    with pytest.raises(CheckpointError, match=message):
        EmbeddingTrainer.resume(odd, dataset=small_dataset())


def test_other_data_are_refused(small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path) -> None:
    small_trainer().save(tmp_path / "run.safetensors")
    with pytest.raises(CheckpointError, match=r"was trained on other data \(random samples 0\) than random samples 1"):
        EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=small_dataset(seed=1))


def test_extras_travel_with_the_run_but_not_with_an_export(small_trainer: Maker, tmp_path: Path) -> None:
    trainer = small_trainer()
    curve = torch.tensor([0.5, float("nan"), 0.25])
    trainer.extras = {"curves.loss/y": curve}
    trainer.save(tmp_path / "run.safetensors")
    again = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=trainer.dataset)
    torch.testing.assert_close(again.extras, {"curves.loss/y": curve}, equal_nan=True, rtol=0, atol=0)
    again.save(tmp_path / "again.safetensors")
    assert read_checkpoint(tmp_path / "again.safetensors").group("extra").keys() == {"curves.loss/y"}
    trainer.export(tmp_path / "export.safetensors")
    assert not read_checkpoint(tmp_path / "export.safetensors").group("extra")


def test_a_run_whose_engine_is_not_here_goes_on_with_another(
    small_trainer: Maker,
    small_dataset: DataMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trainer = small_trainer("neighbors.engine=compiled")
    trainer.save(tmp_path / "run.safetensors")
    for module in ("choose", "engines"):
        monkeypatch.setattr(
            f"lattice.neighbourhood.{module}.kernel_problem", lambda: "the package llvmlite is not installed"
        )
    resumed = EmbeddingTrainer.resume(tmp_path / "run.safetensors", dataset=small_dataset())
    assert (resumed.config.neighbors.engine, resumed.tier_means.engine) == ("auto", "sparse")
    assert resumed.step().losses["total"] == pytest.approx(trainer.step().losses["total"], rel=1e-5)
    assert "goes on with another engine than it was saved with: tier engine 'compiled' can't be used" in caplog.text


def test_an_export_holds_the_weights_but_can_not_be_resumed(
    small_trainer: Maker, small_dataset: DataMaker, tmp_path: Path
) -> None:
    trainer = small_trainer()
    trainer.step()
    trainer.export(tmp_path / "weights.safetensors")
    stored = safetensors.torch.load_file(tmp_path / "weights.safetensors")
    assert {name.removeprefix("student.") for name in stored} == set(trainer.student.state_dict())
    with pytest.raises(CheckpointError, match="is an export of weights: it can't be resumed"):
        EmbeddingTrainer.resume(tmp_path / "weights.safetensors", dataset=small_dataset())


def test_a_folder_that_can_not_be_written_is_named_and_nothing_is_left(small_trainer: Maker, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointError, match=r"can't write the checkpoint .*choose another folder"):
        small_trainer().save(tmp_path / "file" / "run.safetensors")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("compared", [True, False])
def test_the_size_of_a_checkpoint_is_known_before_it_is_trained(
    small_trainer: Maker, tmp_path: Path, compared: bool
) -> None:
    trainer = small_trainer(f"training_embedding.mlp_baseline={str(compared).lower()}")
    expected = checkpoint_bytes(trainer)
    trainer.step()
    trainer.evaluate()
    trainer.save(tmp_path / "run.safetensors")
    size = (tmp_path / "run.safetensors").stat().st_size
    assert size <= expected <= size + (1 << 16)
