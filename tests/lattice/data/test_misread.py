"""Layouts that look like others: gaps written as words, classes among numbers, shifted columns, quantised tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lattice.data.class_column import edge_class
from lattice.data.missing_marks import is_missing_mark
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.records import Remarks
from lattice.data.readers.text_file import open_text_file
from lattice.data.readers.text_source import TextSource
from lattice.data.sources.folder import files_of
from tests.lattice.data.advice import follow, load, refusal_of
from tests.lattice.data.layouts import COUNT, IDS, LISTS, TEXTS, TRUTH, WIDTH, archive, jsonl, table, whole_json

CLASSES = np.arange(COUNT) % 3
BYTES = np.clip(np.round(TRUTH * 40), -127, 127).astype(np.int8)
WITH_CLASS = np.c_[TRUTH, CLASSES]


def texts_of(path: Path) -> tuple[list[str | None], str]:
    """Return the texts of a table, and what was remarked of it."""
    remarks = Remarks()
    source = open_text_file(path, ReadRequest(remarks=remarks))
    assert isinstance(source, TextSource)
    return [row.text for row in source.rows], " ".join(remarks.sentences())


@pytest.mark.parametrize(
    "mark", ["#N/A", "#REF!", "#DIV/0!", "#NV", "nan", "NaN", "None", "NULL", "N/A", "<NA>", "(null)", "NA", "-", "."]
)
def test_a_mark_of_a_missing_text_is_none(tmp_path: Path, mark: str) -> None:
    path = table(tmp_path / "a.csv", [["id", "text"], ["0", mark], *([str(i), text] for i, text in enumerate(TEXTS))])
    texts, remarked = texts_of(path)
    assert texts == [None, *TEXTS]
    assert (
        f"1 row with a mark of a missing value in column 'text', dropped as no text (first: a.csv row 1: {mark!r})"
        in remarked
    )


def test_marks_are_gaps_in_records_and_answers_too(tmp_path: Path) -> None:
    texts, _ = texts_of(jsonl(tmp_path / "a.jsonl", [{"text": "None"}, *({"text": text} for text in TEXTS)]))
    assert texts == [None, *TEXTS]


def test_where_most_texts_are_marks_they_are_texts(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [["text", "id"], *(["none", str(i)] for i in range(12)), ["yes, of course", "x"]])
    assert texts_of(path) == (["none"] * 12 + ["yes, of course"], "")


@pytest.mark.parametrize("word", ["na", "Nano", "none of them", "no", "null and void", "a", "5", "..."])
def test_words_are_no_marks(word: str) -> None:
    assert not is_missing_mark(word)


@pytest.mark.parametrize("place", ["first", "last"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_class_beside_numbers_without_names_is_a_category(tmp_path: Path, name: str, place: str) -> None:
    rows = WITH_CLASS if place == "last" else np.c_[CLASSES, TRUTH]
    np.savetxt(tmp_path / name, rows, delimiter="," if name == "a.csv" else "\t")
    dataset = load(tmp_path / name)
    assert torch.allclose(dataset.embeddings, torch.from_numpy(TRUTH))
    assert dataset.categories == [str(value) for value in CLASSES]
    assert dataset.report is not None
    assert "is taken for a class (--label-column none" in dataset.report.guesses[0]
    assert load(tmp_path / name, label_column="none").embeddings.shape == (COUNT, WIDTH + 1)


@pytest.mark.parametrize("values", [np.zeros(COUNT) + 1, CLASSES], ids=["sorted by class", "named as the others"])
def test_what_may_be_a_class_is_said_with_what_makes_it_one(tmp_path: Path, values: Any) -> None:
    named = values is CLASSES
    header = ",".join(f"emb_{i}" for i in range(WIDTH + 1)) if named else ""
    np.savetxt(tmp_path / "a.csv", np.c_[TRUTH, values], delimiter=",", header=header, comments="")
    dataset = load(tmp_path / "a.csv")
    assert dataset.embeddings.shape == (COUNT, WIDTH + 1)
    assert dataset.report is not None
    last = f"emb_{WIDTH}" if named else f"column {WIDTH + 1}"
    assert f"request them with --label-column {last!r}" in dataset.report.guesses[0]
    dataset = load(tmp_path / "a.csv", label_column=last)
    assert torch.allclose(dataset.embeddings, torch.from_numpy(TRUTH))
    assert dataset.categories == [str(int(value)) for value in values]


def test_numbers_that_are_no_class() -> None:
    rng = np.random.default_rng(0)
    fractions = rng.standard_normal((20, 6))
    assert edge_class(fractions.tolist()) is None
    assert edge_class(np.c_[fractions, np.arange(20)].tolist()) is None  # a number for each row
    assert edge_class(np.c_[fractions, np.zeros(20)].tolist()) is None  # a number that is never used
    assert edge_class(np.round(rng.random((20, 6)) * 9).tolist()) is None  # counts
    assert edge_class(np.c_[fractions[:4], [0, 1, 0, 1]].tolist()) is None  # too few rows


def test_pixels_say_that_their_labels_may_be_among_them(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (COUNT, 24))
    np.savetxt(tmp_path / "train.csv", np.c_[CLASSES, pixels], delimiter=",", fmt="%d")
    report = load(tmp_path / "train.csv").report
    assert report is not None
    assert "--label-column 'column 1'" in report.guesses[0]
    dataset = load(tmp_path / "train.csv", label_column="column 1")
    assert torch.equal(dataset.embeddings, torch.from_numpy(pixels).float())


def test_few_columns_of_whole_numbers_say_how_they_are_vectors(tmp_path: Path) -> None:
    counts = np.random.default_rng(1).integers(0, 255, (COUNT, 6))
    np.savetxt(tmp_path / "a.csv", np.c_[CLASSES, counts], delimiter=",", fmt="%d")
    message = refusal_of(tmp_path / "a.csv")
    assert message.endswith("--vector-column 'column 2', and their classes with --label-column 'column 1'")
    dataset = load(tmp_path / "a.csv", vector_column="column 2", label_column="column 1")
    assert torch.equal(dataset.embeddings, torch.from_numpy(counts).float())


def german(value: float) -> str:
    return f"{value:,.2f}".replace(",", "X").replace(".", ",").replace("X", ".")


@pytest.mark.parametrize(
    ("shown", "separator", "said"),
    [
        (german, ";", "points between the thousands"),
        (german, ",", "points between the thousands"),
        (lambda value: f"{value:,.2f}", ",", "commas between the thousands"),
        (lambda value: f"{value:,.2f}", "\t", "commas between the thousands"),
        (lambda value: f"{value:.2f}%", ",", "the signs at the numbers"),
        (lambda value: f"${value:,.2f}", ",", "the signs at the numbers"),
        (lambda value: f"{german(value)} \u20ac", ";", "the signs at the numbers"),
    ],
    ids=["German", "German, commas", "English", "English, tabs", "percent", "dollars", "euros"],
)
def test_numbers_as_spreadsheets_write_them(
    tmp_path: Path, shown: Callable[[float], str], separator: str, said: str
) -> None:
    numbers = np.round(TRUTH.astype(np.float64) * 3000, 2)
    path = tmp_path / ("a.tsv" if separator == "\t" else "a.csv")
    table(path, [[f"m{i}" for i in range(WIDTH)], *([shown(value) for value in row] for row in numbers)], separator)
    dataset = load(path)
    assert torch.allclose(dataset.embeddings, torch.from_numpy(numbers.astype(np.float32)))
    assert dataset.report is not None
    assert said in dataset.report.guesses[0]


def test_a_name_that_stands_twice_in_the_header_is_told(tmp_path: Path) -> None:
    table(tmp_path / "a.csv", [[f"emb_{i % 6}" for i in range(WIDTH)], *LISTS])
    assert "'emb_0' stands more than once; rename one of them" in refusal_of(tmp_path / "a.csv")


@pytest.mark.parametrize("header", ["id,text,label", "text,label"])
def test_separators_within_sentences_do_not_shift_the_columns(tmp_path: Path, header: str) -> None:
    start = "id," in header
    lines = [
        (f"{row}," if start else "") + f"Well, it sleeps under {text[4:7]} {row},pos" for row, text in enumerate(TEXTS)
    ]
    (tmp_path / "a.csv").write_text("\n".join([header, *lines]) + "\n")
    assert "quote fields that hold the separator" in refusal_of(tmp_path / "a.csv")


def test_answers_with_numbers_are_put_in_the_order_of_the_questions(tmp_path: Path) -> None:
    answers = [{"object": "embedding", "index": row, "embedding": LISTS[row]} for row in reversed(range(COUNT))]
    dataset = load(whole_json(tmp_path / "a.json", {"input": TEXTS, "data": answers}))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == TEXTS


def test_a_failed_request_of_a_batch_costs_its_row_alone(tmp_path: Path) -> None:
    records = [
        {"custom_id": name, "response": {"body": {"data": [{"index": 0, "embedding": row}]}}, "error": None}
        for name, row in zip(IDS, LISTS, strict=True)
    ]
    records[4] |= {"response": None, "error": {"code": "429", "message": "rate limit exceeded"}}
    dataset = load(jsonl(tmp_path / "a.jsonl", records))
    assert len(dataset.embeddings) == COUNT - 1
    assert list(dataset.texts or ()) == IDS[:4] + IDS[5:]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (lambda row: json.dumps(row)[:40], "break off"),
        (lambda row: "{1:0.5,3:0.25}/16", "sparse vectors of pgvector"),
        (lambda row: "[ 0.1257 -0.1321  0.6404 ... -1.5084 ]", "the numbers between were left out"),
    ],
    ids=["cut by Excel", "sparse", "shortened"],
)
def test_vectors_that_can_not_be_read_are_not_passed_over(
    tmp_path: Path, shown: Callable[[list[float]], str], said: str
) -> None:
    path = table(
        tmp_path / "a.csv", [["text", "embedding"], *([t, shown(r)] for t, r in zip(TEXTS, LISTS, strict=True))]
    )
    assert said in refusal_of(path)


@pytest.mark.parametrize("lines", [["0 0 FT911-{} 1"], ["0 Q0 FT911-{} 1 9.500 bm25"], ["101 2{}00 3{}00"]])
def test_lines_of_ids_and_numbers_are_no_sentences(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.txt").write_text("".join(lines[0].replace("{}", str(row)) + "\n" for row in range(COUNT)))
    assert "ids, addresses, hashes or numbers" in refusal_of(tmp_path / "a.txt")


def test_boxes_are_no_vectors(tmp_path: Path) -> None:
    boxes = [{"id": row, "image_id": row % 3, "area": 1.5, "bbox": [0.5, 1.5, row, 2.5]} for row in range(COUNT)]
    assert "none of its columns holds texts or vectors" in refusal_of(jsonl(tmp_path / "a.jsonl", boxes))


def archives(folder: Path, **parts: Any) -> list[Path]:
    tensors = {name: torch.from_numpy(np.asarray(part)) for name, part in parts.items()}
    save_file(tensors, folder / "a.safetensors")
    torch.save(tensors, folder / "a.pt")
    return [archive(folder / "a.npz", **parts), folder / "a.safetensors", folder / "a.pt"]


def test_a_scale_beside_quantised_vectors_is_used_in_every_archive(tmp_path: Path) -> None:
    scale = np.linspace(0.01, 0.02, WIDTH, dtype=np.float32)
    for path in archives(tmp_path, embeddings=BYTES, scale_factor=scale):
        dataset = load(path)
        assert torch.allclose(dataset.embeddings, torch.from_numpy(BYTES * scale)), path
        assert dataset.report is not None
        assert dataset.report.left_aside == []


def test_ranges_of_quantised_vectors_are_not_taken_for_the_vectors(tmp_path: Path) -> None:
    ranges = np.stack([TRUTH.min(0), TRUTH.max(0)])
    steps = (ranges[1] - ranges[0]) / 255
    held = ((TRUTH - ranges[0]) / steps - 128).astype(np.int8)
    for path in archives(tmp_path, embeddings=held, ranges=ranges):
        assert torch.allclose(load(path).embeddings, torch.from_numpy(TRUTH), atol=float(steps.max())), path


def test_tables_of_tokens_give_their_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    h5py = pytest.importorskip("h5py")
    tokens = {
        name: np.repeat(row[None], 3 + place, axis=0) for place, (name, row) in enumerate(zip(IDS, TRUTH, strict=True))
    }
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, rows in tokens.items():
            file[name] = rows
    np.savez(tmp_path / "b.npz", **tokens)
    for name, out in (("a.h5", "a.npz"), ("b.npz", "b-means.npz")):
        message = refusal_of(tmp_path / name)
        assert "a row for each token or residue" in message
        follow(message, tmp_path, monkeypatch, 1)
        dataset = load(tmp_path / out)
        assert torch.allclose(dataset.embeddings, torch.from_numpy(TRUTH))
        assert list(dataset.texts or ()) == IDS


@pytest.mark.parametrize("kind", ["int64", "bool", "complex64", "longdouble"])
def test_other_types_are_converted_by_the_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    np.save(tmp_path / "a.npy", TRUTH > 0 if kind == "bool" else (TRUTH * 9).astype(kind))
    follow(refusal_of(tmp_path / "a.npy"), tmp_path, monkeypatch)
    assert load(tmp_path / "rows.npy").embeddings.shape == (COUNT, WIDTH * (2 if kind == "complex64" else 1))


def test_a_column_of_classes_does_not_name_the_rows(tmp_path: Path) -> None:
    rows = [
        [f"x{i}" for i in range(1, WIDTH + 1)] + ["y"],
        *([*row, int(c)] for row, c in zip(LISTS, CLASSES, strict=True)),
    ]
    dataset = load(table(tmp_path / "a.csv", rows))
    assert dataset.categories == [str(value) for value in CLASSES]
    assert dataset.texts is None


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_list_of_vectors_for_each_text_gives_their_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rows = [[row, row, row] for row in LISTS]
    (whole_json if name == "a.json" else jsonl)(tmp_path / name, rows)
    follow(refusal_of(tmp_path / name), tmp_path, monkeypatch)
    assert torch.allclose(load(tmp_path / "rows.npy").embeddings, torch.from_numpy(TRUTH))


def test_records_by_id_in_a_torch_file_are_rows(tmp_path: Path) -> None:
    parts = zip(TEXTS, torch.from_numpy(TRUTH), strict=True)
    torch.save(
        dict(zip(IDS, ({"text": text, "embedding": row} for text, row in parts), strict=True)), tmp_path / "a.pt"
    )
    dataset = load(tmp_path / "a.pt")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == TEXTS


def test_a_quote_that_swallows_rows_is_told_by_its_line(tmp_path: Path) -> None:
    lines = [f"{row},{text.replace(',', '')},pos" for row, text in enumerate(TEXTS)]
    lines[4], lines[12] = '4,"It never ends,pos', '12,"he said, yes",pos'
    (tmp_path / "a.csv").write_text("\n".join(["id,text,label", *lines]) + "\n")
    assert "a.csv line 6 opens a quote" in refusal_of(tmp_path / "a.csv")


def test_texts_in_parts_are_whole(tmp_path: Path) -> None:
    parts = [{"text": text if row % 2 else ["see ", {"type": "bold", "text": text}]} for row, text in enumerate(TEXTS)]
    texts, _ = texts_of(jsonl(tmp_path / "a.jsonl", parts))
    assert texts == [text if row % 2 else f"see {text}" for row, text in enumerate(TEXTS)]
    said = [{"role": "user", "content": [{"type": "text", "text": text}]} for text in TEXTS]
    texts, _ = texts_of(jsonl(tmp_path / "b.jsonl", [{"messages": [part]} for part in said]))
    assert texts == TEXTS


def test_a_file_without_a_valid_row_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "zeros.npy", np.zeros((4, 8), np.float32))
    assert "4 norm too small (zeros.npy row 1: norm too small)" in refusal_of(tmp_path / "zeros.npy")


def test_the_corpus_of_a_benchmark_in_folders_is_read(tmp_path: Path) -> None:
    for name, rows in (("corpus", TEXTS), ("queries", TEXTS[:3]), ("default", IDS)):
        (tmp_path / name).mkdir()
        jsonl(tmp_path / name / "test-00000.jsonl", [{"_id": str(row), "text": text} for row, text in enumerate(rows)])
    assert [path.parent.name for _, path in files_of(tmp_path, "train").files] == ["corpus"]


@pytest.mark.parametrize("place", range(3), ids=["npz", "safetensors", "pt"])
def test_bytes_without_a_scale_are_converted_by_the_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    message = refusal_of(archives(tmp_path, embeddings=BYTES)[place])
    assert "as no scale lies beside them" in message
    follow(message, tmp_path, monkeypatch)
    assert torch.equal(load(tmp_path / "rows.npy").embeddings, torch.from_numpy(BYTES.astype(np.float32) / 127))
