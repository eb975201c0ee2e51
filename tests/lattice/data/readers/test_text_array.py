"""Arrays of texts in files without vectors are lists of texts; objects stay closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers import text_array
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.text_array import open_text_array
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, IDS, LABELS, SHOWN, TEXTS, TRUTH, archive
from tests.lattice.data.readers.test_layouts import Expected, check, load


def saved(path: Path, values: Any) -> Path:
    np.save(path, values)
    return path


ARRAYS = {
    "characters": np.array(TEXTS),
    "big-endian": np.array(TEXTS).astype(">U80"),
    "bytes": np.array([text.encode() for text in TEXTS]),
    "one column": np.array(TEXTS)[:, None],
    "one row": np.array(TEXTS)[None],
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_of_texts_is_a_list_of_texts(tmp_path: Path, kind: str) -> None:
    preview = preview_data(str(saved(tmp_path / "a.npy", ARRAYS[kind])), DataSettings())
    assert not preview.problem
    assert [row.text for row in preview.rows] == TEXTS[:5]
    source = open_text_array(tmp_path / "a.npy", ReadRequest())
    assert source is not None
    assert [row.text for row in source.rows] == TEXTS


def test_two_columns_of_texts_are_pairs(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npy", np.array([TEXTS, TEXTS[::-1]]).T)
    preview = preview_data(str(path), DataSettings(), want_pairs=True)
    assert [row.text for row in preview.rows] == TEXTS[:5]
    assert "pairs from columns 'column 1' and 'column 2'" in preview.notes[0]


def test_texts_of_an_archive_without_vectors_have_their_labels(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", texts=TEXTS, labels=LABELS, tokens=np.ones((COUNT, 4), int), n=np.arange(3))
    preview = preview_data(str(path), DataSettings())
    assert [(row.text, row.category) for row in preview.rows] == list(zip(TEXTS, LABELS, strict=True))[:5]
    assert preview.notes[-1] == "a.npz: left aside 'tokens', 'n'"
    path = archive(tmp_path / "b.npz", emb=TRUTH, texts=TEXTS, others=[f"{text}!" for text in TEXTS])
    preview = preview_data(str(path), DataSettings(table="others"))
    assert [row.text for row in preview.rows] == [f"{text}!" for text in TEXTS[:5]]
    assert "'emb'" in preview.notes[-1]


def test_texts_of_numbers_are_vectors(tmp_path: Path) -> None:
    check(tmp_path, lambda p: saved(p / "a.npy", np.array(SHOWN)), Expected(None))
    check(tmp_path, lambda p: archive(p / "a.npz", id=IDS, embedding=SHOWN), Expected(IDS))


def test_what_no_teacher_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"a\.npy: none of its columns holds texts"):
        load(saved(tmp_path / "a.npy", np.array(IDS)))
    with pytest.raises(DataError, match=r"b\.npy holds Python objects, which could run code"):
        load(saved(tmp_path / "b.npy", np.array(TEXTS, dtype=object)))
    path = saved(tmp_path / "c.npy", np.array(TEXTS))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"c\.npy states 16 values of \d+ bytes"):
        load(path)
    monkeypatch.setattr(text_array, "MAX_BESIDE_BYTES", 100)
    with pytest.raises(DataError, match=r"d\.npy: its texts take .*write them into a \.txt file, one a line"):
        load(saved(tmp_path / "d.npy", np.array(TEXTS)))
