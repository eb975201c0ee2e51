"""Several files beside vectors: each gives what it is called after, and none texts that it does not hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.data.sources.beside import Role, role_of
from tests.lattice.data.layouts import COUNT, LABELS, TEXTS, TRUTH, WORDS, arrow_table, parquet, table
from tests.lattice.data.readers.test_layouts import load

LINES = {"texts": TEXTS, "labels": LABELS, "sentences": TEXTS[::-1], "ids": WORDS, "classes": LABELS, "y": LABELS}
CASES: dict[str, tuple[tuple[str, ...], list[str] | None, list[str] | None, bool]] = {
    "texts and labels": (("texts.txt", "labels.txt"), TEXTS, LABELS, False),
    "labels alone": (("labels.txt",), None, LABELS, False),
    "a column of labels": (("labels.csv",), None, LABELS, False),
    "a list of labels": (("labels.json",), None, LABELS, False),
    "classes and ids": (("classes.txt", "ids.txt"), WORDS, LABELS, True),
    "ids alone": (("ids.txt",), WORDS, None, True),
    "y": (("y.txt", "texts.txt"), TEXTS, LABELS, False),
    "notes are not texts": (("notes.txt",), None, None, False),
}


def written(folder: Path, name: str) -> None:
    stem, _, ending = name.partition(".")
    lines = LINES.get(stem, [f"remark {place} on it" for place in range(COUNT)])
    if ending == "csv":
        table(folder / name, [["label"], *([line] for line in lines)])
    elif ending == "json":
        (folder / name).write_text(json.dumps(lines))
    else:
        (folder / name).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("whole", [False, True], ids=["file", "folder"])
@pytest.mark.parametrize("case", CASES)
def test_each_file_gives_what_it_is_called_after(tmp_path: Path, case: str, whole: bool) -> None:
    names, texts, labels, is_name = CASES[case]
    np.save(tmp_path / "embeddings.npy", TRUTH)
    for name in names:
        written(tmp_path, name)
    dataset, _ = load(tmp_path if whole else tmp_path / "embeddings.npy")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert (None if dataset.texts is None else list(dataset.texts)) == texts
    assert (None if dataset.categories is None else list(dataset.categories)) == labels
    assert any("names from" in guess for guess in dataset.report.guesses) == is_name


def test_a_second_file_of_texts_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    for name in ("labels.txt", "sentences.txt", "texts.txt"):
        written(tmp_path, name)
    dataset, _ = load(tmp_path / "embeddings.npy")
    assert list(dataset.texts or ()) == TEXTS
    assert list(dataset.categories or ()) == LABELS
    assert dataset.report.left_aside == ["embeddings.npy: left aside 'sentences.txt' beside it"]


def test_categories_come_from_a_table_beside_a_list_of_texts(tmp_path: Path) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    written(tmp_path, "texts.txt")
    table(tmp_path / "metadata.csv", [["label", "rank"], *([label, row] for row, label in enumerate(LABELS))])
    dataset, _ = load(tmp_path / "embeddings.npy")
    assert (list(dataset.texts or ()), list(dataset.categories or ())) == (TEXTS, LABELS)


def test_parts_with_texts_and_labels_of_their_own(tmp_path: Path) -> None:
    half = COUNT // 2
    for part in range(2):
        rows = slice(part * half, (part + 1) * half)
        np.save(tmp_path / f"emb_{part}.npy", TRUTH[rows])
        (tmp_path / f"texts_{part}.txt").write_text("\n".join(TEXTS[rows]))
        (tmp_path / f"labels_{part}.txt").write_text("\n".join(LABELS[rows]))
    dataset, _ = load(tmp_path)
    assert (list(dataset.texts or ()), list(dataset.categories or ())) == (TEXTS, LABELS)


@pytest.mark.parametrize("whole", [False, True], ids=["file", "folder"])
def test_names_beside_vectors_without_a_header(tmp_path: Path, whole: bool) -> None:
    np.savetxt(tmp_path / "vectors.tsv", TRUTH, delimiter="\t")
    (tmp_path / "labels.tsv").write_text("\n".join(WORDS) + "\n")
    dataset, _ = load(tmp_path if whole else tmp_path / "vectors.tsv")
    assert list(dataset.texts or ()) == WORDS
    (tmp_path / "labels.tsv").write_text("\n".join(WORDS[1:]) + "\n")
    dataset, _ = load(tmp_path if whole else tmp_path / "vectors.tsv")
    assert dataset.texts is None
    assert dataset.report.left_aside == ["vectors.tsv: labels.tsv beside it has 15 rows, not 16"]


@pytest.mark.parametrize("whole", [False, True], ids=["file", "folder"])
def test_captions_of_clip_retrieval_lie_in_a_folder_beside(tmp_path: Path, whole: bool) -> None:
    for name in ("img_emb", "text_emb", "metadata"):
        (tmp_path / name).mkdir()
    np.save(tmp_path / "img_emb" / "img_emb_0.npy", TRUTH)
    np.save(tmp_path / "text_emb" / "text_emb_0.npy", -TRUTH)
    names = [f"{row:05d}.jpg" for row in range(COUNT)]
    parquet(tmp_path / "metadata" / "metadata_0.parquet", arrow_table(image_path=names, caption=TEXTS))
    dataset, _ = load(tmp_path / "img_emb" if whole else tmp_path / "img_emb" / "img_emb_0.npy")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == TEXTS


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("texts.txt", Role.TEXTS),
        ("text_labels.txt", Role.LABELS),
        ("categories.csv", Role.LABELS),
        ("classes.txt", Role.LABELS),
        ("metadata.tsv", Role.ROWS),
        ("doc_ids.txt", Role.NAMES),
        ("other.txt", Role.ROWS),
    ],
)
def test_the_last_telling_word_of_a_name_tells_the_role(name: str, role: Role) -> None:
    assert role_of(Path(name)) is role
