"""Undo of the last Apply with real trainers: the run comes back bit for bit, and goes on as it would have."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.kept_files import undo_folder
from tests.app.fakes import small_config

SETTINGS = {
    "lattice__adaptive_radius_ratio": 0.6,
    "lattice__lattice_steps": 2,
    "training_embedding__batch_size": 8,
    "training_embedding__evaluate_every": 10_000,
    "training_embedding__training_steps": 50,
    "device__policy": "cpu",
}


@pytest.fixture
def controller(qtbot):
    controller = RunController()
    controller.launch()
    yield controller
    assert controller.shut_down(10_000)


@pytest.fixture
def config(tmp_path):
    for number, name in enumerate(("first", "second")):
        rows = np.random.default_rng(number).standard_normal((60 + number, 12)).astype(np.float32)
        np.save(tmp_path / f"{name}.npy", rows)
    return small_config(training_embedding__data=str(tmp_path / "first.npy"), **SETTINGS)


def open_run(qtbot, controller, config):
    with qtbot.waitSignal(controller.opened, timeout=30_000):
        controller.open(OpenRun("run", config))


def train(qtbot, controller, steps):
    for _ in range(steps):
        with qtbot.waitSignal(controller.stepped, timeout=30_000):
            controller.step_once()


def told(qtbot, controller, ask):
    """Call `ask` and return the `Applied` that comes of it."""
    with qtbot.waitSignal(controller.applied, timeout=30_000) as caught:
        ask()
    return caught.args[0]


def state(qtbot, controller, script):
    """Return everything that training goes on from."""

    def read(trainer):
        moments = [trainer.optimizer.state[part] for part in trainer.student.parameters()]
        return {
            "parameters": {name: value.clone() for name, value in trainer.student.state_dict().items()},
            "moments": [{name: value.clone() for name, value in part.items()} for part in moments],
            "counters": (
                trainer.training_step,
                trainer.schedule_start,
                trainer.total_steps,
                trainer.order.epoch,
                trainer.order.offset,
            ),
            "config": trainer.config,
            "data": (trainer.dataset.fingerprint, len(trainer.dataset)),
            "engine": trainer.tier_means.engine,
            "random": torch.get_rng_state(),
        }

    answers = []
    controller.request(script.question(read), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    return answers[0]


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name in ("counters", "config", "data", "engine"):
        assert one[name] == other[name], name
    assert torch.equal(one["random"], other["random"])
    assert one["parameters"].keys() == other["parameters"].keys()
    assert all(torch.equal(value, other["parameters"][name]) for name, value in one["parameters"].items())
    for mine, theirs in zip(one["moments"], other["moments"], strict=True):
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(value, theirs[name]) for name, value in mine.items())


@pytest.mark.parametrize(
    "changes",
    [
        {"lattice.dimensions": (5, 5, 5)},
        {"lattice.adaptive_radius_ratio": 0.9},
        {"model.state_size": 7},
        {"training_embedding.seed": 5},
        {"training_embedding.data": "second.npy"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_run_comes_back_bit_for_bit_and_goes_on_as_it_would_have(
    qtbot, controller, config, tmp_path, changes, script
):
    open_run(qtbot, controller, config)
    train(qtbot, controller, 12)
    straight = state(qtbot, controller, script)

    open_run(qtbot, controller, config)
    train(qtbot, controller, 9)
    before = state(qtbot, controller, script)
    changes = {key: str(tmp_path / value) if key.endswith(".data") else value for key, value in changes.items()}
    told(qtbot, controller, lambda: controller.apply(config.replaced(changes)))
    train(qtbot, controller, 2)
    left = state(qtbot, controller, script)
    undone = told(qtbot, controller, controller.undo_apply)
    assert undone.brought_back
    assert set(undone.changed) == set(changes)
    assert_same(state(qtbot, controller, script), before)
    train(qtbot, controller, 3)
    assert_same(state(qtbot, controller, script), straight | {"random": before["random"]})
    assert len(list(undo_folder().glob("*"))) == 1, "the run that was left"
    told(qtbot, controller, controller.redo_apply)
    assert_same(state(qtbot, controller, script), left)


def test_data_that_changed_since_can_not_be_brought_back(qtbot, controller, config, tmp_path, script):
    open_run(qtbot, controller, config)
    train(qtbot, controller, 2)
    other = config.replaced({"training_embedding.data": str(tmp_path / "second.npy")})
    told(qtbot, controller, lambda: controller.apply(other))
    np.save(tmp_path / "first.npy", np.eye(60, 12, dtype=np.float32))
    present = state(qtbot, controller, script)
    with qtbot.waitSignal(controller.failed, timeout=30_000) as failed:
        controller.undo_apply()
    assert failed.args[0].title == "The last Apply can't be undone"
    assert "is no longer what it was when the run read it" in failed.args[0].what
    assert_same(state(qtbot, controller, script), present)


def test_settings_of_the_log_come_back_too(qtbot, controller, config):
    open_run(qtbot, controller, config)
    changes = {"lattice.dimensions": (5, 5, 5), "logging.level": "WARNING"}
    told(qtbot, controller, lambda: controller.apply(config.replaced(changes)))
    told(qtbot, controller, controller.undo_apply)
    assert controller.summary.config == config
