"""The order of samples: whole epochs, a function of the seed, and resumable."""

from __future__ import annotations

import pytest
import torch

from lattice.training.batches import BatchOrder

ROWS = torch.arange(100, 117)


def test_an_epoch_visits_every_sample_once_and_the_next_one_in_another_order() -> None:
    order = BatchOrder(ROWS, seed=1)
    epochs = [torch.cat([order.next(4) for _ in range(4)]) for _ in range(2)]
    for visited in epochs:
        assert len(set(visited.tolist())) == 16
        assert set(visited.tolist()) <= set(ROWS.tolist())
    assert epochs[0].tolist() != epochs[1].tolist()


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    assert sorted(BatchOrder(ROWS, seed=0).next(64).tolist()) == ROWS.tolist()


def test_seed_and_two_counters_are_enough_to_go_on() -> None:
    first = BatchOrder(ROWS, seed=5)
    for _ in range(7):
        first.next(5)
    second = BatchOrder(ROWS, seed=5, epoch=first.epoch, offset=first.offset)
    for size in (5, 3, 5, 17):
        assert torch.equal(first.next(size), second.next(size))
    assert not torch.equal(BatchOrder(ROWS, seed=6).next(17), BatchOrder(ROWS, seed=5).next(17))


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="no training samples"):
        BatchOrder(ROWS[:0], seed=0)
