"""The dataset: split, fingerprint, batches."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra import numpy as hnp

from lattice.data import EmbeddingDataset, build_dataset
from lattice.data.dataset import order_of, split_by_hash
from lattice.data.hashing import text_hashes
from lattice.errors import DataError

Rows = Callable[..., torch.Tensor]
KEYS = hnp.arrays(np.uint64, st.integers(2, 60), elements=st.integers(0, 2**64 - 1))


def sides(dataset: EmbeddingDataset) -> tuple[set[str], set[str]]:
    return (
        {dataset.text(i) for i in dataset.train_indices.tolist()},
        {dataset.text(i) for i in dataset.validation_indices.tolist()},
    )


def test_the_side_of_a_sample_depends_on_its_text_alone(unit_rows: Rows) -> None:
    texts = [f"sentence {i}" for i in range(300)]
    whole = build_dataset(unit_rows(300), texts=texts, source="test")
    part = build_dataset(unit_rows(200, seed=9), texts=texts[299:99:-1], source="test")
    train, held_out = sides(whole)
    assert not train & held_out
    part_train, part_held_out = sides(part)
    assert part_train <= train
    assert part_held_out <= held_out
    assert 15 <= len(held_out) <= 45


def test_without_texts_the_side_depends_on_the_values(unit_rows: Rows) -> None:
    rows = unit_rows(200)
    forward, backward = build_dataset(rows, source="test"), build_dataset(rows.flip(0), source="test")
    mirrored = {199 - i for i in backward.validation_indices.tolist()}
    assert set(forward.validation_indices.tolist()) == mirrored


def test_equal_texts_never_fall_on_both_sides(unit_rows: Rows) -> None:
    dataset = build_dataset(unit_rows(200), texts=[f"text {i % 40}" for i in range(200)], source="test")
    train, held_out = sides(dataset)
    assert not train & held_out
    assert len(dataset.train_indices) + len(dataset.validation_indices) == 200


def test_empty_texts_stay_on_one_side_as_in_earlier_checkpoints(unit_rows: Rows) -> None:
    texts = ["" if i % 3 else f"text {i}" for i in range(60)]
    dataset = build_dataset(unit_rows(60), texts=texts, source="test")
    train, held_out = split_by_hash(text_hashes(texts), 0.1)
    assert dataset.train_indices.tolist() == train.tolist()
    assert dataset.validation_indices.tolist() == held_out.tolist()


def test_where_all_texts_are_empty_the_values_decide(unit_rows: Rows) -> None:
    rows = unit_rows(60)
    dataset, plain = (build_dataset(rows, texts=texts, source="test") for texts in ([""] * 60, None))
    assert torch.equal(dataset.validation_indices, plain.validation_indices)
    with pytest.raises(DataError, match="all the same"):
        build_dataset(rows, texts=["one"] * 60, source="test")


@given(KEYS, st.floats(0.001, 0.999))
def test_every_split_is_complete_disjoint_and_leaves_no_side_empty(keys: np.ndarray, fraction: float) -> None:
    if len(set(keys.tolist())) < 2:
        with pytest.raises(DataError, match="at least two different ones are needed"):
            split_by_hash(keys, fraction)
        return
    train, held_out = split_by_hash(keys, fraction)
    assert sorted([*train.tolist(), *held_out.tolist()]) == list(range(len(keys)))
    assert len(train)
    assert len(held_out)
    assert not set(keys[train].tolist()) & set(keys[held_out].tolist())
    if len(set(keys.tolist())) == len(keys) >= 3:
        assert len(held_out) >= 2
    assert (np.diff(keys[held_out].astype(object)) >= 0).all()


def test_a_small_set_holds_out_two_samples(unit_rows: Rows) -> None:
    for count in (3, 5, 10):
        dataset = build_dataset(unit_rows(count), source="test", validation_fraction=0.001)
        assert len(dataset.validation_indices) == 2


def test_one_sample_is_no_data(unit_rows: Rows) -> None:
    with pytest.raises(DataError, match=r"one.npy: 1 usable sample"):
        build_dataset(unit_rows(1), source="one.npy")


@pytest.mark.parametrize("change", ["value", "text", "order", "partner", "type", "none"])
def test_the_fingerprint_changes_with_anything_that_matters(unit_rows: Rows, change: str) -> None:
    rows, partners, texts = unit_rows(20), unit_rows(20, seed=5), [f"t{i}" for i in range(20)]
    before = build_dataset(rows, partners=partners, texts=texts, source="a").fingerprint
    rows, partners, texts = rows.clone(), partners.clone(), list(texts)
    if change == "value":
        rows[3, 2] = torch.nextafter(rows[3, 2], torch.tensor(9.0))
    elif change == "text":
        texts[4] += "."
    elif change == "order":
        rows[[0, 1]], texts[0], texts[1] = rows[[1, 0]], texts[1], texts[0]
    elif change == "partner":
        partners[3, 3] = -partners[3, 3]
    elif change == "type":
        rows = rows.half()
    after = build_dataset(rows, partners=partners, texts=texts, source="b").fingerprint
    assert (after == before) == (change == "none")


def test_columns_of_unequal_length_are_refused(unit_rows: Rows) -> None:
    with pytest.raises(DataError, match="file: 5 embeddings but 4 texts"):
        build_dataset(unit_rows(5), texts=list("abcd"), source="file")


def test_batches_are_float32_whatever_is_stored(unit_rows: Rows) -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        dataset = build_dataset(unit_rows(10, dtype=dtype), source="test")
        batch = dataset.batch(torch.tensor([3, 3, 1]))
        assert batch.dtype == torch.float32
        assert torch.equal(batch, dataset.embeddings[[3, 3, 1]].float())
        assert dataset.memory_bytes == 10 * 16 * dtype.itemsize + 10 * 8


def test_a_sample_without_text_is_called_by_its_number(unit_rows: Rows) -> None:
    dataset = build_dataset(unit_rows(10), source="test")
    assert dataset.text(0) == "sample 1", "people count from 1"
    assert dataset.text(7) == "sample 8"
    with pytest.raises(DataError, match="test has no partners"):
        dataset.batch(torch.tensor([1]), partners=True)


def test_a_streamed_dataset_gives_the_same_batches(unit_rows: Rows) -> None:
    dataset = build_dataset(unit_rows(50), partners=unit_rows(50, seed=1), source="test")
    streamed = dataset.streamed_to("cpu")
    assert streamed.streamed
    assert not dataset.streamed
    indices = torch.tensor([4, 40, 4, 0])
    for partners in (False, True):
        expected = dataset.batch(indices, partners=partners)
        assert torch.equal(streamed.to("cpu").batch(indices, partners=partners), expected)
    assert streamed.to("cpu").embeddings.data_ptr() == dataset.embeddings.data_ptr()


def test_a_dataset_that_need_not_move_stays_the_same_object(unit_rows: Rows) -> None:
    dataset = build_dataset(unit_rows(10), partners=unit_rows(10, seed=1), source="test")
    streamed = dataset.streamed_to("cpu")
    assert dataset.to("cpu") is dataset, "another object would pass for other data"
    assert streamed.to(torch.device("cpu")) is streamed
    assert dataset.to("meta") is not dataset


@given(hnp.arrays(np.uint64, st.integers(0, 60), elements=st.integers(0, 2**64 - 1) | st.sampled_from([0, 5, 2**63])))
def test_keys_are_ordered_as_unsigned_numbers_and_equal_ones_keep_their_turn(keys: np.ndarray) -> None:
    assert order_of(keys).tolist() == np.argsort(keys, kind="stable").tolist()
