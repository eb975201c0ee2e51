"""A teacher that was left open is named in the run's settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lattice.config import SimpleProjectConfig, TeacherSettings
from lattice.data import LoadReport, build_dataset
from lattice.data.provenance import TeacherRecord
from lattice.training.teacher_in_use import with_teacher_in_use

MADE_BY = TeacherRecord(TeacherSettings(model="minilm"), "minilm (16-D, mean pooling)", "encoded the texts")


@pytest.mark.parametrize(
    ("wanted", "report", "named"),
    [
        ("auto", LoadReport(teacher="minilm (16-D)", made_by=MADE_BY), "minilm"),
        ("auto", LoadReport(made_by=MADE_BY), "auto"),
        ("auto", LoadReport(teacher="several"), "auto"),
        ("mine", LoadReport(teacher="minilm (16-D)", made_by=MADE_BY), "mine"),
        ("auto", None, "auto"),
    ],
    ids=["encoded now", "vectors that were given", "several teachers", "a teacher of one's choice", "no report"],
)
def test_only_a_teacher_that_was_left_open_and_encoded_is_named(
    wanted: str, report: LoadReport | None, named: str
) -> None:
    config = SimpleProjectConfig.from_preset("debug").replaced({"teacher.model": wanted})
    dataset = replace(build_dataset(torch.randn(10, 4), source="rows"), report=report)
    assert with_teacher_in_use(config, dataset).teacher.model == named
