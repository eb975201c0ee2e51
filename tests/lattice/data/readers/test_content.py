"""Files that are not what their name says, or of kinds that are not read, are told apart with the way out."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.data.readers.content import name_hint
from lattice.errors import DataError
from tests.lattice.data.layouts import (
    IDS,
    LABELS,
    TEXTS,
    TRUTH,
    archive,
    arrow_stream,
    arrow_table,
    lists,
    tensors,
    torch_file,
)
from tests.lattice.data.readers.test_layouts import load

Fill = Callable[[Path], object]


def bytes_of(content: bytes) -> Fill:
    return lambda path: path.write_bytes(content)


def made_as(make: Callable[[Path], Path], ending: str) -> Fill:
    """Return what makes a file under its right ending and gives it another name."""
    return lambda path: os.rename(make(path.with_name(f"made{ending}")), path)


PICKLE = bytes_of(pickle.dumps({"embeddings": [1.5, 2.5]}))
FILES: dict[str, tuple[Fill, str]] = {
    "a.npy": (PICKLE, r"a\.npy is a pickle: opening one can run any code"),
    "b.txt": (PICKLE, r"b\.txt is a pickle"),
    "c": (PICKLE, r"c is a pickle"),
    "d.dat": (PICKLE, r"d\.dat is a pickle"),
    "e.kv": (PICKLE, r"e\.kv is gensim's own format.*KeyedVectors\.load\('e\.kv'\)"),
    "f.npy": (made_as(lambda p: archive(p, a=TRUTH), ".npz"), r"f\.npy is an archive .*\.npz where numpy did"),
    "g.npz": (made_as(lambda p: _saved(p), ".npy"), r"g\.npz is an array of numpy by its first bytes: name it \.npy"),
    "h.pt": (made_as(lambda p: _saved(p), ".npy"), r"h\.pt is an array of numpy"),
    "i.bin": (made_as(lambda p: tensors(p, embeddings=TRUTH), ".safetensors"), r"i\.bin .*name it \.safetensors"),
    "j.bin": (bytes_of(TRUTH.tobytes()), r"j\.bin holds numbers without saying of what shape"),
    "text.dat": (bytes_of(b"a text\nanother\n"), r"text\.dat: \.dat is no kind.*one text a line, name it \.txt"),
    "text.bin": (
        bytes_of(b"a text\nanother\n"),
        r"text\.bin: its first bytes are not .*one text a line, name it \.txt",
    ),
    "cut.fvecs": (bytes_of(b"\x80\x02\0\0" + bytes(99)), r"cut\.fvecs has 103 bytes, .* of width 640; it is truncated"),
    "cut.bvecs": (bytes_of(b"\x1f\x8b\0\0" + bytes(99)), r"cut\.bvecs has 103 bytes, .* of width 35615; it is trunc"),
    "cut.fbin": (bytes_of(b"\x80\x04\0\0\x08\0\0\0" + bytes(9)), r"cut\.fbin has 17 bytes, .*; it is truncated"),
    "k.f32": (bytes_of(TRUTH.tobytes()), r"k\.f32 holds numbers without saying .*numpy\.fromfile\('k\.f32'"),
    "cache-l": (made_as(lambda p: arrow_stream(p, arrow_table(lists())), ".arrow"), r"an Arrow stream .*\.arrow"),
    "m": (bytes_of(b"IxFI" + bytes(100)), r"m is a search index by its first bytes: .*reconstruct_n"),
    "n.md": (bytes_of(b"# A title"), r"n\.md is a document; save its text"),
    "o.docx": (bytes_of(b"PK\3\4" + bytes(50)), r"o\.docx is a document"),
    "p.tmx": (bytes_of(b"<tmx>"), r"p\.tmx is marked up"),
    "q.sql": (bytes_of(b"COPY x"), r"q\.sql is a dump of a database"),
    "r.bson": (bytes_of(b"\x16\0\0\0\2"), r"r\.bson is MongoDB's own format; write it with `bsondump"),
    "s.svm": (bytes_of(b"1 1:2"), r"s\.svm holds sparse vectors; .*load_svmlight_file\('s\.svm'\)"),
    "t.h5ad": (bytes_of(b"\x89HDF"), r"t\.h5ad holds annotated data"),
    "u.tfrecord-00000-of-00001": (bytes_of(b"\x10\0"), r"is a file of TensorFlow records"),
    "v.lz4": (bytes_of(b"\x04\x22\x4d\x18"), r"v\.lz4 is compressed in a way that is not read"),
    "w.tab": (bytes_of(b"a\tb"), r"w\.tab may be a table: name it \.tsv"),
    "wiki.00": (bytes_of(b'{"text": "one"}\n'), r"Its first line is JSON: name it \.jsonl"),
    "LISTING.lst": (bytes_of(b"a text\nanother\n"), r"If it holds one text a line, name it \.txt"),
    "x.npz": (
        lambda path: np.savez(path, indices=[0], indptr=[0, 1], format="csr", shape=[1, 4], data=[1.5]),
        r"x\.npz is a sparse matrix of scipy; .*load_npz\('x\.npz'\)",
    ),
    "y.npy": (lambda path: _twice(path), r"y\.npy holds another array behind its first one"),
    "z.pt": (lambda path: torch_file(path, torch.from_numpy(TRUTH).to_sparse()), r"is a sparse tensor; .*to_dense"),
}


def _saved(path: Path) -> Path:
    np.save(path, TRUTH)
    return path


def _twice(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, TRUTH[:8])
        np.save(file, TRUTH[8:])


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_says_what_it_is_and_what_to_do(tmp_path: Path, name: str) -> None:
    fill, words = FILES[name]
    fill(tmp_path / name)
    with pytest.raises(DataError, match=words) as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_give_no_hint_of_a_name() -> None:
    assert name_hint(bytes(range(256))) == ""
    assert name_hint(b"") == ""
    assert name_hint("caf\u00e9".encode()[:-1]) != "", "a character that is cut at the end"


def test_rows_that_are_tuples_in_a_torch_file_are_records(tmp_path: Path) -> None:
    rows = [(i, torch.from_numpy(row.copy()), place % 3) for place, (i, row) in enumerate(zip(IDS, TRUTH, strict=True))]
    dataset, _ = load(torch_file(tmp_path / "a.pt", rows))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == IDS
    assert list(dataset.categories or ())[:4] == ["0", "1", "2", "0"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_of_several_columns_of_torch_rows_the_longest_are_the_texts(tmp_path: Path, order: tuple[int, ...]) -> None:
    parts = (IDS, LABELS, TEXTS, [torch.from_numpy(row.copy()) for row in TRUTH])
    rows = list(zip(*(parts[place] for place in order), strict=True))
    dataset, loader = load(torch_file(tmp_path / "a.pt", rows))
    assert list(dataset.texts or ()) == TEXTS
    assert list(dataset.categories or ()) == LABELS
    assert loader.report.left_aside == ["a.pt: left aside 'ids'"]


@pytest.mark.parametrize(("name", "values", "is_name"), [("texts", TEXTS, False), ("ids", IDS, True)])
def test_texts_and_ids_as_an_array_beside_the_vectors_are_taken(
    tmp_path: Path, name: str, values: list[str], is_name: bool
) -> None:
    np.save(tmp_path / "embeddings.npy", TRUTH)
    np.save(tmp_path / f"{name}.npy", np.array(values))
    for path in (tmp_path / "embeddings.npy", tmp_path):
        dataset, loader = load(path)
        assert list(dataset.texts or ()) == values
        what = "names" if is_name else "texts"
        assert any(f"{what} from {name}.npy beside it" in said for said in loader.report.guesses)
        assert not loader.report.left_aside
