"""What is taken of models that were made to classify is said; what only ranks is refused unless a pooling is set."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import load_teacher
from lattice.errors import TeacherError
from tests.lattice.data.teachers.reference import plain_rows
from tests.lattice.data.teachers.zoo import MEAN, TEXTS, change_json, save_plain, save_sentence_model


@pytest.mark.parametrize(
    ("architecture", "made_for"),
    [
        ("BertForSequenceClassification", "classifier"),
        ("BertForTokenClassification", "classifier of tokens"),
        ("BertForQuestionAnswering", "finder of answers"),
    ],
)
def test_the_mean_of_a_classifier_s_states_is_taken_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, architecture: str, made_for: str
) -> None:
    expected = plain_rows(save_plain("bert", tmp_path), TEXTS, "mean")
    change_json(tmp_path / "config.json", architectures=[architecture])
    with caplog.at_level(logging.WARNING, "cellcube"):
        teacher = load_teacher(TeacherSettings(model=str(tmp_path)))
    assert f"mean pooling of a {made_for}'s last hidden states" in teacher.description
    assert f"was made as a {made_for}, whose head is left aside" in caplog.text
    assert (teacher.encode(TEXTS, use_cache=False) * expected).sum(dim=1).min() > 0.9999


def test_a_model_with_one_output_is_refused_unless_a_pooling_is_set(tmp_path: Path) -> None:
    one = {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    change_json(save_plain("bert", tmp_path) / "config.json", architectures=["BertForSequenceClassification"], **one)
    with pytest.raises(TeacherError, match=r"with one output: it gives a score .*set teacher\.pooling = 'mean'"):
        load_teacher(TeacherSettings(model=str(tmp_path)))
    teacher = load_teacher(TeacherSettings(model=str(tmp_path), pooling="mean"))
    assert torch.isfinite(teacher.encode(TEXTS, use_cache=False)).all()


def test_a_model_that_says_how_it_embeds_is_none(tmp_path: Path) -> None:
    folder = save_sentence_model(tmp_path / "model", "bert", [MEAN])
    change_json(folder / "config.json", architectures=["BertForSequenceClassification"])
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    assert "classifier" not in teacher.description
