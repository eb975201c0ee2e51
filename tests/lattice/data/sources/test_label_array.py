"""Arrays of labels beside vectors become the categories."""

from pathlib import Path

import numpy as np
import pytest

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader
from lattice.data.sources import label_array

ROWS = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
CLASSES = np.arange(12) % 3
WORDS = ["0", "1", "2"] * 4


def load(path: Path, **settings):
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings))
    return loader.load(), loader.report


@pytest.mark.parametrize(
    ("vectors", "labels"),
    [
        ("X.npy", "y.npy"),
        ("embeddings.npy", "labels.npy"),
        ("X_train.npy", "y_train.npy"),
        ("a-b.npy", "a-b-y.npy"),
        ("x_values.npy", "y_values.npy"),
        ("x_vec.npy", "y_vec.npy"),
    ],
)
def test_by_name(tmp_path, vectors, labels):
    np.save(tmp_path / vectors, ROWS)
    np.save(tmp_path / labels, CLASSES)
    dataset, report = load(tmp_path / vectors)
    assert list(dataset.categories) == WORDS
    assert f"{vectors}: categories from {labels} beside it" in report.guesses


@pytest.mark.parametrize("values", [CLASSES.astype(str), CLASSES.astype("S1"), CLASSES.astype(np.uint8)[:, None]])
def test_texts_bytes_and_columns(tmp_path, values):
    np.save(tmp_path / "X.npy", ROWS)
    np.save(tmp_path / "y.npy", values)
    assert list(load(tmp_path / "X.npy")[0].categories) == WORDS


def test_the_part_that_belongs_to_the_vectors(tmp_path):
    for part, shift in (("train", 0), ("test", 1)):
        np.save(tmp_path / f"X_{part}.npy", ROWS)
        np.save(tmp_path / f"y_{part}.npy", CLASSES + shift)
    assert list(load(tmp_path / "X_test.npy")[0].categories) == ["1", "2", "3"] * 4


def test_in_a_folder_and_in_an_archive(tmp_path):
    (tmp_path / "folder").mkdir()
    np.save(tmp_path / "folder" / "X.npy", ROWS)
    np.save(tmp_path / "folder" / "y.npy", CLASSES)
    np.savez(tmp_path / "packed.npz", X=ROWS, y=CLASSES)
    dataset, report = load(tmp_path / "folder")
    assert list(dataset.categories) == WORDS
    assert report.left_aside == []
    assert list(load(tmp_path / "packed.npz")[0].categories) == WORDS


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (CLASSES[:5], "y.npy beside it has 5 labels, not 12"),
        (np.linspace(0, 1, 12), "y.npy beside it holds no labels: float64"),
        (np.array([{}] * 12, dtype=object), "y.npy beside it holds no labels: object"),
        (np.eye(12, dtype=np.int64), r"y.npy beside it holds no labels: int64 [12, 12]"),
    ],
)
def test_what_is_no_labels_is_left_aside_and_said(tmp_path, values, reason):
    np.save(tmp_path / "X.npy", ROWS)
    np.save(tmp_path / "y.npy", values)
    dataset, report = load(tmp_path / "X.npy")
    assert dataset.categories is None
    assert any(reason in note for note in report.left_aside)


def test_a_damaged_array_is_said(tmp_path):
    np.save(tmp_path / "X.npy", ROWS)
    (tmp_path / "y.npy").write_bytes(b"no array")
    assert any("the labels beside it can't be read" in note for note in load(tmp_path / "X.npy")[1].left_aside)


def test_texts_of_what_are_no_characters_are_said(tmp_path):
    words = np.array(WORDS)
    words.view(np.uint32)[3] = 0x7FFFFFFF
    np.save(tmp_path / "X.npy", ROWS)
    np.save(tmp_path / "y.npy", words)
    dataset, report = load(tmp_path / "X.npy")
    assert dataset.categories is None
    said = "y.npy beside it holds numbers that stand for no character; it is damaged"
    assert any(said in note for note in report.left_aside)


def test_no_labels_are_taken_where_they_were_declined(tmp_path):
    np.save(tmp_path / "X.npy", ROWS)
    np.save(tmp_path / "y.npy", CLASSES)
    assert load(tmp_path / "X.npy", label_column="none")[0].categories is None


def test_vectors_of_queries_are_no_texts_of_documents(tmp_path):
    np.save(tmp_path / "document_embeddings.npy", ROWS)
    np.save(tmp_path / "query_embeddings.npy", ROWS)
    np.save(tmp_path / "document_embeddings_labels.npy", CLASSES)
    dataset, report = load(tmp_path / "document_embeddings.npy")
    assert list(dataset.categories) == WORDS
    assert dataset.texts is None
    assert report.left_aside == []


def test_the_array_beside_that_holds_texts_is_taken_before_one_of_vectors(tmp_path):
    np.save(tmp_path / "emb_document.npy", ROWS)
    np.save(tmp_path / "emb_query.npy", ROWS)
    np.save(tmp_path / "texts.npy", np.array([f"text {word}" for word in WORDS]))
    dataset, report = load(tmp_path / "emb_document.npy")
    assert dataset.texts[:2] == ["text 0", "text 1"]
    assert report.left_aside == []


def test_a_folder_of_shards_is_listed_once_for_each_kind_of_array_and_other_files_are_not_looked_at(
    tmp_path, monkeypatch
):
    np.save(tmp_path / "y.npy", CLASSES)
    shards = [tmp_path / f"part-{number}.parquet" for number in range(3)]
    for shard in shards:
        shard.touch()
    listed, looked_at, iterdir = [], [], Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda folder: listed.append(folder) or iterdir(folder))
    words = label_array._words
    monkeypatch.setattr(label_array, "_words", lambda path: looked_at.append(path) or words(path))
    beside = label_array.ArraysBeside()
    for shard in shards:
        assert beside.arrays_of(shard, ("y",)) == [tmp_path / "y.npy"]
    assert listed == [tmp_path]
    assert looked_at.count(tmp_path / "y.npy") == 2
    assert [looked_at.count(shard) for shard in shards] == [1, 1, 1]
