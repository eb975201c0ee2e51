"""Every line of code that a refusal gives can be run on the very file, and what comes out is read right."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tests.lattice.data.advice import follow, load, refusal_of
from tests.lattice.data.layouts import COUNT, IDS, LISTS, TEXTS, TRUTH, WIDTH

joblib = pytest.importorskip("joblib")
WORDS = [
    "a",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "the",
    "very",
    "lazy",
    "dog",
    "while",
    "nine",
    "sleepy",
    "hens",
    "look",
    "on",
]
FRAME = pd.DataFrame({"text": TEXTS, "embedding": LISTS})
BY_NAME = {"embeddings": TRUTH, "texts": TEXTS}


def pickled(path: Path, value: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


def zipped(path: Path, value: Any) -> Path:
    path.write_bytes(gzip.compress(pickle.dumps(value)))
    return path


def dumped(path: Path, value: Any, **options: Any) -> Path:
    joblib.dump(value, path, **options)
    return path


def saved(path: Path, value: Any) -> Path:
    torch.save(value, path)
    return path


def objects(path: Path, value: Any) -> Path:
    np.save(path, value, allow_pickle=True)
    return path


def as_objects(values: list[Any]) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


PICKLES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "dict": (lambda p: pickled(p / "a.pkl", BY_NAME), "a.npz"),
    "dict, old protocol": (lambda p: pickled(p / "a.pickle", BY_NAME, 2), "a.npz"),
    "array": (lambda p: pickled(p / "a.pkl", TRUTH), "a.npy"),
    "list of arrays": (lambda p: pickled(p / "a.p", list(TRUTH)), "a.npy"),
    "list of lists": (lambda p: pickled(p / "a.p", LISTS), "a.npy"),
    "tuple": (lambda p: pickled(p / "a.pkl", (TRUTH, TEXTS)), "a.npz"),
    "records": (lambda p: pickled(p / "a.pkl", FRAME.to_dict("records")), "a.parquet"),
    "frame": (lambda p: pickled(p / "a.pkl", FRAME), "a.parquet"),
    "frame, gzip": (lambda p: zipped(p / "a.pkl.gz", FRAME), "a.parquet"),
    "array, gzip without the ending": (lambda p: zipped(p / "a.pkl", TRUTH), "a.npy"),
    "array, gzip without another ending": (lambda p: zipped(p / "a.gz", TRUTH), "a.npy"),
    "joblib array": (lambda p: dumped(p / "a.joblib", TRUTH), "a.npy"),
    "joblib dict": (lambda p: dumped(p / "a.pkl", BY_NAME), "a.npz"),
    "joblib packed": (lambda p: dumped(p / "a.joblib", BY_NAME, compress=3), "a.npz"),
    "torch dict of arrays": (lambda p: saved(p / "a.pt", BY_NAME), "a.npz"),
    "torch array": (lambda p: saved(p / "a.pt", TRUTH), "a.npy"),
    "torch list of arrays": (lambda p: saved(p / "a.pt", list(TRUTH)), "a.npy"),
    "npy dict": (lambda p: objects(p / "a.npy", BY_NAME), "a.npz"),
    "npy vectors": (lambda p: objects(p / "a.npy", as_objects(list(TRUTH))), "a-rows.npy"),
    "npy table": (lambda p: objects(p / "a.npy", TRUTH.astype(object)), "a-rows.npy"),
    "npy records": (lambda p: objects(p / "a.npy", as_objects(FRAME.to_dict("records"))), "a.parquet"),
}


@pytest.mark.parametrize("name", PICKLES)
def test_the_two_lines_convert_a_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    make, out = PICKLES[name]
    message = refusal_of(make(tmp_path))
    assert "Where you trust it" in message or "where you trust it" in message
    follow(message, tmp_path, monkeypatch)
    dataset = load(tmp_path / out)
    assert torch.allclose(dataset.embeddings.float(), torch.from_numpy(TRUTH))
    if dataset.texts is not None:
        assert list(dataset.texts) == TEXTS


def test_a_dict_of_a_vector_for_each_id_keeps_the_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = refusal_of(pickled(tmp_path / "a.pkl", dict(zip(IDS, TRUTH, strict=True))))
    load_line, _, stack = message.split("`")[1::2][:3]
    follow(f"`{load_line}` `{stack}`", tmp_path, monkeypatch)
    dataset = load(tmp_path / "a.npz")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == IDS


@pytest.mark.parametrize("write", ["tofile", "memmap"])
def test_numbers_without_a_header_that_are_called_npy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    path = tmp_path / "a.npy"
    if write == "tofile":
        TRUTH.tofile(path)
    else:
        np.memmap(path, "float32", "w+", shape=TRUTH.shape)[:] = TRUTH
    message = refusal_of(path)
    assert "without saying of what shape" in message
    assert "damaged" not in message
    follow(message, tmp_path, monkeypatch, 1, WIDTH=str(WIDTH))
    assert torch.equal(load(tmp_path / "a-rows.npy").embeddings, torch.from_numpy(TRUTH))


@pytest.mark.parametrize("name", ["f.txt", "f.prn"])
def test_columns_padded_with_blanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    texts = [" ".join(WORDS[row:] + WORDS[:row])[: 40 + row].strip() for row in range(COUNT)]
    rows = [f"{row:<4} {text:<70} {row % 3:>5}" for row, text in enumerate(texts)]
    (tmp_path / name).write_text("\n".join([f"{'id':<4} {'text':<70} label", *rows]) + "\n")
    follow(refusal_of(tmp_path / name), tmp_path, monkeypatch, 1)
    frame = pd.read_csv(tmp_path / "f.csv")
    assert list(frame["text"]) == texts
    assert len(frame) == COUNT


@pytest.mark.parametrize("name", ["e.html", "e.txt", "e.csv"])
def test_a_table_of_a_web_page_is_no_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FRAME[["text"]].to_html())
    assert rf"pandas.read_html({name!r})[0].to_parquet('e.parquet')" in refusal_of(tmp_path / name)


@pytest.mark.parametrize("name", ["e.parquet", "e.npy", "e.safetensors", "e.feather"])
def test_text_that_is_called_otherwise_is_told_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("text,label\n" + "".join(f"{text!r},1\n" for text in TEXTS))
    assert "is text by its first bytes" in (message := refusal_of(tmp_path / name))
    assert "a table, .csv or .tsv" in message


def test_what_torch_wrote_under_the_name_of_a_pickle(tmp_path: Path) -> None:
    assert "name it .pt" in refusal_of(saved(tmp_path / "a.pkl", torch.from_numpy(TRUTH)))
