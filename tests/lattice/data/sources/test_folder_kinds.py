"""Folders that a program keeps its tables in are refused; those that name categories give them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, IDS, TEXTS, TRUTH, arrow_table, jsonl, lists, parquet, records, table
from tests.lattice.data.readers.test_layouts import load

MANAGED = {
    "_delta_log/0.json": r"is a Delta table, whose files also hold deleted and replaced rows; .*DeltaTable",
    "metadata/v1.metadata.json": r"is an Iceberg table",
    ".hoodie/hoodie.properties": r"is a Hudi table",
    ".zarray": r"is a Zarr array; write it with",
    "zarr.json": r"is a Zarr array or group",
    "rows.lance/_versions/1.manifest": r"is a LanceDB database",
    "_versions/1.manifest": r"is a Lance table",
    "collection/a/storage.sqlite": r"is a database of Qdrant",
    "vocab/key2row": r"is a model of spaCy",
}


@pytest.mark.parametrize("inner", ["", "data/rows"], ids=["itself", "within another"])
@pytest.mark.parametrize("name", MANAGED)
def test_a_folder_of_a_program_s_own_is_refused_with_the_way_out(tmp_path: Path, name: str, inner: str) -> None:
    managed = tmp_path / inner
    (managed / name).parent.mkdir(parents=True, exist_ok=True)
    parquet(managed / "part-0.parquet", arrow_table(lists(), text=TEXTS))
    (managed / name).write_text("{}")
    with pytest.raises(DataError, match=MANAGED[name]):
        load(tmp_path)


def test_partitions_of_a_label_are_its_categories(tmp_path: Path) -> None:
    half = COUNT // 2
    for label, rows in (("sport", slice(0, half)), ("the news", slice(half, COUNT))):
        folder = tmp_path / f"label={label.replace(' ', '%20')}"
        folder.mkdir()
        parquet(folder / "part-0.parquet", arrow_table(lists()[rows], text=TEXTS[rows]))
    dataset, loader = load(tmp_path)
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.categories or ()) == ["sport"] * half + ["the news"] * half
    assert any("categories from the names of the folders" in said for said in loader.report.guesses)


def test_folders_of_texts_are_categories(tmp_path: Path) -> None:
    for place, label in enumerate(("neg", "pos")):
        (tmp_path / label).mkdir()
        for number in range(2):
            (tmp_path / label / f"{number}.txt").write_text(TEXTS[2 * place + number])
    rows = preview_data(str(tmp_path), DataSettings()).rows
    assert [(row.text, row.category) for row in rows] == list(zip(TEXTS, ["neg", "neg", "pos", "pos"], strict=False))


def test_the_corpus_of_a_search_benchmark_is_taken_and_the_rest_named(tmp_path: Path) -> None:
    jsonl(tmp_path / "corpus.jsonl", records(_id=IDS, title=["T"] * COUNT, text=TEXTS))
    jsonl(tmp_path / "queries.jsonl", records(_id=IDS, text=TEXTS[::-1]))
    (tmp_path / "qrels").mkdir()
    table(tmp_path / "qrels" / "test.tsv", [["query-id", "corpus-id", "score"], [IDS[0], IDS[1], 1]], "\t")
    preview = preview_data(str(tmp_path), DataSettings())
    assert [row.text for row in preview.rows] == TEXTS[:5]
    assert any("left aside qrels/test.tsv, queries.jsonl" in note for note in preview.notes)


TURNS = [{"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": text},
                       {"role": "assistant", "content": f"yes, {text}"}]} for text in TEXTS]  # fmt: skip
GPT = [{"conversations": [{"from": "human", "value": text}, {"from": "gpt", "value": f"yes, {text}"}]}
       for text in TEXTS]  # fmt: skip
TASKS = [{"instruction": text, "input": "", "output": f"yes, {text}"} for text in TEXTS]


@pytest.mark.parametrize("rows", [TURNS, GPT, TASKS], ids=["messages", "conversations", "tasks"])
def test_what_a_model_was_asked_and_what_it_said_are_pairs(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    preview = preview_data(str(jsonl(tmp_path / "a.jsonl", rows)), DataSettings(), want_pairs=True)
    assert [row.text for row in preview.rows] == TEXTS[:5]
    assert not preview.problem


def test_questions_in_the_levels_of_squad_are_pairs_with_their_answers(tmp_path: Path) -> None:
    asked = [{"question": text, "id": i, "answers": [{"text": "a cat", "answer_start": 0}] * 2} for i, text in
             zip(IDS, TEXTS, strict=True)]  # fmt: skip
    path = tmp_path / "train.json"
    whole = {"version": "1.1", "data": [{"title": "T", "paragraphs": [{"context": "A cat.", "qas": asked}]}]}
    jsonl(path, [whole])
    preview = preview_data(str(path), DataSettings(), want_pairs=True)
    assert [row.text for row in preview.rows] == TEXTS[:5]
    assert "questions with their answers, as in SQuAD" in preview.notes[0]
