"""Folders of one vector a file: in the order of their names, named by them, with texts and categories from beside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader
from lattice.errors import DataError
from lattice.progress import Cancelled
from tests.lattice.data.layouts import COUNT, LABELS, TEXTS, TRUTH, arrow_table, jsonl, parquet, records, table
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

STEMS = [f"item {row}" for row in range(COUNT)]
"""In an order in which 10 stands before 2, unless numbers are compared as such."""
ROWS = torch.from_numpy(TRUTH)


def npy(path: Path, row: int) -> None:
    np.save(path.with_suffix(".npy"), TRUTH[row])


def pt(path: Path, row: int) -> None:
    torch.save(ROWS[row].clone(), path.with_suffix(".pt"))


KINDS: dict[str, Callable[[Path, int], object]] = {
    "npy": npy,
    "npy rows": lambda path, row: np.save(path.with_suffix(".npy"), TRUTH[row][None]),
    "npy columns": lambda path, row: np.save(path.with_suffix(".npy"), TRUTH[row][:, None]),
    "npy big-endian": lambda path, row: np.save(path.with_suffix(".npy"), TRUTH[row].astype(">f4")),
    "npy doubles": lambda path, row: np.save(path.with_suffix(".npy"), TRUTH[row].astype(np.float64)),
    "pt": pt,
    "pt rows": lambda path, row: torch.save(ROWS[row][None].clone(), path.with_suffix(".pt")),
    "pt of ESM": lambda path, row: torch.save(
        {
            "label": path.name,
            "mean_representations": {33: ROWS[row].clone()},
            "representations": {33: ROWS[:3].clone()},
        },
        path.with_suffix(".pt"),
    ),
    "pth with more": lambda path, row: torch.save(
        {"embedding": ROWS[row].clone(), "attention": torch.ones(5), "epoch": 3}, path.with_suffix(".pth")
    ),
    "safetensors": lambda path, row: save_file({"v": ROWS[row].clone()}, path.with_suffix(".safetensors")),
}


def written(folder: Path, write: Callable[[Path, int], object] = npy, count: int = COUNT) -> Path:
    for row in range(count):
        write(folder / STEMS[row], row)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_rows_named_by_their_names(tmp_path: Path, kind: str) -> None:
    check(tmp_path, lambda folder: written(folder, KINDS[kind]), Expected(STEMS))


def numbered_texts(folder: Path, stems: list[str] = STEMS) -> None:
    for stem, text in zip(stems, TEXTS, strict=False):
        (folder / f"{stem}.txt").write_text(text)


def named_table(folder: Path, **columns: Any) -> None:
    """Write a table in another order than that of the files, with the truth's texts."""
    rows = rows_of(**columns)
    table(folder / "texts.csv", [rows[0], *reversed(rows[1:])])


BESIDE: dict[str, tuple[Callable[[Path], object], list[str], list[str] | None]] = {
    "a text each": (numbered_texts, TEXTS, None),
    "one list": (lambda p: (p / "texts.txt").write_text("\n".join(TEXTS)), TEXTS, None),
    "a table of stems": (lambda p: named_table(p, name=STEMS, text=TEXTS, label=LABELS), TEXTS, LABELS),
    "a table of files": (
        lambda p: named_table(p, filename=[f"data/{stem}.npy" for stem in STEMS], caption=TEXTS), TEXTS, None),
    "a table of labels": (
        lambda p: named_table(p, file=[f"{stem}.npy" for stem in STEMS], label=LABELS), STEMS, LABELS),
    "records": (
        lambda p: jsonl(p / "meta.jsonl", records(id=STEMS, sentence=TEXTS, n=range(COUNT))), TEXTS, None),
    "a table of columns": (lambda p: parquet(p / "meta.parquet", arrow_table(key=STEMS, body=TEXTS)), TEXTS, None),
    "an array of labels": (lambda p: np.save(p / "labels.npy", np.array(LABELS)), STEMS, LABELS),
    "an array of texts": (lambda p: np.save(p / "texts.npy", np.array(TEXTS)), TEXTS, None),
}  # fmt: skip


@pytest.mark.parametrize("beside", BESIDE)
def test_what_lies_beside_belongs_to_the_files_by_name_or_in_order(tmp_path: Path, beside: str) -> None:
    write, texts, labels = BESIDE[beside]
    write(written(tmp_path))
    check(tmp_path, lambda folder: folder, Expected(texts, labels))


def test_texts_within_the_files_are_theirs(tmp_path: Path) -> None:
    def write(path: Path, row: int) -> None:
        value = {"embedding": ROWS[row].clone(), "text": TEXTS[row], "label": LABELS[row]}
        torch.save(value, path.with_suffix(".pt"))

    check(tmp_path, lambda folder: written(folder, write), Expected(TEXTS, LABELS))


def test_folders_of_single_vectors_are_categories(tmp_path: Path) -> None:
    for row, label in enumerate(sorted(LABELS)):
        (tmp_path / label).mkdir(exist_ok=True)
        npy(tmp_path / label / f"{row}", row)
    check(tmp_path, lambda folder: folder, Expected([str(row) for row in range(COUNT)], sorted(LABELS)))


def test_what_is_missing_beside_is_counted(tmp_path: Path) -> None:
    numbered_texts(written(tmp_path), [*STEMS[:12], "another"])
    dataset, loader = load(tmp_path)
    assert list(dataset.texts or ()) == [*TEXTS[:12], "", "", "", ""]
    assert loader.report.left_aside == [
        f"{tmp_path.name}: 4 vectors have no file of text beside them; left aside 1 files of texts"
    ]


def test_another_width_names_both_files(tmp_path: Path) -> None:
    np.save(written(tmp_path) / "item 9.npy", TRUTH[0, :5])
    with pytest.raises(DataError, match=r"item 9\.npy holds a vector of width 5, but .*item 0\.npy one of 12"):
        load(tmp_path)


def test_a_file_without_a_vector_and_one_with_two_are_named(tmp_path: Path) -> None:
    np.save(written(tmp_path) / "item 9.npy", TRUTH[:3])
    with pytest.raises(DataError, match=r"item 9\.npy holds no single vector, as item 0\.npy and the others"):
        load(tmp_path)
    (tmp_path / "two").mkdir()
    written(tmp_path / "two", lambda path, row: torch.save(
        {"cls": ROWS[row].clone(), "mean": ROWS[row] * 2}, path.with_suffix(".pt")))  # fmt: skip
    with pytest.raises(DataError, match=r"item 0\.pt holds the vectors 'cls', 'mean'; choose one with --table"):
        load(tmp_path / "two")
    check(tmp_path / "two", lambda folder: folder, Expected(STEMS, None, {"table": "cls"}))


def test_a_table_beside_single_vectors_is_the_data(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", TRUTH)
    np.save(tmp_path / "mean.npy", TRUTH.mean(axis=0))
    dataset, loader = load(tmp_path)
    assert torch.equal(dataset.embeddings, ROWS)
    assert loader.report.left_aside == [f"{tmp_path.name}: left aside mean.npy"]


@pytest.mark.parametrize(("name", "width"), [("embeddings", 12), ("k", 7)])
def test_a_table_behind_many_arrays_of_one_dimension_is_the_data(tmp_path: Path, name: str, width: int) -> None:
    for curve in "0123456789abcz":  # the table is between the first files and the last
        np.save(tmp_path / f"{curve}_curve.npy", np.linspace(0, 1, 12, dtype=np.float32))
    np.save(tmp_path / f"{name}.npy", TRUTH[:, :width])
    dataset, loader = load(tmp_path)
    assert torch.equal(dataset.embeddings, ROWS[:, :width])
    assert "left aside 0_curve.npy, " in loader.report.left_aside[0]


def test_curves_beside_a_table_are_no_vectors_unless_the_table_names_them(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "rows.jsonl", records(text=TEXTS, embedding=TRUTH.tolist()))
    for name in ("accuracy", "loss"):
        np.save(tmp_path / f"{name}.npy", np.linspace(0, len(name), 500))
    dataset, loader = load(tmp_path)
    assert torch.equal(dataset.embeddings, ROWS)
    assert "left aside accuracy.npy, loss.npy" in loader.report.left_aside[0]
    jsonl(path, records(name=["loss", "accuracy"], text=TEXTS[:2]))
    assert list(load(tmp_path)[0].texts or ()) == TEXTS[:2][::-1]


def test_a_limit_reads_the_first_files_and_a_cancel_stops(tmp_path: Path) -> None:
    (written(tmp_path) / "item 9.npy").write_bytes(b"damaged")
    training = TrainingEmbeddingSettings(data=str(tmp_path), max_total_samples=5)
    dataset = UnifiedDatasetLoader(training, DataSettings()).load()
    assert torch.equal(dataset.embeddings, ROWS[:5])
    assert list(dataset.texts or ()) == STEMS[:5]

    for stop in ("listing", "reading the files of"):

        def cancel(what: str, done: int, total: int | None, stop: str = stop) -> None:
            if what == f"{stop} {tmp_path.name}":
                raise Cancelled

        with pytest.raises(Cancelled):
            UnifiedDatasetLoader(training, DataSettings(), progress=cancel).load()


def test_texts_within_archives_are_theirs(tmp_path: Path) -> None:
    def write(path: Path, row: int) -> None:
        np.savez(path.with_suffix(".npz"), embedding=TRUTH[row], text=TEXTS[row], label=np.array([LABELS[row]]))

    check(tmp_path, lambda folder: written(folder, write), Expected(TEXTS, LABELS))
