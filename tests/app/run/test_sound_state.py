"""The state before a divergence: it exists, it stays until a person decides, and going back is bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app.run.active_run import ActiveRun
from app.run.command_queue import CommandQueue
from app.run.commands import Apply, OpenRun, Start, UndoApply
from app.run.handlers.divergence import go_back, go_on
from app.run.handlers.edits import apply, undo_apply
from app.run.handlers.steering import start
from app.run.kept_files import sound_folder
from app.run.messages import Applied
from app.run.sound_commands import GoBack, GoOn, SoundKept
from app.run.sound_state import MOST_SECONDS
from app.run.trainer_factory import LatticeRuns
from lattice.config import SimpleProjectConfig
from lattice.data.dataset import build_dataset
from lattice.errors import CellcubeError, CheckpointError, NonFiniteError
from lattice.training.saving import run_tensors
from lattice.training.trainer import EmbeddingTrainer
from tests.app.fakes import FakeRuns, FakeTrainer, small_config

RATE = "optimizer.learning_rate"


@pytest.fixture
def sent() -> list[object]:
    return []


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the keeper reads."""
    now = [0.0]
    monkeypatch.setattr("app.run.sound_state.time.monotonic", lambda: now[0])
    return now


def opened(trainer: object, factory: object, sent: list[object]) -> ActiveRun:
    run = ActiveRun(factory, CommandQueue(), sent.append, lambda _command: None)  # type: ignore[arg-type]
    run.open(trainer, OpenRun("small"))  # type: ignore[arg-type]
    return run


@pytest.fixture
def run(sent: list[object]) -> ActiveRun:
    return opened(FakeTrainer(small_config()), FakeRuns(), sent)


def train(run: ActiveRun, steps: int = 1, ratio: float = 1.0) -> None:
    trainer = run.need_trainer()
    trainer.loss_ratio = ratio  # type: ignore[attr-defined]
    for _ in range(steps):
        run.train()


def edit(run: ActiveRun, **changes: object) -> None:
    values = {key.replace("__", "."): value for key, value in changes.items()}
    apply(run, Apply(run.need_trainer().config.replaced(values)))


def kept(run: ActiveRun) -> int | None:
    return None if run.sound.kept is None else run.sound.kept.training_step


def files() -> list[Path]:
    return sorted(sound_folder().glob("*")) if sound_folder().exists() else []


def test_a_state_counts_once_the_loss_of_its_weights_is_known(run: ActiveRun, clock: list[float]) -> None:
    train(run)
    clock[0] = 1.5
    train(run)
    assert kept(run) is None
    train(run)
    assert kept(run) == 2
    assert len(files()) == 1
    clock[0] += MOST_SECONDS
    train(run)
    train(run, ratio=50)
    assert kept(run) == 2, "the loss of the weights after step 4 was not sound"
    assert len(files()) == 1


def test_what_is_kept_at_a_divergence_stays_until_a_person_decides(
    run: ActiveRun, clock: list[float], sent: list[object]
) -> None:
    train(run, 3)
    edit(run, optimizer__learning_rate=1.0)
    train(run)
    train(run, ratio=2000)
    for _ in range(3):
        clock[0] += MOST_SECONDS
        train(run, 2)
        edit(run, optimizer__weight_decay=clock[0] / 1000)
    assert kept(run) == 3
    go_on(run, GoOn())
    clock[0] += MOST_SECONDS
    train(run, 2)
    assert kept(run) == 12
    assert [message.training_step for message in sent if isinstance(message, SoundKept)] == [3, 12]


def test_numbers_that_are_not_finite_hold_it_as_well(run: ActiveRun) -> None:
    trainer = run.need_trainer()
    trainer.fail_at, trainer.error = 2, NonFiniteError("the loss is not finite")  # type: ignore[attr-defined]
    train(run, 2)
    assert run.sound.held
    assert run.failed
    start(run, Start())
    assert not run.sound.held, "to train on after the failure is the decision"


def test_another_state_than_the_one_that_is_meant_is_not_brought_back(run: ActiveRun, clock: list[float]) -> None:
    train(run)
    clock[0] = 1.5
    train(run, 2)
    said = "the state of training step 1 is no longer kept; the last one whose loss was sound is that of step 2"
    with pytest.raises(CellcubeError, match=said):
        go_back(run, GoBack(1))
    assert run.need_trainer().training_step == 3
    go_back(run, GoBack(2))
    assert run.need_trainer().training_step == 2


def test_a_rebuild_and_another_run_leave_nothing_to_go_back_to(run: ActiveRun, sent: list[object]) -> None:
    train(run)
    edit(run, optimizer__learning_rate=0.5)
    train(run)
    assert kept(run) == 1
    edit(run, model__state_size=8)
    assert kept(run) is None
    assert files() == []
    assert sent.count(SoundKept(None)) == 1
    with pytest.raises(CellcubeError, match="no earlier state of this run is kept: open a checkpoint, or reset"):
        go_back(run, GoBack())


def test_a_state_that_cannot_be_written_is_told_once(
    run: ActiveRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_path: Path) -> None:
        raise CheckpointError("can't write the checkpoint: the disk is full")

    monkeypatch.setattr(run.need_trainer(), "save", refuse)
    train(run)
    for rate in (0.5, 0.6):
        edit(run, optimizer__learning_rate=rate)
        train(run)
    told = [record.message for record in caplog.records if "can't be kept to go back to" in record.message]
    assert told == [
        "the state of training step 1 can't be kept to go back to: can't write the checkpoint: the disk is full"
    ]


@pytest.fixture
def real(sent: list[object]) -> ActiveRun:
    """A real run of 27 cells, which diverges at a learning rate of 1."""
    rows = torch.nn.functional.normalize(torch.randn(16, 8, generator=torch.Generator().manual_seed(3)), dim=1)
    dataset = build_dataset(rows, source="made up", texts=[str(index) for index in range(16)])
    config = SimpleProjectConfig.from_preset("debug").replaced(
        {
            "lattice.dimensions": (3, 3, 3),
            "lattice.lattice_steps": 2,
            "training_embedding.batch_size": 8,
            "training_embedding.evaluate_every": 1000,
            "training_embedding.mlp_baseline": False,
            "training_embedding.on_divergence": "pause",
            "device.policy": "cpu",
        }
    )
    trainer = EmbeddingTrainer(config, dataset)
    run = opened(trainer, LatticeRuns(), sent)
    trainer.evaluate()
    return run


def bits(run: ActiveRun) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in run_tensors(run.need_trainer()).items()}  # type: ignore[arg-type]


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_run_that_diverged_goes_back_bit_for_bit_and_forth_again(
    real: ActiveRun, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.training.divergence.DIVERGED", 1.5)
    real.training = True
    for _ in range(6):
        real.train()
    before, rate = bits(real), real.need_trainer().config.optimizer.learning_rate
    edit(real, optimizer__learning_rate=1.0)
    while real.training and real.need_trainer().training_step < 60:
        real.train()
    assert real.need_trainer().diverged
    assert not real.training, "on_divergence is pause"
    left, step = bits(real), real.need_trainer().training_step
    go_back(real, GoBack())
    assert same(bits(real), before)
    trainer = real.need_trainer()
    assert (trainer.training_step, trainer.config.optimizer.learning_rate) == (6, rate)
    assert not trainer.diverged
    message = next(message for message in reversed(sent) if isinstance(message, Applied))
    assert (message.way, message.step_left, message.brought_back) == ("back", step, True)
    assert not message.summary.diverged
    undo_apply(real, UndoApply())
    assert same(bits(real), left)
    assert real.need_trainer().diverged, "what the loss is compared with is in the file"
    real.close()
    assert files() == []
