"""The mean states are those of the student, in small portions, and a message is what differs from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from lattice.training import mean_states
from lattice.training.mean_states import MeanStates
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def mean_of(trainer: EmbeddingTrainer) -> MeanStates:
    return MeanStates(trainer.dataset, trainer.config, trainer.student, trainer.tier_means)


def expected(trainer: EmbeddingTrainer, count: int) -> np.ndarray:
    """Return the mean over `count` samples that are spread over the training samples, computed one by one."""
    rows = trainer.dataset.train_indices
    picked = [int(rows[number * len(rows) // count]) for number in range(count)]
    return np.mean([trainer.observe(row).states_TXYZC for row in picked], axis=0)


def test_a_student_that_rests_has_the_mean_of_all_its_samples_after_some_calls(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mean_states, "SAMPLES", 6)
    monkeypatch.setattr(mean_states, "_PORTION", 4)
    trainer = small_trainer()
    means = mean_of(trainer)
    first = means.follow(0)
    second = means.follow(0)
    np.testing.assert_allclose(second.unflatten(1, (4, 3, 5)), expected(trainer, 6), rtol=1e-4, atol=1e-6)
    assert not torch.allclose(first, second)
    assert means.settled
    assert means.follow(0) is second, "nothing is computed again"


def test_a_student_that_stops_learning_ends_with_the_mean_of_what_it_is(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mean_states, "SAMPLES", 6)
    monkeypatch.setattr(mean_states, "_PORTION", 4)
    trainer = small_trainer("optimizer.learning_rate=0.05", "optimizer.schedule=constant")
    means = mean_of(trainer)
    for step in range(3):
        means.follow(step)
        assert not means.settled
        trainer.advance(1)
    while not means.settled:
        found = means.follow(3)
    np.testing.assert_allclose(found.unflatten(1, (4, 3, 5)), expected(trainer, 6), rtol=1e-4, atol=1e-6)


def test_a_student_that_learns_is_followed_a_portion_at_a_time(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mean_states, "SAMPLES", 4)
    monkeypatch.setattr(mean_states, "_PORTION", 2)
    trainer = small_trainer("optimizer.learning_rate=0.05", "optimizer.schedule=constant")
    means = mean_of(trainer)
    for _ in range(2):
        before = means.follow(0)
    trainer.advance(2)
    exact = torch.from_numpy(expected(trainer, 4)).flatten(1, 3)
    errors = [float((means.follow(step) - exact).norm()) for step in range(3, 12)]
    assert 0 < errors[-1] < errors[0] < float((before - exact).norm())


def test_a_cube_of_large_rollouts_takes_fewer_samples_one_at_a_time(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = small_trainer()
    monkeypatch.setattr(mean_states, "_PORTION_BYTES", 1)
    means = mean_of(trainer)
    sizes = []
    student = trainer.student
    student.register_forward_pre_hook(lambda _module, inputs: sizes.append(len(inputs[0])))
    for _ in range(20):
        means.follow(0)
    assert sizes == [1] * 2 * (mean_states.FEWEST - 1), "the reference and one other in turn"


def test_an_observation_brings_the_mean_when_it_is_requested(small_trainer: Maker) -> None:
    trainer = small_trainer("embedding_mapping.placement=through")
    assert trainer.observe(1).mean_TXYZC is None
    for seen in (
        trainer.observe(1, mean_states=True),
        trainer.observe_embedding(np.ones(trainer.dataset.width, np.float32), mean_states=True),
    ):
        assert seen.mean_TXYZC is not None
        assert seen.mean_TXYZC.shape == seen.states_TXYZC.shape
        message = np.linalg.norm(seen.states_TXYZC - seen.mean_TXYZC, axis=-1)
        # Nothing is painted beyond the input face: there a sample differs from others only once its message arrived.
        assert message[0, 0].min() > 1e-3
        assert message[0, 1:].max() < 1e-6


LINE = (
    "embedding_mapping.placement=through",
    "lattice.dimensions=[8, 3, 3]",
    "lattice.adaptive_radius_ratio=0.2",
    "optimizer.learning_rate=0.05",
    "optimizer.schedule=constant",
)
"""A cube whose cells hear the next layer alone, so that a message needs a lattice step for each."""


def messages(trainer: EmbeddingTrainer, sample: int, erased: np.ndarray | None = None) -> np.ndarray:
    seen = trainer.observe(sample, mean_states=True, erased_XYZ=erased)
    assert seen.mean_TXYZC is not None
    return np.asarray(np.linalg.norm(seen.states_TXYZC - seen.mean_TXYZC, axis=-1))


def test_no_message_is_where_none_can_be_however_fast_the_student_learns(small_trainer: Maker) -> None:
    trainer = small_trainer(*LINE)
    states = []
    for sample in range(4):
        message = messages(trainer, sample)
        assert message[2, 2].max() > 1e-3
        assert message[2, 3:].max() < 1e-6
        states.append(trainer.observe(0).states_TXYZC[2, 4])
        trainer.advance(2)
    assert np.abs(states[0] - states[-1]).max() > 1e-3, "the cells there did change"


def test_no_message_is_behind_cells_that_are_erased(small_trainer: Maker) -> None:
    trainer = small_trainer(*LINE)
    intact = messages(trainer, 1)
    erased = np.zeros(trainer.student.dimensions, dtype=bool)
    erased[1] = True
    assert intact[2, 2].max() > 1e-3
    assert messages(trainer, 1, erased)[:, 1:].max() < 1e-6
    assert messages(trainer, 1)[2, 2].max() > 1e-3, "with its cells again"


def test_watching_with_the_mean_changes_nothing(small_trainer: Maker) -> None:
    watched, alone = small_trainer(), small_trainer()
    for _ in range(2):
        watched.observe(2, mean_states=True)
        assert watched.step().losses == alone.step().losses
