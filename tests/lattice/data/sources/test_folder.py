"""Folders: saved data sets, clones from the hub, shards in subfolders, and vectors beside their texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader
from lattice.data.sources.folder import files_of
from lattice.errors import DataError
from tests.lattice.data.layouts import (
    COUNT,
    IDS,
    LABELS,
    LISTS,
    TEXTS,
    TRUTH,
    arrow_table,
    jsonl,
    lists,
    packed,
    parquet,
    records,
    saved_data_set,
    table,
    whole_json,
)  # fmt: skip

HALF = COUNT // 2


def load(path: Path, **settings: Any) -> tuple[EmbeddingDataset, UnifiedDatasetLoader]:
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings))
    return loader.load(), loader


def check(dataset: EmbeddingDataset, texts: list[str] | None = TEXTS) -> None:
    assert torch.equal(dataset.embeddings.float(), torch.from_numpy(TRUTH))
    assert dataset.texts == texts or list(dataset.texts or ()) == texts


def shards(folder: Path, names: list[str]) -> Path:
    """Write the samples into parquet files of equal size."""
    content, part = arrow_table(lists(), text=TEXTS), COUNT // len(names)
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        parquet(folder / name, content.slice(number * part, part))
    return folder


def test_shards_in_subfolders_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    check(load(shards(tmp_path, [f"data/part-{number}.parquet" for number in (1, 2, 9, 10)]))[0])


@pytest.mark.parametrize(
    ("name", "is_data"),
    [
        ("requirements.csv", True),
        ("requirements_train.jsonl", True),
        ("requirements.v2.json", True),
        ("requirements", False),
        ("requirements-dev.txt", False),
        ("requirements.dev.txt", False),
    ],
)
def test_requirements_are_data_unless_they_are_lists_of_packages(tmp_path: Path, name: str, is_data: bool) -> None:
    for written in (name, f"rows{Path(name).suffix or '.txt'}"):
        (tmp_path / written).write_text("numpy\n", encoding="utf-8")
    assert (name in {path.name for _, path in files_of(tmp_path, "train").files}) == is_data


def test_a_clone_of_a_hub_repository_gives_one_split(tmp_path: Path) -> None:
    names = [f"data/train-0000{number}-of-00002.parquet" for number in range(2)]
    shards(tmp_path, names)
    parquet(tmp_path / "data" / "test-00000-of-00001.parquet", arrow_table((-TRUTH).tolist(), text=TEXTS))
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "data.npy").write_bytes(b"no array")
    whole_json(tmp_path / "dataset_infos.json", {"default": {}})
    dataset, loader = load(tmp_path)
    check(dataset)
    assert any("took the 2 files of the split 'train'" in guess for guess in loader.report.guesses)
    assert any("data/test-00000-of-00001.parquet (data.split" in aside for aside in loader.report.left_aside)
    assert torch.equal(load(tmp_path, split="test")[0].embeddings.float(), torch.from_numpy(-TRUTH))


def test_the_card_of_a_data_set_names_its_files(tmp_path: Path) -> None:
    shards(tmp_path, ["en/first.parquet", "en/second.parquet"])
    parquet(tmp_path / "other.parquet", arrow_table((-TRUTH).tolist(), text=TEXTS))
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: en/*.parquet\n---\n"
    (tmp_path / "README.md").write_text(card)
    check(load(tmp_path)[0])


def test_a_pointer_of_git_lfs_says_how_to_get_the_data(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"
    for name in ("a.parquet", "a.jsonl", "a.npy", "a.csv.gz"):
        (tmp_path / name).write_text(pointer)
        with pytest.raises(DataError, match=rf"{name} is only a pointer of Git LFS.*`git lfs pull`"):
            load(tmp_path / name)


def test_a_pointer_beside_the_data_is_no_hindrance_and_one_in_their_place_is_refused(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=LISTS))
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"
    (tmp_path / "logo.png").write_text(pointer)
    check(load(tmp_path)[0])
    with pytest.raises(DataError, match=r"logo\.png is only a pointer of Git LFS"):
        load(tmp_path / "logo.png")
    (tmp_path / "b.bin").write_text(pointer)
    with pytest.raises(DataError, match=r"b\.bin is only a pointer of Git LFS"):
        load(tmp_path)


def test_a_saved_dictionary_of_data_sets_gives_one_split(tmp_path: Path) -> None:
    saved_data_set(tmp_path / "train", arrow_table(lists(), text=TEXTS))
    saved_data_set(tmp_path / "test", arrow_table((-TRUTH).tolist(), text=TEXTS))
    whole_json(tmp_path / "dataset_dict.json", {"splits": ["train", "test"]})
    dataset, loader = load(tmp_path)
    check(dataset)
    assert any("left aside the splits 'test'" in aside for aside in loader.report.left_aside)
    with pytest.raises(DataError, match=r"has no split 'dev'; it has 'train', 'test'"):
        load(tmp_path, split="dev")


def test_a_saved_data_set_that_is_not_whole_says_what_is_missing(tmp_path: Path) -> None:
    saved_data_set(tmp_path / "a", arrow_table(lists(), text=TEXTS))
    (tmp_path / "a" / "data-00001-of-00002.arrow").unlink()
    with pytest.raises(DataError, match=r"lacks data-00001-of-00002\.arrow; copy it again"):
        load(tmp_path / "a")
    saved_data_set(tmp_path / "b", arrow_table(lists(), text=TEXTS))
    files = [{"filename": "data-00000-of-00002.arrow"}]
    whole_json(tmp_path / "b" / "state.json", {"_data_files": files, "_indices_files": files})
    with pytest.raises(DataError, match=r"flatten_indices\(\)"):
        load(tmp_path / "b")


def beside(folder: Path, kind: str) -> Path:
    """Write the vectors as an array and their texts beside it."""
    np.save(folder / "embeddings.npy", TRUTH)
    if kind == "txt":
        (folder / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    elif kind == "tsv":
        table(folder / "metadata.tsv", [["label", "group"], *zip(TEXTS, LABELS, strict=True)], "\t")
    elif kind == "jsonl.gz":
        packed(jsonl(folder / "metadata.jsonl", records(id=IDS, text=TEXTS, label=LABELS)), ".gz")
    else:
        parquet(folder / "meta.parquet", arrow_table(None, url=IDS, caption=TEXTS, label=LABELS))
    return folder


@pytest.mark.parametrize("kind", ["txt", "tsv", "jsonl.gz", "parquet"])
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_texts_beside_an_array_are_taken(tmp_path: Path, kind: str, whole: bool) -> None:
    folder = beside(tmp_path, kind)
    dataset, loader = load(folder if whole else folder / "embeddings.npy")
    check(dataset)
    assert kind == "txt" or list(dataset.categories or ()) == LABELS
    assert any("beside it" in guess for guess in loader.report.guesses)


def test_texts_that_do_not_fit_are_left_aside_with_the_reason(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS[:-1]) + "\n")
    for path in (tmp_path, tmp_path / "embeddings.npy"):
        dataset, loader = load(path)
        assert dataset.texts is None
        assert loader.report.left_aside == ["embeddings.npy: texts.txt beside it has 15 rows, not 16"]


def test_a_blank_line_beside_an_array_is_a_row_without_a_text(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    (tmp_path / "texts.txt").write_text("\n".join(["", *TEXTS[1:]]) + "\n")
    check(load(tmp_path)[0], ["", *TEXTS[1:]])


def test_arrays_in_shards_each_have_their_texts(tmp_path: Path) -> None:
    for number in range(2):
        part = slice(number * HALF, (number + 1) * HALF)
        np.save(tmp_path / f"img_emb_{number}.npy", TRUTH[part])
        parquet(tmp_path / f"metadata_{number}.parquet", arrow_table(None, caption=TEXTS[part]))
    check(load(tmp_path)[0])


def test_files_of_other_things_beside_a_single_array_are_not_its_texts(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    (tmp_path / "shopping.txt").write_text("\n".join(TEXTS) + "\n")
    parquet(tmp_path / "text_rows.parquet", arrow_table(lists(), text=TEXTS))
    check(load(tmp_path / "embeddings.npy")[0], None)


def test_the_embedding_projectors_pair_is_read(tmp_path: Path) -> None:
    table(tmp_path / "vectors.tsv", LISTS, "\t")
    table(tmp_path / "metadata.tsv", [["label", "group"], *zip(TEXTS, LABELS, strict=True)], "\t")
    for path in (tmp_path, tmp_path / "vectors.tsv"):
        dataset, _ = load(path)
        check(dataset)
        assert list(dataset.categories or ()) == LABELS


def test_labels_in_an_array_of_their_own_do_not_stop_a_folder(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", TRUTH)
    np.save(tmp_path / "y.npy", np.arange(COUNT))
    check(load(tmp_path)[0], None)


def test_files_that_are_no_data_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", np.random.default_rng(0).normal(size=(16, 8)).astype(np.float32))
    np.save(tmp_path / "labels.npy", np.arange(16))
    (tmp_path / "requirements.txt").write_text("numpy\n", encoding="utf-8")
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    found = files_of(tmp_path, "train")
    assert [path.name for _, path in found.files] == ["embeddings.npy"]
    assert found.aside == f"{tmp_path.name}: left aside config.json, requirements.txt"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_of_measurements_are_read_with_the_same_columns(tmp_path: Path, kind: str) -> None:
    names = [f"measure {chr(97 + place)}" for place in range(len(LISTS[0]))]
    for place, label in enumerate(("one", "two")):
        rows = LISTS[place * HALF : (place + 1) * HALF]
        if kind == "csv":
            table(tmp_path / f"{place}.csv", [[*names, "variety"], *([*row, label] for row in rows)])
        else:
            columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
            parquet(tmp_path / f"{place}.parquet", arrow_table(**columns, variety=[label] * HALF))
    dataset, _ = load(tmp_path)
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert dataset.texts is None
    assert list(dataset.categories or ()) == ["one"] * HALF + ["two"] * HALF


@pytest.mark.parametrize(
    ("other", "why"), [("embeddings.pkl", r"embeddings\.pkl"), ("cat.jpg", r"LICENSE, README\.txt, cat\.jpg are of no")]
)
def test_a_licence_beside_what_is_not_read_is_no_data(tmp_path: Path, other: str, why: str) -> None:
    for name in ("LICENSE", "README.txt"):
        (tmp_path / name).write_text("Permission is granted.\nNo warranty is given.\n")
    (tmp_path / other).write_bytes(b"\x80\x04N.")
    with pytest.raises(DataError, match=f"holds no file of texts or embeddings: .*{why}"):
        load(tmp_path)
