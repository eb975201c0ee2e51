"""The linear baselines against ridge on rows that were written out, draw by draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.objectives import make_batch, noise_generator
from lattice.progress import Cancelled, no_progress
from lattice.training import linear_baselines
from lattice.training.baselines import AffineMap, Moments, ridge_share
from lattice.training.bottleneck import bottleneck
from lattice.training.linear_baselines import LinearBaselines
from lattice.training.scoring import score

Configs, Data = Callable[..., SimpleProjectConfig], Callable[..., EmbeddingDataset]
DENOISE = "training_embedding.objective=denoise"


def made(config: SimpleProjectConfig, dataset: EmbeddingDataset) -> LinearBaselines:
    return LinearBaselines(dataset, config, bottleneck(config, dataset.width))


def held_out(config: SimpleProjectConfig, dataset: EmbeddingDataset) -> tuple[torch.Tensor, torch.Tensor]:
    return make_batch(dataset, dataset.validation_indices, config, noise_generator(5, 5, dataset.device))


def ridge(x: np.ndarray, y: np.ndarray) -> AffineMap:
    """Solve ridge by a larger least-squares problem, in float64."""
    centred, wanted = x - x.mean(0), y - y.mean(0)
    share = ridge_share(Moments(torch.from_numpy(x), torch.from_numpy(y)))
    weight = np.sqrt(share * (centred**2).sum(0).mean()) * np.eye(x.shape[1])
    rows, answers = np.vstack([centred, weight]), np.vstack([wanted, np.zeros((x.shape[1], y.shape[1]))])
    found = np.linalg.lstsq(rows, answers, rcond=None)[0]
    return AffineMap(*(torch.from_numpy(array) for array in (x.mean(0), found, y.mean(0))))


@pytest.mark.parametrize(("seen", "draws"), [(0.0, 1), (1.0, 1), (2.4, 3)])
def test_it_is_ridge_on_as_many_draws_as_the_student_has_seen(
    small_config: Configs, small_dataset: Data, monkeypatch: pytest.MonkeyPatch, seen: float, draws: int
) -> None:
    monkeypatch.setattr(linear_baselines, "FIT_ROWS", 7)  # so that a draw takes several batches
    config, dataset = small_config(DENOISE), small_dataset()
    chunks = dataset.train_indices.split(7)
    generators = [
        noise_generator(config.training_embedding.seed ^ linear_baselines._FIT_SALT, counter, dataset.device)
        for counter in range(draws * len(chunks))
    ]
    rows = [make_batch(dataset, chunks[at % len(chunks)], config, each) for at, each in enumerate(generators)]
    x, y = (torch.cat(parts).double().numpy() for parts in zip(*rows, strict=True))
    inputs, targets = held_out(config, dataset)
    found = made(config, dataset).scores(inputs, targets, seen, no_progress)
    assert found.draws == draws
    assert found.random
    expected = score(ridge(x, y)(inputs), targets)
    assert found.linear.cosine == pytest.approx(expected.cosine, abs=1e-5)
    assert found.linear.nmse == pytest.approx(expected.nmse, rel=1e-5)


def test_many_draws_tend_to_the_expectation_of_the_noise(
    small_config: Configs, small_dataset: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of `denoise` the expected scatter is the clean one plus sigma^2 on its diagonal: Wiener's filter."""
    monkeypatch.setattr(linear_baselines, "MAX_DRAWS", 4000)
    config, dataset = small_config(DENOISE, "training_embedding.noise_sigma=0.3"), small_dataset()
    inputs, targets = held_out(config, dataset)
    clean = dataset.batch(dataset.train_indices).double()
    mean = clean.mean(0)
    scatter = (clean - mean).T @ (clean - mean) / len(clean)
    noisy = scatter + 0.3**2 * torch.eye(len(mean))
    expected = score(AffineMap(mean, torch.linalg.solve(noisy, scatter), mean)(inputs), targets)
    baselines = made(config, dataset)
    one = baselines.scores(inputs, targets, 1, no_progress)
    many = baselines.scores(inputs, targets, 4000, no_progress)
    assert many.draws == 4000
    assert many.linear.cosine == pytest.approx(expected.cosine, abs=2e-3)
    assert many.linear.nmse == pytest.approx(expected.nmse, rel=5e-3)
    assert abs(one.linear.nmse - expected.nmse) > 10 * abs(many.linear.nmse - expected.nmse)


@pytest.mark.parametrize("objective", ["reconstruct", "pairs"])
def test_an_objective_that_draws_nothing_needs_one_draw(
    small_config: Configs, small_dataset: Data, objective: str
) -> None:
    config, dataset = small_config(f"training_embedding.objective={objective}"), small_dataset(pairs=True)
    found = made(config, dataset).scores(*held_out(config, dataset), 90.0, no_progress)
    assert (found.draws, found.random) == (1, False)


def test_draws_are_capped(small_config: Configs, small_dataset: Data) -> None:
    config, dataset = small_config(DENOISE), small_dataset()
    baselines = made(config, dataset)
    told: list[tuple[int, int | None]] = []
    found = baselines.scores(*held_out(config, dataset), 1e6, lambda _what, done, total: told.append((done, total)))
    assert found.draws == linear_baselines.MAX_DRAWS
    assert told[-1] == (linear_baselines.MAX_DRAWS, linear_baselines.MAX_DRAWS)


def test_what_was_summed_up_before_a_cancel_is_kept(small_config: Configs, small_dataset: Data) -> None:
    config, dataset = small_config(DENOISE), small_dataset()
    rows = held_out(config, dataset)
    baselines, seen = made(config, dataset), []

    def cancel_after_two(_what: str, done: int, _total: int | None) -> None:
        seen.append(done)
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        baselines.scores(*rows, 4, cancel_after_two)
    found = baselines.scores(*rows, 4, lambda _what, done, _total: seen.append(done))
    assert seen == [1, 2, 3, 4]
    assert found == made(config, dataset).scores(*rows, 4, no_progress)
