"""A run that can't fit is refused before it takes memory, with settings that do fit; one that ran out goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.errors import DeviceError, is_out_of_memory
from lattice.training import room
from lattice.training.room import nearest_that_fit, needed_bytes
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def test_a_cube_that_can_not_fit_is_refused_before_anything_is_built(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "free_for_rollouts", lambda _device: 15_000_000_000)
    monkeypatch.setattr("lattice.training.loop.build_tier_means", lambda *_: pytest.fail("stencils were built"))
    with pytest.raises(DeviceError, match=r"a training step of 200x200x200 cells with 32 samples takes .* GB") as told:
        small_trainer("lattice.dimensions=[200, 200, 200]", "training_embedding.batch_size=32")
    assert "and 15 GB are free on this computer. What fits: " in str(told.value)
    assert "lattice.dimensions = [" in str(told.value)


def test_what_is_said_to_fit_does(small_config: Callable[..., SimpleProjectConfig]) -> None:
    config = small_config("lattice.dimensions=[30, 30, 30]", "training_embedding.batch_size=64")
    limit = needed_bytes(config, 12) // 3
    fixes = list(nearest_that_fit(config, 12, limit))
    assert len(fixes) == 2
    for fix in fixes:
        key, _, value = fix.partition(" = ")
        assert needed_bytes(config.override([f"{key}={value}"]), 12) <= limit
    batch = int(re.sub(r"\D", "", fixes[0]))
    assert needed_bytes(config.replaced({"training_embedding.batch_size": batch + 1}), 12) > limit


def test_an_edit_that_can_not_fit_is_refused_and_the_run_goes_on(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = small_trainer()
    monkeypatch.setattr(room, "free_for_rollouts", lambda _device: 1_000_000)
    with pytest.raises(DeviceError, match=r"60x60x60 cells .* takes .* of memory, and 1\.0 MB are free"):
        trainer.apply(trainer.config.override(["lattice.dimensions=[60, 60, 60]"]))
    assert trainer.step().training_step == 1
    assert trainer.apply(trainer.config.override(["optimizer.learning_rate=0.001"])) == "live"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"),
    ],
)
def test_a_step_that_ran_out_of_memory_says_what_fits_and_leaves_the_run_as_it_was(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    trainer, undisturbed = small_trainer(), small_trainer()
    real = trainer._pass

    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr("lattice.training.replay.ReplayedPass.__call__", failing)
    with pytest.raises(
        DeviceError, match="memory ran out during a training step of 4x3x5 cells with 4 samples"
    ) as told:
        trainer.step()
    assert "weights are unharmed" in str(told.value)
    monkeypatch.undo()
    assert trainer._pass is real
    assert trainer.step().losses == undisturbed.step().losses


def test_other_errors_are_no_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(KeyboardInterrupt())
