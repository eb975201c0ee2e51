"""Vectors of several kinds of the same samples are no rows of one table: they are refused, or pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader
from lattice.data.sources.roles import roles_of
from lattice.errors import DataError
from tests.lattice.data.layouts import TRUTH
from tests.lattice.data.readers.test_layouts import load


def written(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.save(folder / name, TRUTH * (1 - 2 * (number % 2)))
    return folder


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("img_emb/img_emb_0.npy", "text_emb/text_emb_0.npy"), ["img", "text"]),
        (("docs.npy", "queries.npy"), ["query", "doc"]),
        (("doc_embeddings.npy", "query_embeddings.npy"), ["query", "doc"]),
        (("a.npy", "b.npy"), []),
        (("query_0.npy", "query_1.npy"), []),
        (("query_0.npy", "doc_1.npy"), []),
        (("text.npy", "rows.npy"), []),
        (("query.npy", "positive.npy", "negative.npy"), ["query", "positive", "negative"]),
        (("part-0.npy", "part-1.npy"), []),
    ],
)
def test_kinds_are_told_by_the_names_of_files_that_differ_in_nothing_else(
    tmp_path: Path, names: tuple[str, ...], told: list[str]
) -> None:
    assert list(roles_of(tmp_path, [tmp_path / name for name in names])) == told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("source.npy", "target.npy"), ["source", "target"]),
        (("right_0.npy", "left_0.npy"), ["left", "right"]),
        (("positive.npy", "negative.npy"), []),
        (("source.npy", "positive.npy", "negative.npy"), []),
    ],
)
def test_words_of_classes_and_domains_tell_wanted_pairs_alone(
    tmp_path: Path, names: tuple[str, ...], told: list[str]
) -> None:
    paths = [tmp_path / name for name in names]
    assert roles_of(tmp_path, paths) == {}
    assert list(roles_of(tmp_path, paths, pairs=True)) == told
    assert len(load(written(tmp_path, *names))[0]) == 2 * len(TRUTH), "all rows but for repeats"


@pytest.mark.parametrize("label", [None, "none"])
@pytest.mark.parametrize("names", [("positive", "negative"), ("text", "image")])
def test_folders_of_classes_are_no_kinds_of_vectors(tmp_path: Path, names: tuple[str, str], label: str | None) -> None:
    dataset, _ = load(written(tmp_path, *(f"label={name}/part-0.npy" for name in names)), label_column=label)
    categories = None if label else sorted(dataset.categories or ())
    assert len(dataset) == 2 * len(TRUTH)
    assert categories == (None if label else sorted([*names] * len(TRUTH)))


def test_several_kinds_are_refused_with_the_ways_out(tmp_path: Path) -> None:
    written(tmp_path, "img_emb/img_emb_0.npy", "text_emb/text_emb_0.npy")
    words = r"holds vectors of 'img' \(img_emb/img_emb_0\.npy\) and of 'text' .*give the file or folder of one kind, or"
    with pytest.raises(DataError, match=words):
        load(tmp_path)
    assert torch.equal(load(tmp_path / "img_emb")[0].embeddings, torch.from_numpy(TRUTH))


def test_two_kinds_are_pairs_where_pairs_are_wanted(tmp_path: Path) -> None:
    training = TrainingEmbeddingSettings(data=str(written(tmp_path, "queries.npy", "docs.npy")), objective="pairs")
    loader = UnifiedDatasetLoader(training, DataSettings())
    dataset = loader.load()
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert dataset.partners is not None
    assert torch.equal(dataset.partners, torch.from_numpy(-TRUTH))
    assert loader.report.guesses == ["queries.npy with the rows of docs.npy as their partners"]
    np.save(tmp_path / "docs.npy", TRUTH[:9])
    with pytest.raises(DataError, match=r"queries\.npy has shape \[16, 12\], but .*docs\.npy \[9, 12\]; row i"):
        loader.load()
