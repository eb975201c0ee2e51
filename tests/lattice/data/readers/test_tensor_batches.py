"""Tables that lie in a torch file batch by batch are joined, with what lies beside; tokens are not taken for rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.data.readers.tensor_batches import are_batches, are_counted, flattened
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, LABELS, LISTS, TEXTS, TRUTH, WIDTH, torch_file
from tests.lattice.data.readers.test_layouts import Expected, check, load

ROWS = torch.from_numpy(TRUTH)
BATCHES = [part.clone() for part in ROWS.split(6)]
SIZES = [len(part) for part in BATCHES]
KINDS = torch.arange(COUNT) % 3
KIND_NAMES = [str(int(kind)) for kind in KINDS]


def parted(values: list[Any]) -> list[list[Any]]:
    return [values[first : first + 6] for first in range(0, COUNT, 6)]


LAYOUTS: dict[str, tuple[Any, Expected]] = {
    "list": (BATCHES, Expected(None)),
    "tuple": (tuple(BATCHES), Expected(None)),
    "even batches": (list(ROWS.clone().split(4)), Expected(None)),
    "views of one tensor": (list(ROWS.split(6)), Expected(None)),
    "dict of numbers": (dict(enumerate(BATCHES)), Expected(None)),
    "dict of numbered names": ({f"batch_{n}": part for n, part in enumerate(BATCHES, 1)}, Expected(None)),
    "list of lists of one": ([part[None] for part in BATCHES], Expected(None)),
    "list of columns of one": ([part[:, None] for part in BATCHES], Expected(None)),
    "one side of 1": (ROWS[None].clone(), Expected(None)),
    "dict with texts": ({"embeddings": BATCHES, "texts": TEXTS}, Expected(TEXTS)),
    "dict with batches of texts": ({"embeddings": BATCHES, "texts": parted(TEXTS)}, Expected(TEXTS)),
    "dict with batches of labels": (
        {"features": BATCHES, "labels": [part.clone() for part in KINDS.split(6)]}, Expected(None, KIND_NAMES)),
    "rows and labels of a loader": (
        list(zip(BATCHES, [part.clone() for part in KINDS.split(6)], strict=True)), Expected(None, KIND_NAMES)),
    "rows, texts and labels of a loader": (
        list(zip(BATCHES, parted(TEXTS), [part.clone() for part in KINDS.split(6)], strict=True)),
        Expected(TEXTS, KIND_NAMES)),
    "texts and categories of a loader": (
        list(zip(parted(TEXTS), BATCHES, parted(LABELS), strict=True)), Expected(TEXTS, LABELS)),
    "records of a loader": (
        [{"embedding": part, "text": texts} for part, texts in zip(BATCHES, parted(TEXTS), strict=True)],
        Expected(TEXTS)),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_batches_are_joined(tmp_path: Path, layout: str) -> None:
    value, expected = LAYOUTS[layout]
    check(tmp_path, lambda folder: torch_file(folder / "a.pt", value), expected)


def test_what_was_joined_is_said(tmp_path: Path) -> None:
    _, loader = load(torch_file(tmp_path / "a.pt", BATCHES))
    assert "a.pt: took 'embeddings'" not in str(loader.report.guesses)
    assert any("joined the 3 batches of 'embeddings'" in said for said in loader.report.guesses)


def test_a_part_of_the_rows_is_read_across_the_pieces(tmp_path: Path) -> None:
    from lattice.data.readers.counted import ReadMeter
    from lattice.data.readers.tensor_file import open_embedding_file

    rows = open_embedding_file(torch_file(tmp_path / "a.pt", BATCHES), ReadMeter()).rows
    for first in range(COUNT):
        for end in range(first + 1, COUNT + 1):
            out = torch.empty(end - first, WIDTH)
            rows.read_at(first, out)
            assert torch.equal(out, ROWS[first:end])


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "tokens of each text": (
        lambda: [ROWS[: 3 + row].clone() for row in range(5)],
        r"holds 5 tables, such as \[3, 12\] and \[4, 12\]\. Where they are batches.*torch\.cat.*row\.mean\(0\)"),
    "other widths": (
        lambda: [ROWS[:4].clone(), ROWS[:4, :5].clone()], r"holds 2 tables, such as \[4, 12\] and \[4, 5\]"),
    "tokens with a name each": (
        lambda: [{"id": f"a{n}", "embedding": part} for n, part in enumerate(ROWS.clone().split(4))],
        r"holds a table \[4, 12\] for each of its 4 id, such as one row for each token"),
    "tokens of texts in one tensor": (
        lambda: ROWS.clone().reshape(4, 4, WIDTH), r"has shape \[4, 4, 12\], expected two dimensions.*mean\(1\)"),
    "train and test": (
        lambda: {"train": ROWS[:9].clone(), "test": ROWS[9:].clone()}, r"holds 'train', 'test'; .*--table"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_may_be_tokens_is_refused_with_the_ways_out(tmp_path: Path, kind: str) -> None:
    make, words = REFUSED[kind]
    with pytest.raises(DataError, match=words):
        load(torch_file(tmp_path / "a.pt", make()))


def test_what_batches_are() -> None:
    assert are_batches(BATCHES)
    assert not are_batches(BATCHES[::-1]), "only the last one is shorter"
    assert not are_batches(BATCHES[:1])
    assert not are_batches([*BATCHES, BATCHES[-1].double()])
    assert not are_batches([LISTS, LISTS])
    assert are_counted(["0", "1", "2"])
    assert are_counted(["b7", "b8"])
    assert not are_counted(["train", "test"])
    assert not are_counted([1, 3])
    assert not are_counted([])
    assert flattened(SIZES, parted(TEXTS)) == TEXTS
    assert flattened(SIZES, parted(TEXTS)[:2]) is None
    assert flattened([8, 8], [TEXTS[:9], TEXTS[9:]]) is None
