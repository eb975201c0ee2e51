"""The loader, end to end: every kind of source, limits, mixing, dropped rows, budgets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from lattice.config import DataSettings, SimpleProjectConfig, TeacherSettings, TrainingEmbeddingSettings
from lattice.data import Teacher, UnifiedDatasetLoader, load_dataset
from lattice.data.table import PIECE_BYTES
from lattice.errors import DataError
from lattice.progress import Cancelled
from tests.lattice.data.making import (
    EMBEDDING_SUFFIXES,
    TEXT_SUFFIXES,
    numbered_sentences,
    sentences,
    write_embeddings,
    write_texts,
)

Rows = Callable[..., torch.Tensor]


def loader(data: Path | str | None, teacher: Teacher | None = None, **settings: Any) -> UnifiedDatasetLoader:
    free_bytes = settings.pop("free_bytes", None)
    progress = settings.pop("progress", None)
    training = {key: settings.pop(key) for key in list(settings) if key in TrainingEmbeddingSettings.model_fields}
    return UnifiedDatasetLoader(
        TrainingEmbeddingSettings(data=None if data is None else str(data), **training),
        DataSettings(**settings),
        TeacherSettings(model="nobody/needs-this"),
        progress=progress,
        loaded_teacher=teacher,
        free_bytes=free_bytes,
    )


@pytest.mark.parametrize("suffix", EMBEDDING_SUFFIXES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_embeddings_are_resident_as_they_were_stored(
    tmp_path: Path, unit_rows: Rows, suffix: str, dtype: torch.dtype
) -> None:
    rows = unit_rows(500, 20, dtype=dtype)
    load = loader(write_embeddings(tmp_path / f"rows{suffix}", rows))
    dataset = load.load()
    assert torch.equal(dataset.embeddings, rows)
    assert dataset.width == 20
    assert load.report.summary() == "500 samples kept, none dropped"
    assert load.report.bytes_read >= (0 if suffix == ".npz" else rows.nbytes)
    assert dataset.report is load.report


def test_a_whole_configuration_is_told_which_of_its_sections_to_give() -> None:
    config = SimpleProjectConfig()
    with pytest.raises(TypeError, match=r"got SimpleProjectConfig: load_dataset\(config\.training_embedding, config\."):
        load_dataset(config)  # type: ignore[arg-type]


def test_a_table_of_many_pieces_is_read_whole(tmp_path: Path) -> None:
    rows = torch.randn(3 * PIECE_BYTES // 4096 + 5, 1024, generator=torch.Generator().manual_seed(0))
    path = write_embeddings(tmp_path / "rows.npy", rows)
    assert torch.equal(loader(path).load().embeddings, rows)
    stored = loader(path, storage="bfloat16").load().embeddings
    assert torch.equal(stored, rows.bfloat16())


def test_float64_is_stored_as_float32(tmp_path: Path, unit_rows: Rows) -> None:
    rows = unit_rows(30).double()
    dataset = loader(write_embeddings(tmp_path / "rows.npy", rows)).load()
    assert torch.equal(dataset.embeddings, rows.float())


@pytest.mark.parametrize("suffix", TEXT_SUFFIXES)
def test_texts_are_encoded_by_the_teacher(tmp_path: Path, distilbert: Teacher, suffix: str) -> None:
    texts = sentences(40)
    load = loader(write_texts(tmp_path / f"a{suffix}", {"text": texts}), distilbert)
    dataset = load.load()
    assert list(dataset.texts or ()) == texts
    assert dataset.width == 768
    assert dataset.embeddings.dtype == torch.float16
    expected = distilbert.encode(texts, use_cache=False)
    assert (dataset.embeddings.float() - expected).abs().max() < 1e-3
    assert load.report.teacher.startswith("/")
    assert "768-D, mean pooling" in load.report.teacher


@pytest.mark.parametrize("suffix", [*TEXT_SUFFIXES, *EMBEDDING_SUFFIXES])
def test_a_limit_stops_reading_at_the_source(tmp_path: Path, unit_rows: Rows, distilbert: Teacher, suffix: str) -> None:
    if suffix in TEXT_SUFFIXES:
        path = write_texts(tmp_path / f"a{suffix}", {"text": numbered_sentences(60_000)})
    else:
        path = write_embeddings(tmp_path / f"a{suffix}", unit_rows(60_000))
    load = loader(path, distilbert, max_total_samples=10)
    dataset = load.load()
    assert len(dataset) == 10
    assert load.report.rows_read == 10
    most = 0.4 if suffix == ".parquet" else 0.1
    assert load.report.bytes_read < most * path.stat().st_size
    assert load._meter.rows <= 512


def test_dropped_rows_are_counted_by_reason_and_listed_with_their_origin(
    tmp_path: Path, unit_rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = unit_rows(50), unit_rows(30, seed=1)
    first[4, 2], first[9], second[3], second[7] = float("nan"), 0.0, first[0], second[6] * 1e9
    folder = tmp_path / "shards"
    folder.mkdir()
    write_embeddings(folder / "part-2.npy", first)
    write_embeddings(folder / "part-10.safetensors", second)
    load = loader(folder)
    dataset = load.load()
    assert load.report.dropped == {"not finite": 1, "norm too small": 1, "norm too large": 1, "duplicate": 1}
    assert {(bad.reason, bad.origin) for bad in load.report.bad_rows()} == {
        ("not finite", "part-2.npy row 5"),
        ("norm too small", "part-2.npy row 10"),
        ("duplicate", "part-10.safetensors row 4"),
        ("norm too large", "part-10.safetensors row 8"),
    }
    assert len(load.report.bad_rows(2)) == 2
    kept = torch.cat([first, second])[[i for i in range(80) if i not in (4, 9, 53, 57)]]
    assert torch.equal(dataset.embeddings, kept)
    assert "76 samples kept, dropped: 1 not finite" in caplog.text


def test_rows_without_a_text_and_repeated_texts_are_reported_by_line(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(6)
    lines = [texts[0], texts[1], None, texts[0], *texts[2:]]
    load = loader(write_texts(tmp_path / "a.jsonl", {"text": lines}), distilbert)
    dataset = load.load()
    assert list(dataset.texts or ()) == texts
    assert load.report.dropped == {"no text": 1, "duplicate text": 1}
    assert [bad.origin for bad in load.report.bad_rows()] == ["a.jsonl row 3", "a.jsonl row 4"]
    kept = loader(tmp_path / "a.jsonl", distilbert, drop_duplicates=False).load()
    assert len(kept) == 7


def test_texts_stay_with_their_rows_when_others_are_dropped(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(30)
    write_texts(tmp_path / "a.txt", {"text": texts})
    write_texts(tmp_path / "b.txt", {"text": [*texts[10:20], *sentences(35)[30:]]})
    dataset = loader(tmp_path / "a.txt", distilbert, extra_data=(str(tmp_path / "b.txt"),)).load()
    assert list(dataset.texts or ()) == sentences(35)
    assert (dataset.embeddings.float() - distilbert.encode(sentences(35), use_cache=False)).abs().max() < 1e-3


def test_sources_are_mixed_by_weight(tmp_path: Path, unit_rows: Rows) -> None:
    rows = [unit_rows(100, seed=seed) for seed in (1, 2)]
    paths = [write_embeddings(tmp_path / f"{i}.npy", part) for i, part in enumerate(rows)]
    load = loader(paths[0], extra_data=(str(paths[1]),), weights=(3, 1), max_total_samples=40)
    dataset = load.load()
    assert torch.equal(dataset.embeddings, torch.cat([rows[0][:30], rows[1][:10]]))
    assert dataset.source == f"{paths[0]} + {paths[1]}"


def test_sources_of_different_width_do_not_mix(tmp_path: Path, unit_rows: Rows) -> None:
    first = write_embeddings(tmp_path / "a.npy", unit_rows(20, 8))
    second = write_embeddings(tmp_path / "b.npy", unit_rows(20, 9))
    with pytest.raises(DataError, match=r"different width \(.*a\.npy: 8, .*b\.npy: 9\); mix sources of one teacher"):
        loader(first, extra_data=(str(second),)).load()


def test_shards_of_different_width_name_both(tmp_path: Path, unit_rows: Rows) -> None:
    write_embeddings(tmp_path / "a.npy", unit_rows(20, 8))
    write_embeddings(tmp_path / "b.npz", unit_rows(20, 9))
    with pytest.raises(DataError, match=r"b\.npz has embeddings of width 9, but .*a\.npy of 8; all shards must"):
        loader(tmp_path).load()


def test_a_limit_opens_no_more_shards_than_it_needs(tmp_path: Path, unit_rows: Rows) -> None:
    for index in range(3):
        write_embeddings(tmp_path / f"{index}.npy", unit_rows(20, seed=index))
    (tmp_path / "2.npy").write_bytes(b"never opened")
    assert len(loader(tmp_path, max_total_samples=25).load()) == 25


def test_a_folder_of_texts_is_read_file_by_file(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(20)
    write_texts(tmp_path / "a.csv", {"id": ["1"] * 12, "text": texts[:12]})
    write_texts(tmp_path / "b.csv", {"id": ["1"] * 9, "text": [*texts[12:], texts[0]]})
    load = loader(tmp_path, distilbert)
    assert list(load.load().texts or ()) == texts
    assert [bad.origin for bad in load.report.bad_rows()] == ["b.csv row 9"]


def test_pairs_get_partners(tmp_path: Path, distilbert: Teacher) -> None:
    texts = sentences(40)
    path = write_texts(tmp_path / "a.tsv", {"term": texts[:20], "definition": texts[20:]})
    dataset = loader(path, distilbert, objective="pairs").load()
    assert dataset.partners is not None
    assert list(dataset.partner_texts or ()) == texts[:20]
    assert list(dataset.texts or ()) == texts[20:]
    assert torch.equal(dataset.partners[3], distilbert.encode([texts[3]], dtype=torch.float16)[0])
    alone = loader(path, distilbert, text_column="term").load()
    assert alone.partners is None


def test_the_demo_can_be_loaded_limited_and_mixed(tmp_path: Path, unit_rows: Rows) -> None:
    whole = load_dataset(TrainingEmbeddingSettings())
    assert (len(whole), whole.width) == (6000, 384)
    assert whole.partners is not None
    assert whole.categories is not None
    assert 500 < len(whole.validation_indices) < 700
    few = load_dataset(TrainingEmbeddingSettings(max_total_samples=100))
    assert torch.equal(few.embeddings, whole.embeddings[:100])
    assert len(set(few.categories or ())) > 15
    own = write_embeddings(tmp_path / "a.npy", unit_rows(10, 384))
    mixed = loader(None, extra_data=(str(own),), max_total_samples=14).load()
    assert mixed.text(0) == whole.text(0)
    assert mixed.text(13) == "a.npy row 7"


def test_a_hub_data_set_is_streamed(tmp_path: Path, distilbert: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    records = [{"id": i, "text": text} for i, text in enumerate(sentences(50))]
    taken = []

    def stream(name: str, configuration: str | None, *, split: str, streaming: bool) -> Any:
        assert (name, configuration, split, streaming) == ("owner/name", "small", "test", True)
        return (taken.append(record) or record for record in records)

    monkeypatch.setattr(datasets, "load_dataset", stream)
    dataset = loader("hub:owner/name:small", distilbert, split="test", max_total_samples=12).load()
    assert list(dataset.texts or ()) == [record["text"] for record in records[:12]]
    assert len(taken) == 20


def test_a_hub_data_set_that_can_not_be_reached_says_what_to_do() -> None:
    with pytest.raises(DataError, match=r"can't stream hub:no/where: .*cache: .*Check name, split and network"):
        loader("hub:no/where").load()


def test_few_samples_are_warned_of(tmp_path: Path, unit_rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    load = loader(write_embeddings(tmp_path / "rows.npy", unit_rows(3)))
    load.load()
    few = "only 1 sample to train on and 2 held out: so few are learned by heart"
    assert few in load.report.warnings[-1]
    assert f"data: {few}" in caplog.text
    enough = loader(write_embeddings(tmp_path / "more.npy", unit_rows(200)))
    enough.load()
    assert not any("held out" in warning for warning in enough.report.warnings)


def test_beyond_the_budget_only_what_fits_is_kept(tmp_path: Path, unit_rows: Rows) -> None:
    path = write_embeddings(tmp_path / "rows.npy", unit_rows(1000, 100))
    load = loader(path, free_bytes=500 * 417 * 10 // 8)
    dataset = load.load()
    assert len(dataset) == 500
    assert load.report.memory is not None
    assert load.report.memory.samples == 500
    assert "1,000 samples (0.00 GB) do not fit: 500 do" in load.report.warnings[0]
    assert "Set data.beyond_budget = 'stream' to use all" in load.report.warnings[0]


def test_beyond_the_budget_all_can_be_streamed(tmp_path: Path, unit_rows: Rows) -> None:
    rows = unit_rows(1000, 100)
    dataset = loader(
        write_embeddings(tmp_path / "rows.npy", rows), free_bytes=500 * 417 * 10 // 8, beyond_budget="stream"
    ).load()
    assert dataset.streamed
    assert len(dataset) == 1000
    assert torch.equal(dataset.batch(torch.tensor([999, 3])), rows[[999, 3]])


def test_no_valid_row_at_all_is_an_error_that_counts_them(tmp_path: Path) -> None:
    path = write_embeddings(tmp_path / "rows.npy", torch.zeros(12, 4))
    load = loader(path)
    with pytest.raises(DataError, match="no valid row is left: 12 norm too small"):
        load.load()
    assert load.report.dropped == {"norm too small": 12}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("owner/name", "does not exist; check the path; for the hub's data set write 'hub:owner/name'"),
        ("a.shape", r"\.shape is no kind of file that can be read; expected \.safetensors"),
        ("empty", "holds no file of texts or embeddings"),
        ("blank.txt", "holds no text at all"),
    ],
)
def test_sources_that_are_none_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("a.shape").write_text("x")
    Path("blank.txt").write_text("\n \n")
    with pytest.raises(DataError, match=message):
        loader(name).load()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_what_may_not_be_read_says_so(tmp_path: Path, unit_rows: Rows) -> None:
    path = write_embeddings(tmp_path / "rows.npy", unit_rows(10))
    path.chmod(0)
    with pytest.raises(DataError, match="may not be read by this user; change its permissions"):
        loader(path).load()
    tmp_path.chmod(0)
    try:
        with pytest.raises(DataError, match="can't be listed"):
            loader(tmp_path).load()
    finally:
        tmp_path.chmod(0o700)


def test_permission_errors_are_explained_whoever_runs_this(
    tmp_path: Path, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_embeddings(tmp_path / "rows.npy", unit_rows(10))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lattice.regular_files.os.open", refuse)
    with pytest.raises(DataError, match=r"rows\.npy may not be read by this user; change its permissions"):
        loader(path).load()
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match="can't be listed: Permission denied; change its permissions"):
        loader(tmp_path).load()


def test_a_load_can_be_cancelled_between_pieces(tmp_path: Path) -> None:
    rows = torch.randn(3 * PIECE_BYTES // 4096, 1024)
    told: list[tuple[str, int, int | None]] = []

    def cancel(what: str, done: int, total: int | None) -> None:
        told.append((what, done, total))
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        loader(write_embeddings(tmp_path / "rows.npy", rows), progress=cancel).load()
    assert told == [("reading rows.npy", 2048, 6144), ("reading rows.npy", 4096, 6144)]


def test_rows_that_are_written_to_while_they_are_read_are_no_mixture(tmp_path: Path, unit_rows: Rows) -> None:
    path = write_embeddings(tmp_path / "rows.npy", unit_rows(50, 8))

    def write(what: str, done: int, total: int | None) -> None:
        write_embeddings(path, unit_rows(50, 8, seed=1))
        os.utime(path, (1, 1))  # a clock of any resolution shows it

    with pytest.raises(DataError, match=rf"{path} was written to while it was read, so .* half old and half new: wait"):
        loader(path, progress=write).load()
    assert len(loader(path).load()) == 50


def test_texts_that_are_read_whole_leave_the_vectors_before_them_under_watch(
    tmp_path: Path, unit_rows: Rows, distilbert: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vectors").mkdir()  # no file beside them, which would be taken for theirs
    vectors = write_embeddings(tmp_path / "vectors" / "rows.npy", unit_rows(20, distilbert.width))
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(numbered_sentences(20)))
    real = Teacher.encode

    def encode(self: Teacher, *args: Any, **settings: Any) -> torch.Tensor:
        os.utime(changed, (1, 1))
        return real(self, *args, **settings)

    def mixed() -> UnifiedDatasetLoader:
        return loader(vectors, distilbert, extra_data=(str(texts),))

    monkeypatch.setattr(Teacher, "encode", encode)
    changed = texts  # which are in memory by then
    assert len(mixed().load()) == 40
    changed = vectors
    with pytest.raises(DataError, match=rf"{vectors} was written to while it was read"):
        mixed().load()


def test_a_file_that_is_replaced_before_its_texts_are_read_is_no_mixture(
    tmp_path: Path, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "rows.parquet", UnifiedDatasetLoader._gpu_filter_and_validate

    def write(seed: int) -> None:
        vectors = pa.array(unit_rows(50, 8, seed=seed).tolist(), pa.list_(pa.float32()))
        pq.write_table(pa.table({"text": numbered_sentences(50), "embedding": vectors}), path)
        os.utime(path, (seed, seed))

    def replaced(self: UnifiedDatasetLoader, table: Any) -> torch.Tensor:
        write(1)
        return real(self, table)

    write(2)
    monkeypatch.setattr(UnifiedDatasetLoader, "_gpu_filter_and_validate", replaced)
    with pytest.raises(DataError, match=rf"{path} was written to while it was read, so .* half old and half new: wait"):
        loader(path).load()


def test_a_source_that_changed_on_disk_changes_the_fingerprint(tmp_path: Path, unit_rows: Rows) -> None:
    path = write_embeddings(tmp_path / "rows.npy", unit_rows(20))
    before = loader(path).load().fingerprint
    copy = shutil.copy(path, tmp_path / "copy.npy")
    assert loader(copy).load().fingerprint == before
    write_embeddings(path, unit_rows(20, seed=2))
    assert loader(path).load().fingerprint != before


def test_text_file_to_teacher_to_cube(tmp_path: Path, tiny_distilbert: Path) -> None:
    from lattice.training.trainer import EmbeddingTrainer

    path = write_texts(tmp_path / "a.txt", {"text": sentences(120)})
    config = SimpleProjectConfig().override(
        [
            f"training_embedding.data={path}",
            f"teacher.model={tiny_distilbert}",
            "lattice.dimensions=[4, 4, 4]",
            "lattice.adaptive_radius_ratio=0.5",
            "lattice.lattice_steps=1",
            "model.state_size=8",
            "training_embedding.batch_size=16",
            "training_embedding.training_steps=20",
            "device.policy=cpu",
        ]
    )
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    trainer = EmbeddingTrainer(config, dataset)
    before = trainer.evaluate().student.cosine
    trainer.advance(20)
    after = trainer.evaluate().student.cosine
    assert dataset.width == 768
    assert after > before + 0.2


def test_a_load_hashes_like_data_made_in_memory() -> None:
    from lattice.data import build_dataset

    demo = load_dataset(TrainingEmbeddingSettings(max_total_samples=60))
    made = build_dataset(
        demo.embeddings,
        partners=demo.partners,
        texts=demo.texts,
        partner_texts=demo.partner_texts,
        source="memory",
    )
    assert made.fingerprint == demo.fingerprint
    assert torch.equal(made.train_indices, demo.train_indices)
