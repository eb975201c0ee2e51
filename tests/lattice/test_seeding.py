"""Seeded blocks give the same numbers whatever other threads seed meanwhile, and leave no trace."""

import threading

import torch

from lattice.seeding import seeded


def test_the_global_generator_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    with seeded(1):
        torch.randn(7)
    assert torch.equal(torch.randn(3), expected)


def test_threads_that_seed_at_once_get_their_own_numbers():
    def draw(seed: int) -> torch.Tensor:
        with seeded(seed):
            return torch.stack([torch.randn(50) for _ in range(40)])

    expected = [draw(seed) for seed in range(4)]
    found: dict[int, torch.Tensor] = {}
    threads = [threading.Thread(target=lambda s=seed: found.update({s: draw(s)})) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[seed], expected[seed]) for seed in range(4))
