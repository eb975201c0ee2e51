"""Going on with a run: what changes cost, where its data may be, and what is never thrown away in silence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice import data
from lattice.config import TeacherSettings, Wishes
from lattice.data import LoadReport, load_dataset
from lattice.data.provenance import TeacherRecord
from lattice.errors import (
    CellcubeError,
    DataError,
    DataMovedError,
    ExtraDataMovedError,
    OtherSamplesError,
    RebuildRefusedError,
)
from lattice.runs.peek import peek
from lattice.runs.place import checkpoint_at
from lattice.runs.resume import ResumeRequest, resume_run
from lattice.training import loop
from lattice.training.checkpoint import read_checkpoint
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.conftest import make_config


def rows_file(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.random.default_rng(seed).normal(size=(24, 6)).astype(np.float32))
    return path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A run of two training steps, saved with a score, beside its data."""
    rows_file(tmp_path / "run" / "rows.npy")
    config = make_config().replaced({"training_embedding.data": str(tmp_path / "run" / "rows.npy")})
    trainer = EmbeddingTrainer(config, load_dataset(config.training_embedding, config.data, config.teacher))
    trainer.advance(2)
    trainer.save(tmp_path / "run" / "checkpoint.safetensors", {"val_cosine": 0.794})
    return tmp_path / "run" / "checkpoint.safetensors"


def resumed(checkpoint: Path, *assignments: str, restart: bool = False, **named: object) -> EmbeddingTrainer:
    names = {key.replace("__", "."): value for key, value in named.items()}
    return resume_run(ResumeRequest(checkpoint, Wishes(names, assignments), restart_student=restart))


def test_a_run_goes_on_as_itself(saved: Path) -> None:
    trainer = resumed(saved, "optimizer.learning_rate=0.5")
    head = peek(saved)
    assert head is not None
    assert (trainer.training_step, trainer.run_id) == (2, head.run_id)
    assert trainer.config.optimizer.learning_rate == 0.5


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (["model.state_size=8"], "model.state_size 6 -> 8"),
        (["training_embedding.seed=5"], "training_embedding.seed 0 -> 5"),
        (["lattice.dimensions=5,3,5", "optimizer.learning_rate=0.1"], "lattice.dimensions 4x3x5 -> 5x3x5"),
    ],
)
def test_a_change_that_costs_the_weights_is_refused_with_what_would_be_lost(
    saved: Path, changes: list[str], named: str
) -> None:
    before = saved.read_bytes()
    with pytest.raises(RebuildRefusedError) as refused:
        resumed(saved, *changes)
    text = str(refused.value)
    assert f"can't go on with {named}: that needs a new student" in text
    assert "2 training steps, validation cosine 0.794 would be lost" in text
    assert ("but those that all cells share" in text) == ("dimensions" in named)
    assert saved.read_bytes() == before
    trainer = resumed(saved, *changes, restart=True)
    assert trainer.training_step == trainer.schedule_start == 2
    assert trainer.mlp.steps == 0
    assert trainer.mlp.training_step == 2


def test_data_that_moved_is_named_and_can_be_said(saved: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.npy"
    (saved.parent / "rows.npy").rename(moved)
    with pytest.raises(DataMovedError, match=rf"is no longer at {saved.parent / 'rows.npy'}"):
        resumed(saved)
    trainer = resumed(saved, training_embedding__data=str(moved))
    assert trainer.training_step == 2
    assert trainer.config.training_embedding.data == str(moved)
    assert trainer.step().training_step == 3


def test_a_further_source_that_moved_is_named_and_can_be_said_also_when_both_did(tmp_path: Path) -> None:
    main, more = rows_file(tmp_path / "rows.npy"), rows_file(tmp_path / "more.npy", seed=1)
    sources = {"training_embedding.data": str(main), "data.extra_data": [str(more)]}
    config = make_config().replaced(sources)
    trainer = EmbeddingTrainer(config, load_dataset(config.training_embedding, config.data, config.teacher))
    path = tmp_path / "checkpoint.safetensors"
    trainer.save(path)
    more.rename(tmp_path / "moved.npy")
    with pytest.raises(ExtraDataMovedError, match=rf"is no longer at {more}") as moved:
        resumed(path)
    assert "--set 'data.extra_data=" in moved.value.way_on
    main.rename(tmp_path / "first.npy")
    with pytest.raises(DataMovedError, match=rf"is no longer at {main}"):
        resumed(path)
    with pytest.raises(ExtraDataMovedError, match=rf"is no longer at {more}"):
        resumed(path, training_embedding__data=str(tmp_path / "first.npy"))
    wanted = {
        "training_embedding__data": str(tmp_path / "first.npy"),
        "data__extra_data": [str(tmp_path / "moved.npy")],
    }
    assert resumed(path, **wanted).training_step == 0
    with pytest.raises(DataError, match=r"typo\.npy does not exist; check the path"):
        resumed(path, **wanted | {"training_embedding__data": str(tmp_path / "typo.npy")})


def test_another_file_is_told_from_the_moved_one(saved: Path, tmp_path: Path) -> None:
    other = str(rows_file(tmp_path / "other.npy", seed=1))
    with pytest.raises(
        OtherSamplesError, match=rf"can't go on with training_embedding.data .* -> {other} \(other samples"
    ) as refused:
        resumed(saved, training_embedding__data=other)
    assert "begin a new run from its weights with --weights" in refused.value.way_on
    trainer = resumed(saved, restart=True, training_embedding__data=other)
    assert (trainer.training_step, trainer.schedule_start) == (2, 2)
    assert trainer.dataset.source == other


def test_fewer_samples_are_a_change_to_leave_out_and_no_data_to_locate(saved: Path) -> None:
    with pytest.raises(RebuildRefusedError, match=r"max_total_samples None -> 10 \(other samples") as refused:
        resumed(saved, "training_embedding.max_total_samples=10")
    assert "leave the change out" in refused.value.way_on


def test_each_session_is_noted_and_the_newest_follows_its_own_past_only(saved: Path, tmp_path: Path) -> None:
    here, there = resumed(saved), resumed(saved)
    for trainer, name in ((here, "here"), (there, "there")):
        trainer.step()
        trainer.save(tmp_path / f"{name}.safetensors")
    heads = {name: peek(tmp_path / f"{name}.safetensors") for name in ("here", "there")}
    first, one, other = peek(saved), heads["here"], heads["there"]
    assert first is not None
    assert one is not None
    assert other is not None
    assert one.sessions == (*first.sessions, (here.sessions[-1][0], 2))
    assert one.follows(first)
    assert one.follows(one)
    assert not one.follows(other)
    assert not first.follows(one)


def test_data_that_was_edited_in_place_is_noticed(saved: Path) -> None:
    rows_file(saved.parent / "rows.npy", seed=1)
    with pytest.raises(OtherSamplesError, match="holds other samples than when"):
        resumed(saved)
    assert resumed(saved, restart=True).schedule_start == 2


def test_a_file_that_is_not_there_is_a_fault_of_the_request(saved: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.npy does not exist"):
        resumed(saved, training_embedding__data="nowhere.npy")


def test_a_setting_that_changes_no_sample_costs_nothing(saved: Path) -> None:
    trainer = resumed(saved, teacher__model="another", data__text_column="body")
    assert trainer.schedule_start == 0
    assert trainer.config.teacher.model == "another"


@pytest.mark.parametrize("stored", ["auto", "minilm", "distilbert-base-uncased"])
def test_a_teacher_that_the_run_leaves_open_costs_no_weights(
    saved: Path, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:  # as a program did that named no teacher
        before.setattr(loop, "with_teacher_in_use", lambda config, _dataset: config)
        trainer = resumed(saved)
        trainer.config = trainer.config.replaced({"teacher.model": stored})
        trainer.save(saved)
    made_by = TeacherRecord(TeacherSettings(model="minilm"), "minilm (6-D)", "encoded the texts")
    texts = replace(trainer.dataset, report=LoadReport(teacher="minilm (6-D)", made_by=made_by))
    monkeypatch.setattr(data, "load_dataset", lambda *_, **__: texts)
    again = resumed(saved, "optimizer.learning_rate=0.5")
    assert (again.training_step, again.schedule_start) == (2, 0)
    assert again.config.teacher.model == ("minilm" if stored == "auto" else stored)
    assert all(map(torch.equal, again.student.state_dict().values(), trainer.student.state_dict().values()))
    if stored != "distilbert-base-uncased":  # "auto" in an edit is the teacher that is in use
        assert again.apply(again.config.replaced({"teacher.model": "auto"})) is None
        assert again.config.teacher.model == "minilm"


def test_a_longer_schedule_says_what_the_learning_rate_does(saved: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "cellcube"):
        assert resumed(saved, "training_embedding.training_steps=40").total_steps == 40
    assert "The learning rate goes from" in caplog.text
    assert "then spans all 40 steps" in caplog.text


def test_a_run_and_its_data_move_together(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_checkpoint(saved).config.training_embedding.data == "rows.npy"
    saved.parent.rename(tmp_path / "moved")
    monkeypatch.chdir(os.path.dirname(tmp_path))
    trainer = resumed(tmp_path / "moved" / "checkpoint.safetensors")
    assert trainer.config.training_embedding.data == str(tmp_path / "moved" / "rows.npy")


def test_a_checkpoint_that_moved_alone_finds_its_data_where_it_was(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "far" / "away").mkdir(parents=True)
    alone = saved.rename(tmp_path / "far" / "away" / "mine.safetensors")
    assert resumed(alone).config.training_embedding.data == str(tmp_path / "run" / "rows.npy")


def test_a_folder_means_its_newest_checkpoint(saved: Path) -> None:
    assert checkpoint_at(saved.parent) == saved
    assert checkpoint_at(saved) == saved
    with pytest.raises(CellcubeError, match="there is no checkpoint at"):
        resumed(checkpoint_at(saved.parent / ".."))
