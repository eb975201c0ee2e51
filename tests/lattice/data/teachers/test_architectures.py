"""Teachers of many architectures, without files of sentence-transformers: equal to their own class."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import load_teacher
from tests.lattice.data.teachers.reference import plain_rows
from tests.lattice.data.teachers.zoo import KINDS, TEXTS, WIDTH, save_plain

LAST_TOKEN = {"llama", "mistral", "llama_left", "gpt_neox", "opt", "phi3", "gemma2", "olmo2"}
"""Language models whose architecture says that they continue texts."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_teacher_gives_the_rows_of_its_own_class(tmp_path: Path, kind: str) -> None:
    folder = save_plain(kind, tmp_path)
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    mode = "pooler" if kind.startswith("dpr") else "lasttoken" if kind in LAST_TOKEN else "mean"
    rows = teacher.encode(TEXTS, use_cache=False)
    assert rows.shape == (len(TEXTS), WIDTH)
    cosines = (rows * plain_rows(folder, TEXTS, mode)).sum(dim=1)
    assert cosines.min() > 0.9999
    assert rows.std(dim=0).max() > 0.01, "the texts differ"


@pytest.mark.parametrize(
    ("kind", "longest"),
    [("bert", 40), ("roberta", 38), ("mpnet", 38), ("longformer", 38), ("gpt2", 40), ("xlnet", 131072), ("t5", 131072)],
)
def test_no_text_overruns_the_positions_of_a_model(tmp_path: Path, kind: str, longest: int) -> None:
    teacher = load_teacher(TeacherSettings(model=str(save_plain(kind, tmp_path))))
    assert teacher.max_length == longest
    row = teacher.encode(["cats run " * 60], use_cache=False)
    assert torch.isfinite(row).all()
    assert teacher.last_counts.cut == (longest == teacher.max_length < 100)
