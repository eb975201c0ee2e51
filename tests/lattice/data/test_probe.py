"""Sentences that are not in the data: which teacher encodes them, and whether it is the one that made the data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from lattice.config import DataSettings, TeacherSettings, TrainingEmbeddingSettings
from lattice.data import Teacher, build_dataset, encode_file, load_dataset
from lattice.data import probe as probe_module
from lattice.data.probe import load_probe_teacher
from lattice.data.provenance import SETTINGS, common_record, from_notes, record_of, to_notes
from lattice.data.teachers.parts import teacher_width
from lattice.errors import TeacherError
from lattice.progress import Cancelled
from tests.lattice.data.making import sentences, write_embeddings, write_texts


def load(path: Path, teacher: Path | str = "minilm", **data: object):
    return load_dataset(
        TrainingEmbeddingSettings(data=str(path)),
        DataSettings.model_validate(data),
        TeacherSettings(model=str(teacher)),
    )


def cosine(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one.float(), other.float(), dim=0))


def test_the_demo_s_own_sentences_come_out_where_they_are_stored(minilm: Teacher) -> None:
    dataset = load_dataset(TrainingEmbeddingSettings(max_total_samples=300))
    assert dataset.report is not None
    assert dataset.report.made_by is not None
    probe = load_probe_teacher(dataset.report.made_by.settings, dataset)
    assert probe.made_the_data
    for sample in (0, 17, 299):
        embedding = torch.from_numpy(probe.encode(dataset.text(sample)))
        assert cosine(embedding, dataset.embeddings[sample]) > 0.9999
        near = torch.nn.functional.normalize(dataset.embeddings.float(), dim=1) @ embedding
        assert int(near.argmax()) == sample


def test_texts_remember_the_teacher_that_encoded_them(tmp_path: Path, tiny_distilbert: Path) -> None:
    source = write_texts(tmp_path / "a.txt", {"text": sentences(20)})
    record = load(source, tiny_distilbert).report.made_by
    assert record.settings == TeacherSettings(model=str(tiny_distilbert), pooling="mean")
    assert record.known_from == "encoded the texts when they were loaded"
    assert "768-D, mean pooling" in record.description


def test_a_file_of_embeddings_names_its_teacher(tmp_path: Path, distilbert: Teacher, tiny_distilbert: Path) -> None:
    source = write_texts(tmp_path / "a.txt", {"text": sentences(20)})
    encode_file(source, tmp_path / "a.safetensors", loaded_teacher=distilbert)
    dataset = load(tmp_path / "a.safetensors")
    assert dataset.report.made_by == replace(record_of(distilbert, ""), known_from="noted in a.safetensors")
    probe = load_probe_teacher(dataset.report.made_by.settings, dataset)
    assert probe.agreement == pytest.approx(1.0, abs=1e-3)
    assert cosine(torch.from_numpy(probe.encode(dataset.text(3))), dataset.embeddings[3]) > 0.999


def test_embeddings_of_unknown_or_of_several_teachers_have_none(tmp_path: Path, distilbert: Teacher) -> None:
    rows = write_embeddings(tmp_path / "rows.npy", torch.randn(20, 768))
    assert load(rows).report.made_by is None
    texts = write_texts(tmp_path / "a.txt", {"text": sentences(20)})
    encode_file(texts, tmp_path / "a.safetensors", loaded_teacher=distilbert)
    assert load(tmp_path / "a.safetensors", extra_data=[str(rows)]).report.made_by is None
    assert load(tmp_path / "a.safetensors", extra_data=[str(tmp_path / "a.safetensors")]).report.made_by is not None
    mean = record_of(distilbert, "here")
    other = replace(mean, settings=TeacherSettings(model=mean.settings.model, pooling="cls"))
    assert common_record([mean, mean]) == mean
    assert common_record([mean, other]) is None
    assert common_record([]) is None


@pytest.mark.parametrize("note", ["{", "[]", '{"model": 3}', '{"model": "a", "weights": "b"}', '{"pooling": "sum"}'])
def test_notes_that_make_no_sense_are_no_notes(tmp_path: Path, note: str) -> None:
    assert from_notes({SETTINGS: note}, "") is None
    save_file({"embeddings": torch.randn(6, 4)}, tmp_path / "a.safetensors", metadata={SETTINGS: note, "x": "y"})
    dataset = load(tmp_path / "a.safetensors")
    assert (len(dataset), dataset.report.made_by) == (6, None)


def test_notes_hold_what_decides_an_embedding_and_nothing_else(distilbert: Teacher) -> None:
    notes = to_notes(record_of(distilbert, "here"))
    assert set(json.loads(notes[SETTINGS])) == {
        "model", "revision", "pooling", "normalize", "max_length", "prompt", "truncate_dim",
    }  # fmt: skip
    assert from_notes(notes, "here") == record_of(distilbert, "here")


def test_another_width_is_refused_before_weights_are_loaded(
    tiny_distilbert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the weights were loaded")

    monkeypatch.setattr(probe_module, "load_teacher", never)
    dataset = build_dataset(torch.randn(10, 384), source="rows")
    assert teacher_width(TeacherSettings(model=str(tiny_distilbert))) == 768
    with pytest.raises(TeacherError, match="makes embeddings of width 768, but the data's have 384; choose the"):
        load_probe_teacher(TeacherSettings(model=str(tiny_distilbert)), dataset)


def test_a_teacher_that_did_not_make_the_data_is_found_out(tiny_distilbert: Path, distilbert: Teacher) -> None:
    texts = sentences(10)
    settings = TeacherSettings(model=str(tiny_distilbert))
    strange = build_dataset(torch.randn(10, 768), source="rows", texts=texts)
    probe = load_probe_teacher(settings, strange)
    assert probe.made_the_data is False
    assert abs(probe.agreement or 0) < 0.2
    own = build_dataset(distilbert.encode(texts), source="rows", texts=texts)
    assert load_probe_teacher(settings, own).made_the_data is True
    silent = load_probe_teacher(settings, build_dataset(torch.randn(10, 768), source="rows"))
    assert (silent.agreement, silent.made_the_data) == (None, None)


def test_folders_that_are_no_teachers_and_names_that_are_none(tmp_path: Path) -> None:
    dataset = build_dataset(torch.randn(10, 768), source="rows")
    with pytest.raises(TeacherError, match=r"has no config\.json; expected a model saved by transformers"):
        load_probe_teacher(TeacherSettings(model=str(tmp_path)), dataset)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(TeacherError, match=r"config\.json can't be read"):
        load_probe_teacher(TeacherSettings(model=str(tmp_path)), dataset)
    with pytest.raises(TeacherError, match=r"no/such-teacher.* is no local folder, .*Ways out: connect once"):
        load_probe_teacher(TeacherSettings(model="no/such-teacher"), dataset)


def test_loading_can_be_cancelled_at_every_stage(tiny_distilbert: Path) -> None:
    dataset = build_dataset(torch.randn(10, 768), source="rows", texts=sentences(10))
    stages: list[str] = []
    load_probe_teacher(
        TeacherSettings(model=str(tiny_distilbert)), dataset, progress=lambda what, *_: stages.append(what)
    )
    assert len(set(stages)) == 3
    for stage in stages:

        def cancel(what: str, done: int, total: int | None, stage: str = stage) -> None:
            if what == stage:
                raise Cancelled

        with pytest.raises(Cancelled):
            load_probe_teacher(TeacherSettings(model=str(tiny_distilbert)), dataset, progress=cancel)
