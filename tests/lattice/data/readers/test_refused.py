"""What is recognised and not read: pickles, quantised vectors, rows of unequal width; each with the way out."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader
from lattice.data.readers.refused import refusal
from lattice.errors import DataError
from tests.lattice.data.layouts import (
    IDS,
    LISTS,
    TEXTS,
    TRUTH,
    WIDTH,
    archive,
    arrow_table,
    jsonl,
    parquet,
    records,
    table,
)

BYTES = np.clip(np.round(TRUTH * 40), -127, 127).astype(np.int8)


def load(path: Path, **settings: Any) -> EmbeddingDataset:
    return UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings)).load()


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("code-ran"),))


@pytest.mark.parametrize("name", ["a.pkl", "a.pickle", "a.joblib", "a.pkl.gz"])
def test_a_pickle_is_not_opened_and_two_lines_convert_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(pickle.dumps({"embeddings": Payload()}))
    with pytest.raises(DataError, match=r"is a pickle: opening one can run any code.*`import [\w, ]*; data = "):
        load(tmp_path / name)
    assert not (tmp_path / "code-ran").exists()


def test_the_two_lines_make_a_file_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.pkl").write_bytes(pickle.dumps({"sentences": TEXTS, "embeddings": TRUTH}))
    first, second, *_ = refusal(Path("a.pkl")).split("`")[1::2]
    exec(f"{first}\n{second}", {})
    dataset = load(tmp_path / "a.npz")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert dataset.texts == TEXTS


@pytest.mark.parametrize("name", ["a.faiss", "a.zip", "a.xlsx", "a.sqlite", "a.mat", "a.ivecs", "a.gguf", "a.orc"])
def test_other_known_kinds_say_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError, match=rf"{name} (is|holds) .*; (write|unpack|save|export|give|name)"):
        load(tmp_path / name)


def quantised(folder: Path) -> list[Path]:
    np.save(folder / "a.npy", BYTES)
    np.save(folder / "packed.npy", np.packbits(TRUTH > 0, axis=1))
    kind = pa.list_(pa.int8())
    return [
        folder / "a.npy",
        folder / "packed.npy",
        archive(folder / "a.npz", embeddings=BYTES),
        parquet(folder / "a.parquet", arrow_table(pa.array(BYTES.tolist(), kind), text=TEXTS)),
        jsonl(folder / "a.jsonl", records(text=TEXTS, embedding=BYTES.tolist())),
    ]


def test_quantised_vectors_without_a_scale_are_refused_with_the_line_that_converts(tmp_path: Path) -> None:
    for path in quantised(tmp_path):
        with pytest.raises(DataError, match=r"'float32'\) / 127\).*unpackbits"):
            load(path)


def test_quantised_vectors_are_converted_with_the_scale_beside_them(tmp_path: Path) -> None:
    scale = np.linspace(0.01, 0.02, WIDTH, dtype=np.float32)
    expected = {
        "one": (BYTES.astype(np.float32) * np.float32(0.5), {"scale": np.float32(0.5)}),
        "columns": (BYTES.astype(np.float32) * scale, {"scales": scale}),
        "rows": (BYTES.astype(np.float32) * np.full((16, 1), 2, np.float32), {"scale": np.full(16, 2.0)}),
        "zero": ((BYTES.astype(np.float32) - 3) * scale, {"scale": scale, "zero_point": np.int8(3)}),
        "minimum": (BYTES.astype(np.float32) * scale - 1, {"scale": scale, "minimum": np.full(WIDTH, -1.0)}),
    }
    for name, (rows, beside) in expected.items():
        dataset = load(archive(tmp_path / f"{name}.npz", embeddings=BYTES, **beside))
        assert torch.equal(dataset.embeddings, torch.from_numpy(rows)), name
        dataset = load(archive(tmp_path / f"{name} of 1.npz", embeddings=BYTES[None], **beside))
        assert torch.equal(dataset.embeddings, torch.from_numpy(rows)), name
    with pytest.raises(DataError, match="scale does not fit embeddings"):
        load(archive(tmp_path / "wrong.npz", embeddings=BYTES, scale=np.ones(5)))


def test_vectors_as_raw_bytes_are_refused_with_the_line_that_converts(tmp_path: Path) -> None:
    raw = pa.array([row.tobytes() for row in TRUTH], pa.binary())
    pq.write_table(pa.table({"text": TEXTS, "embedding": raw}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"column 'embedding' holds raw bytes.*numpy\.frombuffer\(row, 'float32'\)"):
        load(tmp_path / "a.parquet")


def test_texts_in_columns_of_bytes_are_texts_and_other_bytes_are_left_aside_by_name(tmp_path: Path) -> None:
    words = ["" if row == 2 else f"\u00e9t\u00e9\t{text}" for row, text in enumerate(TEXTS)]
    columns = {
        "sentence": pa.array([word.encode() for word in words], pa.binary()),
        "picture": pa.array([b"\x89PNG" + bytes([row]) for row in range(len(TEXTS))], pa.large_binary()),
        "embedding": pa.array(LISTS, pa.list_(pa.float32())),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    dataset = load(tmp_path / "a.parquet")
    assert list(dataset.texts) == words
    assert dataset.report.left_aside == ["a.parquet: left aside 'picture'"]
    columns["sentence"] = pa.array([b"word %d" % row for row in range(70)] + [b"\xff"], pa.binary())
    del columns["picture"]
    columns["embedding"] = pa.array([[row, 1.0] for row in range(71)], pa.list_(pa.float32()))
    pq.write_table(pa.table(columns), tmp_path / "b.parquet")
    dataset = load(tmp_path / "b.parquet")
    assert list(dataset.texts)[69:] == ["word 69", "\ufffd"]
    said = "1 row with bytes in column 'sentence' that are not UTF-8: U+FFFD stands for them (first: b.parquet row 71)"
    assert [note for note in dataset.report.warnings if said in note]


def test_bytes_stand_back_behind_columns_of_strings_unless_they_alone_are_called_as_texts_are(tmp_path: Path) -> None:
    words = pa.array([f"and some longer words {text}".encode() for text in TEXTS], pa.binary())
    expected = [("notes", "sentence", "sentence"), ("text", "question", "question"), ("text", "remark", "text")]
    for row, (of_bytes, of_strings, taken) in enumerate(expected):
        table = pa.table({of_bytes: words, of_strings: TEXTS, "embedding": LISTS})
        dataset = load(parquet(tmp_path / f"{row}.parquet", table))
        assert list(dataset.texts) == (TEXTS if taken == of_strings else [word.decode() for word in words.to_pylist()])


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_row_of_another_width_is_named_and_an_empty_one_is_dropped(tmp_path: Path, kind: str) -> None:
    rows: list[Any] = [list(row) for row in LISTS]
    rows[3], rows[5] = [], None

    def write(name: str) -> Path:
        if kind == "jsonl":
            return jsonl(tmp_path / f"{name}.jsonl", records(id=IDS, embedding=rows))
        return parquet(tmp_path / f"{name}.parquet", arrow_table(pa.array(rows, pa.list_(pa.float32())), id=IDS))

    report = load(write("a")).report
    assert report is not None
    assert report.dropped == {"not finite": 2}
    assert [bad.origin for bad in report.bad_rows()] == [f"a.{kind} row 4", f"a.{kind} row 6"]
    assert any(f"2 rows with no vector; they are dropped as not finite (first: a.{kind} row 4)" in warning
               for warning in report.warnings)  # fmt: skip
    rows[8] = rows[8][:-1]
    with pytest.raises(DataError, match=rf"b\.{kind} row 9: column 'embedding' holds 11 numbers, expected 12"):
        load(write("b"))


def test_a_requested_column_that_is_missing_or_no_vector_is_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=LISTS))
    with pytest.raises(DataError, match=r"a\.jsonl has no column 'vec'; it has 'text', 'embedding'"):
        load(path, vector_column="vec")
    with pytest.raises(DataError, match=r"column 'text' holds str 'the cat.*expected a list of numbers"):
        load(path, vector_column="text")
    with pytest.raises(DataError, match=r"has no column 'class'"):
        load(path, label_column="class")
    with pytest.raises(DataError, match=r"holds no table 'x'; it has 'embeddings'"):
        load(archive(tmp_path / "a.npz", embeddings=TRUTH), table="x")


def test_vectors_shortened_by_a_printer_are_no_vectors(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"id": name, "embedding": "[0.1 0.2 ... 0.3]"} for name in IDS])
    with pytest.raises(DataError, match=r"column 'embedding' holds .*expected a list of numbers"):
        load(path, vector_column="embedding")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.fvecs", struct.pack("<i", 4) + bytes(15), r"19 bytes, which are no 0 rows of width 4; it is truncated"),
        ("a.fvecs", (struct.pack("<i", 4) + bytes(16) + struct.pack("<i", 5) + bytes(16)), "row 2 has width 5"),
        ("a.fbin", struct.pack("<ii", 3, 4) + bytes(20), "28 bytes, which are no 3 rows of width 4"),
        ("a.bin", b"3 4\nword " + bytes(10), "ends in vector 1 of 3; it is truncated"),
        ("a.bin", (793712314).to_bytes(4, "little") + b"x", r"is a model of fastText.*get_word_vector"),
        ("a.vec", b"plain words here\n" * 3, "holds no word vectors"),
        ("a.vec", b"one 1 2 3 4\n" * 30 + b"two 1 2 3\n", "line 31: expected a word and 4 numbers"),
        ("a.json", b'{"train": [[1.5, 2]], "test": [[3.5, 4], [5, 6]]}', "holds the lists .*--table NAME"),
        ("a.json", b'[{"a": 1}, {"a": ', "is not JSON"),
        ("a.json", b"[1, 2", "row 1 is a JSON int|ends within its list"),
        ("a.jsonl.gz", b"\x1f\x8b\x08 nothing", r"no readable \.gz file"),
        ("a.arrow", b"ARROW1\0\0 nothing of the kind", "no readable Arrow file"),
    ],
)
def test_damaged_files_say_what_is_wrong(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        load(tmp_path / name)
    assert name in str(caught.value)


def test_several_vectors_in_a_row_are_refused_and_not_passed_over(tmp_path: Path) -> None:
    several = [[row, row] for row in LISTS]
    words = r"column 'embedding' holds 2 vectors of 12 numbers in a row, such as one for each token"
    with pytest.raises(DataError, match=rf"a\.parquet: {words}.*--vector-column none"):
        load(parquet(tmp_path / "a.parquet", pa.table({"text": TEXTS, "embedding": several})))
    with pytest.raises(DataError, match=rf"a\.jsonl: {words}"):
        load(jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=several)))


def test_vectors_as_base64_are_refused_and_not_passed_over(tmp_path: Path) -> None:
    packed = [base64.b64encode(row.tobytes()).decode() for row in TRUTH]
    with pytest.raises(DataError, match=r"column 'embedding' holds vectors as base64.*b64decode"):
        load(jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=packed)))


@pytest.mark.parametrize(
    "lines",
    [
        [f"{i:02x}9b8c7d6e5f4a3b2c1d0e" for i in range(6)],
        [f"https://example.org/{i}" for i in range(6)],
        [f"doc-{i:05d}" for i in range(6)],
        [f"[{i}.5, 2]" for i in range(6)],
    ],
)
def test_lines_of_ids_are_no_texts(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.txt").write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"a\.txt: its lines are ids, addresses, hashes or numbers.*--text-column"):
        load(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "ending",
    ["parquet", "jsonl.gz", "bin", "h5", "npy", "txt", "safetensors", "bytes", "json", "xyz", "pkl"],
)
def test_a_pointer_of_git_lfs_says_how_to_get_the_data(tmp_path: Path, ending: str) -> None:
    name = f"a.{ending}"
    pytest.importorskip("h5py" if name == "a.h5" else "numpy")
    (tmp_path / name).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n")
    with pytest.raises(DataError, match=r"is only a pointer of Git LFS.*git lfs pull"):
        load(tmp_path / name)


def test_a_folder_of_pickles_alone_says_why(tmp_path: Path) -> None:
    (tmp_path / "rows.pkl").write_bytes(b"x")
    with pytest.raises(DataError, match=r"holds no file of texts or embeddings: .*rows\.pkl is a pickle"):
        load(tmp_path)


def test_files_that_are_not_read_are_named_as_left_aside(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", TRUTH)
    (tmp_path / "rows.pkl").write_bytes(b"x")
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(tmp_path)))
    assert len(loader.load()) == len(TRUTH)
    assert f"{tmp_path.name}: left aside rows.pkl" in loader.report.left_aside


def projector(folder: Path, description: Any, size: int = TRUTH.nbytes) -> Path:
    (folder / "a.bytes").write_bytes(TRUTH.tobytes()[:size])
    (folder / "projector_config.json").write_text(json.dumps(description))
    return folder / "projector_config.json"


@pytest.mark.parametrize(
    ("entries", "size", "message"),
    [
        (
            [{"tensorName": "one", "tensorPath": "b.bytes"}],
            768,
            r"names the tensor 'b\.bytes', which does not lie",
        ),
        ([{"tensorName": "one", "tensorPath": "../a.bytes"}], 768, r"gives a\.bytes the shape None"),
        ([{"tensorPath": "a.bytes", "tensorShape": [16, 2, 6]}], 768, r"the shape \[16, 2, 6\], expected \[samples"),
        (
            [{"tensorPath": "a.bytes", "tensorShape": [16, 12]}],
            700,
            "700 bytes, but projector_config.json states 16",
        ),
        (
            [{"tensorName": n, "tensorPath": "a.bytes"} for n in "ab"],
            768,
            r"describes 'a', 'b'; choose one with --t",
        ),
    ],
)
def test_descriptions_of_the_projector_that_do_not_fit_are_refused(
    tmp_path: Path, entries: list[Any], size: int, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(projector(tmp_path, {"embeddings": entries}, size))


def test_one_of_several_tensors_of_the_projector_is_chosen(tmp_path: Path) -> None:
    entries = [
        {"tensorName": "other", "tensorPath": "none.bytes", "tensorShape": [1, 1]},
        {"tensorName": "mine", "tensorPath": "somewhere/a.bytes", "tensorShape": list(TRUTH.shape)},
    ]
    dataset = load(projector(tmp_path, {"embeddings": entries}), table="mine")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))


@pytest.mark.parametrize("name", ["x" * 300, "\ud800/x", "a\0b/x"])
def test_a_name_that_no_file_can_have_names_none(tmp_path: Path, name: str) -> None:
    whole = {"embeddings": [{"tensorPath": name}, {"tensorPath": "a.bytes", "tensorShape": list(TRUTH.shape)}]}
    config = projector(tmp_path, whole)
    assert torch.equal(load(tmp_path / "a.bytes").embeddings, torch.from_numpy(TRUTH))
    with pytest.raises(DataError, match="which does not lie beside it; put it there"):
        load(config, table="1")


def test_compressed_files_of_the_projector(tmp_path: Path) -> None:
    config = projector(tmp_path, {"embeddings": [{"tensorPath": "a.bytes", "tensorShape": list(TRUTH.shape)}]})
    packed = {path: path.with_name(f"{path.name}.gz") for path in (config, tmp_path / "a.bytes")}
    for path, target in packed.items():
        target.write_bytes(gzip.compress(path.read_bytes()))
    assert torch.equal(load(packed[config]).embeddings, torch.from_numpy(TRUTH))
    with pytest.raises(DataError, match=r"a\.bytes\.gz is compressed, and is not read so: unpack it beside"):
        load(packed[tmp_path / "a.bytes"])


def test_both_what_a_table_and_what_its_description_leave_aside_are_said(tmp_path: Path) -> None:
    table(tmp_path / "a.tsv", [["emb", "notes"], *([json.dumps(row), "12"] for row in LISTS)], "\t")
    whole = {"embeddings": [{"tensorPath": "a.tsv", "metadataPath": "gone.tsv"}]}
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(projector(tmp_path, whole))))
    loader.load()
    assert any("notes" in note and "'gone.tsv' do not lie beside" in note for note in loader.report.left_aside)


def test_numbers_of_the_projector_without_their_description_say_how_to_convert_them(tmp_path: Path) -> None:
    (tmp_path / "a.bytes").write_bytes(TRUTH.tobytes())
    with pytest.raises(DataError, match=r"a\.bytes holds numbers without saying of what shape; write them with"):
        load(tmp_path / "a.bytes")


def test_two_tables_in_one_object_are_chosen_by_name(tmp_path: Path) -> None:
    halves = {"train": {"texts": TEXTS, "embeddings": LISTS}, "test": {"texts": TEXTS[:4], "embeddings": LISTS[:4]}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(halves))
    with pytest.raises(DataError, match=r"a\.json holds the tables 'train', 'test'; choose one with --table"):
        load(path)
    dataset = load(path, table="train")
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == TEXTS


def test_what_lies_beside_the_records_of_an_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"features": [{"kind": "text"}], "rows": records(text=TEXTS, emb=LISTS)}))
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)))
    assert torch.equal(loader.load().embeddings, torch.from_numpy(TRUTH))
    assert loader.report.guesses[0].startswith("a.json: took the list 'rows', and left aside 'features'")


def test_numbers_above_the_last_character_are_no_text(tmp_path: Path) -> None:
    texts = np.array(TEXTS)
    texts.view(np.uint32)[3] = 0x110000
    for path in (archive(tmp_path / "a.npz", embeddings=TRUTH, texts=texts), tmp_path / "a.npy"):
        if path.suffix == ".npy":
            rows = np.zeros(len(TEXTS), dtype=[("text", texts.dtype), ("embedding", "f4", WIDTH)])
            rows["text"], rows["embedding"] = texts, TRUTH
            np.save(path, rows)
        with pytest.raises(DataError, match=rf"{path.name}.* holds numbers that stand for no character; it is damaged"):
            load(path)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.txt", "a.tsv", "a", "a.unknown"])
@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (b"PAR1", "is a parquet file by its first bytes: name it .parquet"),
        (
            b"PK\x03\x04",
            "is an archive of files, a spreadsheet, or a file of torch by its first bytes: unpack it, save",
        ),
        (b"SQLite format 3\0", "is a database by its first bytes: export the table"),
        (b"\x1f\x8b\x08", "is compressed by its first bytes: put .gz behind its name"),
        (b"\n <!DOCTYPE HTML><html>", "is a web page by its first bytes: download the data itself again"),
    ],
)
def test_a_file_that_is_called_otherwise_says_what_it_is(tmp_path: Path, name: str, begin: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(begin + b"\x07 \xff and more\n" * 20)
    with pytest.raises(DataError, match=rf"{name} {message}"):
        load(tmp_path / name)


def test_a_compressed_file_whose_name_does_not_say_of_what_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "data.gz").write_bytes(gzip.compress(b"\0 no text"))
    said = r"data\.gz: its name does not say what is compressed in it; .* as in data\.jsonl\.gz"
    with pytest.raises(DataError, match=said):
        load(tmp_path / "data.gz")
    (tmp_path / "data.gz").rename(tmp_path / "data.unknown.gz")
    with pytest.raises(DataError, match=r"data\.unknown\.gz: \.unknown is no kind of file that can be read"):
        load(tmp_path / "data.unknown.gz")


def test_vectors_of_truth_values_are_refused_and_not_passed_over(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", records(text=TEXTS, embedding=(TRUTH > 0).tolist()))
    with pytest.raises(DataError, match=r"column 'embedding' holds 12 truth values in a row.*--vector-column none"):
        load(path)
