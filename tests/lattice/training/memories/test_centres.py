"""Spherical k-means against a plain loop over samples, and what happens at its edges."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lattice.progress import Cancelled
from lattice.training.memories.centres import ROUNDS, group_sums, spherical_kmeans


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(count: int, width: int = 5) -> Tensor:
    return torch.randn(count, width, dtype=torch.float64, generator=generator(1))


def plain_kmeans(unit_nD: Tensor, count: int, seed: int) -> Tensor:
    """Return centres by sums over one sample after another; fresh centres are drawn in every round."""
    draw = generator(seed)
    centres = [unit_nD[place] for place in torch.randperm(len(unit_nD), generator=draw)[:count]]
    for _ in range(ROUNDS):
        groups: list[list[Tensor]] = [[] for _ in centres]
        for row in unit_nD:
            likeness = [float(row @ centre) for centre in centres]
            groups[likeness.index(max(likeness))].append(row)
        fresh = torch.randperm(len(unit_nD), generator=draw)[:count]
        means = [sum(group, torch.zeros_like(unit_nD[0])) for group in groups]
        centres = [
            mean / mean.norm() if group else unit_nD[place]
            for group, mean, place in zip(groups, means, fresh, strict=True)
        ]
    return torch.stack(centres)


@pytest.mark.parametrize(("samples", "count"), [(30, 4), (12, 9), (9, 9)])
def test_it_is_what_a_plain_loop_gives(samples: int, count: int) -> None:
    data = 3.0 * rows(samples)
    unit = data / data.norm(dim=1, keepdim=True)
    torch.testing.assert_close(spherical_kmeans(data, count, generator(3)), plain_kmeans(unit, count, 3))


def test_groups_that_lie_apart_are_found() -> None:
    directions = torch.eye(5, dtype=torch.float64)[:3]
    data = directions.repeat(20, 1) + 0.05 * rows(60)
    found = spherical_kmeans(data, 3, generator(0))
    likeness = found @ directions.T
    assert sorted(likeness.argmax(1).tolist()) == [0, 1, 2]
    assert likeness.max(1).values.min() > 0.99


def test_sums_are_those_of_the_nearest() -> None:
    sums, sizes = group_sums(rows(40), torch.eye(5, dtype=torch.float64))
    nearest = rows(40).argmax(1)
    assert sizes.tolist() == torch.bincount(nearest, minlength=5).tolist()
    for group in range(5):
        torch.testing.assert_close(sums[group], rows(40)[nearest == group].sum(0))


def test_more_centres_than_samples_are_samples() -> None:
    data = rows(4)
    found = spherical_kmeans(data, 11, generator(0))
    likeness = found @ (data / data.norm(dim=1, keepdim=True)).T
    assert found.shape == (11, 5)
    torch.testing.assert_close(likeness.max(1).values, torch.ones(11, dtype=torch.float64))


def test_it_reports_every_round_and_can_be_cancelled() -> None:
    told: list[tuple[str, int, int | None]] = []
    spherical_kmeans(rows(9), 2, generator(0), lambda *what: told.append(what))
    assert told == [("Finding memories in the data", done, ROUNDS) for done in range(1, ROUNDS + 1)]

    def cancel(_what: str, done: int, _total: int | None) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        spherical_kmeans(rows(9), 2, generator(0), cancel)
