"""Questions and answers in two files of vectors: each side has the texts that lie beside it, and both are closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, LABELS, TEXTS, TRUTH, table
from tests.lattice.data.readers.test_layouts import rows_of

ANSWERS = [f"an answer to {text}" for text in TEXTS]


def load(folder: Path) -> tuple[EmbeddingDataset, list[str]]:
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(folder), objective="pairs"), DataSettings())
    return loader.load(), loader.report.left_aside


def packed(texts: list[str]) -> dict[str, torch.Tensor]:
    """Return texts as two tensors."""
    encoded = [text.encode() for text in texts]
    ends = torch.tensor(np.cumsum([len(text) for text in encoded]))
    return {"texts.utf8": torch.frombuffer(bytearray(b"".join(encoded)), dtype=torch.uint8), "texts.ends": ends}


def arrays(folder: Path) -> None:
    np.save(folder / "queries.npy", TRUTH)
    np.save(folder / "docs.npy", -TRUTH)


def lines(folder: Path) -> None:
    arrays(folder)
    for name, texts in (("queries", TEXTS), ("docs", ANSWERS)):
        (folder / f"{name}.txt").write_text("\n".join(texts) + "\n")
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n")


def text_arrays(folder: Path) -> None:
    arrays(folder)
    np.save(folder / "queries_texts.npy", np.array(TEXTS))
    np.save(folder / "docs_texts.npy", np.array(ANSWERS))
    np.save(folder / "labels.npy", np.array(LABELS))


def tables(folder: Path) -> None:
    arrays(folder)
    table(folder / "queries.csv", rows_of(text=TEXTS))
    table(folder / "docs.csv", rows_of(text=ANSWERS, label=LABELS))


def tensors(folder: Path) -> None:
    for name, sign, texts in (("queries", 1, TEXTS), ("docs", -1, ANSWERS)):
        save_file({"embeddings": torch.from_numpy(TRUTH) * sign, **packed(texts)}, folder / f"{name}.safetensors")
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n")


@pytest.mark.parametrize("write", [lines, text_arrays, tables, tensors])
def test_each_side_has_its_texts_and_the_pair_its_category(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path)
    dataset, aside = load(tmp_path)
    assert dataset.partners is not None
    assert torch.equal(dataset.partners.float(), torch.from_numpy(-TRUTH))
    assert list(dataset.texts or ()) == TEXTS
    assert list(dataset.partner_texts or ()) == ANSWERS
    assert list(dataset.categories or ()) == LABELS
    assert aside == []


@pytest.mark.parametrize("name", ["texts.txt", "texts.npy"])
def test_texts_that_may_belong_to_either_side_are_of_none(tmp_path: Path, name: str) -> None:
    arrays(tmp_path)
    if name.endswith("npy"):
        np.save(tmp_path / name, np.array(TEXTS))
    else:
        (tmp_path / name).write_text("\n".join(TEXTS) + "\n")
    dataset, aside = load(tmp_path)
    assert dataset.texts is None
    assert dataset.partner_texts is None
    assert aside == [f"left aside {name!r}, which may belong to queries.npy or to docs.npy"]


def test_texts_that_do_not_fit_and_others_are_named(tmp_path: Path) -> None:
    lines(tmp_path)
    (tmp_path / "docs.txt").write_text("one line\n")
    (tmp_path / "story.txt").write_text("a story\n")
    dataset, aside = load(tmp_path)
    assert list(dataset.texts or ()) == TEXTS
    assert any("docs.txt beside it has 1 rows, not 16" in said for said in aside)
    assert any("left out story.txt" in said for said in aside)


def test_both_sides_are_closed_after_a_fault_and_after_a_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    close = EmbeddingFile.close

    def counted(self: EmbeddingFile) -> None:
        closed.append(self.path.name)
        close(self)

    monkeypatch.setattr(EmbeddingFile, "close", counted)
    arrays(tmp_path)
    load(tmp_path)
    assert sorted(closed) == ["docs.npy", "queries.npy"]
    closed.clear()
    np.save(tmp_path / "docs.npy", TRUTH[: COUNT - 1])
    with pytest.raises(DataError, match=r"queries\.npy has shape \[16, 12\], but .*docs\.npy \[15, 12\]"):
        load(tmp_path)
    assert sorted(closed) == ["docs.npy", "queries.npy"]
