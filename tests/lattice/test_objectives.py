"""The three objectives: what goes in, what shall come out, and reproducible noise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.config import EmbeddingMappingSettings, SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import DataError
from lattice.objectives import check_dataset, make_batch, noise_generator, prepare_embeddings

CPU = torch.device("cpu")
MAPPING = EmbeddingMappingSettings()


def batch(dataset: EmbeddingDataset, counter: int = 0, **settings: object) -> tuple[torch.Tensor, torch.Tensor]:
    rows = torch.tensor([3, 1])
    config = SimpleProjectConfig.from_mapping({"training_embedding": settings})
    return make_batch(dataset, rows, config, noise_generator(0, counter, CPU))


def test_reconstruct_gives_back_the_input(small_dataset: Callable[..., EmbeddingDataset]) -> None:
    dataset = small_dataset()
    given, wanted = batch(dataset, objective="reconstruct")
    torch.testing.assert_close(given, dataset.embeddings[[3, 1]])
    assert torch.equal(given, wanted)


def test_denoise_adds_noise_of_the_given_size_to_the_input_only(
    small_dataset: Callable[..., EmbeddingDataset],
) -> None:
    dataset = small_dataset(400, 64)
    rows = torch.arange(400)
    config = SimpleProjectConfig.from_mapping({"training_embedding": {"objective": "denoise", "noise_sigma": 0.3}})
    given, wanted = make_batch(dataset, rows, config, noise_generator(0, 1, CPU))
    torch.testing.assert_close(wanted, dataset.embeddings)
    assert (given - wanted).std().item() == pytest.approx(0.3, rel=0.02)


def test_noise_is_a_function_of_seed_and_counter(small_dataset: Callable[..., EmbeddingDataset]) -> None:
    first, again, other = (batch(small_dataset(), counter, objective="denoise")[0] for counter in (4, 4, 5))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_pairs_ask_for_the_partner(small_dataset: Callable[..., EmbeddingDataset]) -> None:
    dataset = small_dataset(pairs=True)
    given, wanted = batch(dataset, objective="pairs")
    torch.testing.assert_close(given, dataset.embeddings[[3, 1]])
    assert dataset.partners is not None
    torch.testing.assert_close(wanted, dataset.partners[[3, 1]])


def test_pairs_without_partners_say_what_to_do(small_dataset: Callable[..., EmbeddingDataset]) -> None:
    config = SimpleProjectConfig.from_mapping({"training_embedding": {"objective": "pairs"}})
    with pytest.raises(DataError, match="needs data with two texts a sample, but random samples 0 has one: choose"):
        check_dataset(config, small_dataset())


def test_too_few_held_out_samples_are_refused(small_dataset: Callable[..., EmbeddingDataset]) -> None:
    from dataclasses import replace

    dataset = replace(small_dataset(), validation_indices=torch.tensor([1]))
    with pytest.raises(DataError, match="1 held-out samples, but at least 1 and 2 are needed: use more data"):
        check_dataset(SimpleProjectConfig(), dataset)


def test_embeddings_are_scaled_to_unit_length_only_if_asked() -> None:
    rows = torch.tensor([[3.0, 4.0]], dtype=torch.float16)
    torch.testing.assert_close(prepare_embeddings(rows, MAPPING), torch.tensor([[0.6, 0.8]]))
    kept = prepare_embeddings(rows, EmbeddingMappingSettings(normalize_embeddings=False))
    torch.testing.assert_close(kept, torch.tensor([[3.0, 4.0]]))
