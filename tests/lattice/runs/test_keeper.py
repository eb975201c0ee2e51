"""A run is kept: last and best state, on time, through full disks and deleted folders."""

from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.errors import CheckpointError
from lattice.paths import data_folder
from lattice.runs.folder import RunFolder
from lattice.runs.keeper import RETRY_SECONDS, RunKeeper
from lattice.runs.lock import FileLock
from lattice.runs.peek import peek
from lattice.runs.save_policy import SaveEvery


class Run:
    """A run without a network, whose disk can be full."""

    def __init__(self) -> None:
        self.config = SimpleProjectConfig()
        self.training_step = 0
        self.run_id = "run"
        self.sessions = (("session", 0),)
        self.full: set[str] = set()
        self.saves: list[tuple[str, int]] = []

    def save(self, path: Path, notes: Mapping[str, object] | None = None) -> None:
        if path.parent.name in self.full:
            raise CheckpointError(f"can't write the checkpoint {path}: No space left on device")
        head = {"counters": {"training_step": self.training_step}, "run_id": self.run_id, "notes": dict(notes or {})}
        head["sessions"] = self.sessions
        with atomic_path(path) as temporary:
            safetensors.torch.save_file({"x": torch.zeros(1)}, temporary, metadata={"cellcube": json.dumps(head)})
        self.saves.append((path.name, self.training_step))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """A run with its keeper."""

    def __init__(self, place: Path, every: SaveEvery) -> None:
        self.run, self.clock, self.place = Run(), Clock(), place
        self.every = every
        self.begin()

    def begin(self) -> None:
        folder = RunFolder(self.place).claim(overwrite=True, resumed=None)
        self.keeper = RunKeeper(self.run, folder, self.every, "data", self.clock)

    def step(self, number: int) -> None:
        self.run.training_step = number
        self.keeper.stepped({"training_step": number})

    def score(self, cosine: float) -> None:
        self.keeper.evaluated({"training_step": self.run.training_step}, cosine)

    def saved_step(self, name: str = "checkpoint") -> int | None:
        head = peek(self.place / f"{name}.safetensors")
        return None if head is None else head.training_step


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "out", SaveEvery(minutes=1.0, steps=10))
    yield kept
    kept.keeper.close()


def test_the_run_is_saved_every_so_many_steps_and_minutes(kept: Kept) -> None:
    for number in range(1, 10):
        kept.step(number)
    assert kept.saved_step() is None
    kept.step(10)
    assert kept.saved_step() == 10
    kept.clock.now = 60.0
    kept.step(11)
    assert kept.saved_step() == 11


def test_the_best_state_is_kept_beside_the_last_and_over_sessions(kept: Kept) -> None:
    kept.step(1)
    kept.score(0.5)
    kept.step(2)
    kept.score(0.9)
    kept.step(3)
    kept.score(0.7)
    kept.keeper.save_last()
    assert (kept.saved_step("best"), kept.saved_step()) == (2, 3)
    last = peek(kept.place / "checkpoint.safetensors")
    assert last is not None
    assert last.val_cosine == 0.7
    kept.keeper.close()
    kept.begin()
    kept.step(4)
    kept.score(0.8)
    assert kept.saved_step("best") == 2
    kept.step(5)
    kept.score(0.95)
    assert kept.saved_step("best") == 5


def test_a_best_state_that_was_scored_otherwise_keeps_its_file(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.step(7)
    kept.score(0.9)
    kept.keeper.close()
    kept.run.config = kept.run.config.override(["training_embedding.objective=denoise"])
    with caplog.at_level("INFO", "cellcube"):
        kept.begin()
    kept.step(8)
    kept.score(0.4)
    assert kept.saved_step("best") == 8
    assert kept.saved_step("best-until-step-7") == 7
    assert "was scored otherwise" in caplog.text


def test_a_full_disk_in_mid_run_costs_no_training_and_is_tried_again(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.run.full = {"out"}
    kept.step(10)
    assert kept.saved_step() is None
    assert "training goes on, and saving is tried again" in caplog.text
    kept.run.full = set()
    kept.step(11)
    assert kept.saved_step() is None, "not at every step"
    kept.clock.now = RETRY_SECONDS
    kept.step(12)
    assert kept.saved_step() == 12


def test_a_disk_that_stays_full_is_said_once_and_so_is_the_save_that_works_again(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    kept.run.full = {"out"}
    for step in (1, 2, 3):
        kept.step(step)
        kept.score(step / 10)
    assert caplog.text.count("saving is tried again") == 1
    kept.run.full = set()
    kept.score(0.9)
    assert caplog.text.count(f"{kept.place / 'best.safetensors'} is saved again, at training step 3") == 1
    kept.score(0.95)
    assert caplog.text.count("is saved again") == 1


def test_figures_that_find_no_room_follow_the_run_to_its_refuge(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.step(3)
    (kept.place / "metrics.jsonl").unlink()
    (kept.place / "metrics.jsonl").mkdir()
    kept.step(4)
    kept.keeper.close()
    refuge = data_folder() / "rescued" / "run-step-4-metrics.jsonl"
    assert [json.loads(line)["training_step"] for line in refuge.read_text().splitlines()] == [3, 4]
    assert f"are in {refuge}" in caplog.text


def test_the_end_is_saved_elsewhere_where_its_own_place_is_full(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.step(3)
    kept.run.full = {"out"}
    path = kept.keeper.save_at_end()
    assert path.name == "run-step-3.safetensors"
    assert path.parent.name == "rescued"
    assert peek(path) is not None
    assert not kept.keeper.in_place
    assert f"Saved to {path} instead" in caplog.text


def test_an_end_that_can_be_saved_nowhere_says_why(kept: Kept) -> None:
    kept.step(3)
    kept.run.full = {"out", "rescued"}
    with pytest.raises(CheckpointError, match=r"could not be saved anywhere: can't write the checkpoint .*No space"):
        kept.keeper.save_at_end()


def test_a_best_state_that_was_deleted_comes_back(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.step(1)
    kept.score(0.9)
    kept.step(2)
    (kept.place / "best.safetensors").unlink()
    kept.score(0.5)
    assert kept.saved_step("best") == 1
    (kept.place / "best.safetensors").unlink()
    kept.keeper.save_at_end()
    assert (kept.saved_step("best"), kept.saved_step()) == (1, 2)
    assert caplog.text.count("best.safetensors was deleted: it is written again") == 2


def test_a_deleted_folder_comes_back_with_everything_in_it(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.step(1)
    kept.score(0.9)
    kept.step(2)
    shutil.rmtree(kept.place)
    kept.step(3)
    assert "was deleted or replaced" in caplog.text
    names = {path.name for path in kept.place.iterdir()}
    assert names == {"checkpoint.safetensors", "best.safetensors", "config.toml", "metrics.jsonl", "run.lock"}
    assert (kept.saved_step("best"), kept.saved_step()) == (1, 3)
    lines = [json.loads(line) for line in (kept.place / "metrics.jsonl").read_text().splitlines()]
    assert [line["training_step"] for line in lines if line["kind"] == "step"] == [1, 2, 3]


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("again", [False, True], ids=["at once", "later"])
def test_a_run_that_slept_keeps_its_figures_apart_from_those_of_who_took_its_folder(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, scores: bool, again: bool
) -> None:
    kept.step(1)
    kept.score(0.9)
    kept.keeper.save_last()
    (kept.place / "run.lock").unlink()
    other = Kept(kept.place, SaveEvery(steps=10))
    for path in (kept.place / "best.safetensors", kept.place / "metrics.jsonl"):
        path.unlink(missing_ok=True)
    (kept.place / "metrics.jsonl").write_text("theirs\n")
    awake = time.time
    monkeypatch.setattr(time, "time", lambda: awake() + 3600)
    kept.run.training_step = 2
    go_on = (lambda: kept.score(0.5)) if scores else (lambda: kept.step(2))
    if again:  # the disk is full for the next folder at first
        with monkeypatch.context() as disk:
            disk.setattr(FileLock, "_create", full_disk)
            go_on()
    else:
        go_on()
    kept.step(3)
    assert (kept.place / "metrics.jsonl").read_text() == "theirs\n"
    assert not (kept.place / "best.safetensors").exists()
    beside = kept.place.with_name("out-2")
    lines = [json.loads(line) for line in (beside / "metrics.jsonl").read_text().splitlines()]
    assert [line["training_step"] for line in lines] == [1, 1, 2, 3]
    best = peek(beside / "best.safetensors")
    assert best is not None
    assert best.training_step == 1
    assert kept.keeper.in_folder
    assert not kept.keeper.in_place, "it lies beside the folder that was requested"
    other.keeper.close()


def full_disk(*_: object) -> bool:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_without_a_folder_only_an_early_end_is_saved(tmp_path: Path) -> None:
    run = Run()
    keeper = RunKeeper(run, None, SaveEvery())
    run.training_step = 5
    keeper.stepped({"training_step": 5})
    keeper.evaluated({"training_step": 5}, 0.5)
    assert run.saves == []
    assert not keeper.save_last()
    path = keeper.save_at_end()
    assert peek(path) is not None
    assert path.name == "run-step-5.safetensors"
    keeper.close()


def test_a_disk_that_is_full_for_figures_does_not_stop_training(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept.keeper._metrics, "_append", full)
    kept.step(1)
    kept.step(10)
    assert kept.saved_step() == 10


def test_a_folder_that_is_deleted_during_an_evaluation_comes_back_in_its_place(kept: Kept) -> None:
    kept.step(1)
    kept.score(0.5)
    kept.step(2)
    shutil.rmtree(kept.place)
    kept.score(0.9)
    kept.step(3)
    assert (kept.saved_step("best"), kept.saved_step()) == (2, 2)
    assert [path.name for path in kept.place.parent.iterdir()] == ["out"]
    assert (kept.place / "run.lock").exists()
    lines = [json.loads(line) for line in (kept.place / "metrics.jsonl").read_text().splitlines()]
    assert [line["training_step"] for line in lines] == [1, 1, 2, 2, 3]
