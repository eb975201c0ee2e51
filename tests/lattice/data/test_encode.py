"""A file of texts becomes a file of embeddings that can be loaded as data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lattice.config import TrainingEmbeddingSettings
from lattice.data import Columns, Teacher, encode_file, load_dataset
from lattice.data import encode as encode_module
from lattice.errors import DataError
from lattice.progress import Cancelled
from tests.lattice.data.making import sentences, write_embeddings, write_texts


def test_what_was_encoded_is_loaded_with_its_texts(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(25)
    lines = [*texts, None, texts[0]]
    source, out = write_texts(tmp_path / "a.jsonl", {"text": lines}), tmp_path / "sub" / "a.safetensors"
    report = encode_file(source, out, loaded_teacher=distilbert)
    assert (report.rows_read, report.kept, report.dropped) == (27, 26, {"no text": 1})
    dataset = load_dataset(TrainingEmbeddingSettings(data=str(out)))
    assert list(dataset.texts or ()) == texts
    assert torch.equal(dataset.embeddings, distilbert.encode(texts, dtype=torch.float16))
    limited = load_dataset(TrainingEmbeddingSettings(data=str(out), max_total_samples=7))
    assert list(limited.texts or ()) == texts[:7]


def test_pairs_are_encoded_side_by_side(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(30)
    source = write_texts(tmp_path / "a.parquet", {"question": texts[:15], "answer": texts[15:]})
    encode_file(source, tmp_path / "a.safetensors", columns=Columns(want_pairs=True), loaded_teacher=distilbert)
    dataset = load_dataset(TrainingEmbeddingSettings(data=str(tmp_path / "a.safetensors"), objective="pairs"))
    assert dataset.partners is not None
    assert list(dataset.partner_texts or ()) == texts[15:]
    assert torch.equal(dataset.partners, distilbert.encode(texts[15:], dtype=torch.float16))


def test_a_cancel_leaves_no_file_and_loses_nothing(tmp_path: Path, distilbert: Teacher) -> None:
    source, out = write_texts(tmp_path / "a.txt", {"text": sentences(20)}), tmp_path / "a.safetensors"

    def cancel(what: str, done: int, total: int | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        encode_file(source, out, progress=cancel, loaded_teacher=distilbert)
    assert not out.exists()
    encode_file(source, out, loaded_teacher=distilbert)
    assert distilbert.last_counts.cached == 20


def test_texts_that_are_written_to_while_they_are_read_are_refused_and_while_they_are_encoded_are_not(
    tmp_path: Path, distilbert: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.data.sources.texts._PROGRESS_EVERY", 1)
    source, out = write_texts(tmp_path / "a.txt", {"text": sentences(20)}), tmp_path / "a.safetensors"
    grows = ["reading"]

    def grow(what: str, done: int, total: int | None) -> None:
        if grows and what.startswith(grows[0]):
            grows.clear()
            source.write_text(source.read_text() + "one more\n")

    with pytest.raises(DataError, match=rf"{source} was written to while it was read.*: wait until it is complete"):
        encode_file(source, out, progress=grow, loaded_teacher=distilbert)
    assert not out.exists()
    grows.append("encoding")
    assert encode_file(source, out, progress=grow, loaded_teacher=distilbert).kept == 21
    assert not grows, "it did grow"


def test_bad_requests_say_what_to_do(tmp_path: Path, distilbert: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = write_texts(tmp_path / "a.txt", {"text": sentences(5)}), tmp_path / "a.safetensors"
    with pytest.raises(DataError, match=r"a\.npy: embeddings are written as \.safetensors"):
        encode_file(source, tmp_path / "a.npy", loaded_teacher=distilbert)
    rows = write_embeddings(tmp_path / "rows.npy", torch.randn(5, 8))
    with pytest.raises(DataError, match="holds embeddings already; expected texts to encode"):
        encode_file(rows, out, loaded_teacher=distilbert)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encode_module, "save_file", full)
    with pytest.raises(DataError, match=r"can't write .*No space left on device\. Free some disk space"):
        encode_file(source, out, loaded_teacher=distilbert)
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
