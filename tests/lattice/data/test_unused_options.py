"""Settings that change nothing with the data at hand are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config import DataSettings, TeacherSettings, TrainingEmbeddingSettings
from lattice.data.readers.counted import ReadMeter
from lattice.data.report import LoadReport
from lattice.data.sources.base import Opening
from lattice.data.sources.opening import open_source
from lattice.data.unused_options import unused_options
from lattice.progress import no_progress
from tests.lattice.data.layouts import LISTS, TEXTS, jsonl, records

PAIR = "data.pair_columns (--pair-columns) asks for pairs of 'text' and 'other', which the objective does not learn"
NOTHING = "teacher.prompt (--prompt) and teacher.truncate_dim (--truncate-dim) change nothing: the data holds vectors"


@pytest.mark.parametrize(
    ("vectors", "data", "teacher", "objective", "said"),
    [
        (True, {}, {"prompt": "query: ", "truncate_dim": 8}, "reconstruct", [NOTHING]),
        (True, {}, {"truncate_dim": 8}, "reconstruct", ["teacher.truncate_dim (--truncate-dim) changes nothing"]),
        (True, {}, {}, "reconstruct", []),
        (False, {}, {"prompt": "query: ", "truncate_dim": 8}, "reconstruct", []),
        (False, {"pair_columns": ("text", "other")}, {}, "reconstruct", [PAIR]),
        (False, {"pair_columns": ("text", "other")}, {}, "pairs", []),
    ],
)
def test_what_has_no_effect_is_said(
    tmp_path: Path, vectors: bool, data: dict[str, object], teacher: dict[str, object], objective: str, said: list[str]
) -> None:
    columns = {"text": TEXTS, "other": TEXTS[::-1]} | ({"embedding": LISTS} if vectors else {})
    path = jsonl(tmp_path / "a.jsonl", records(**columns))
    settings = DataSettings(**data)
    training = TrainingEmbeddingSettings(objective=objective)
    opening = Opening(settings, bool(data), ReadMeter(), LoadReport(), no_progress)
    source = open_source(str(path), None, opening)
    found = unused_options(training, settings, TeacherSettings(**teacher), [source])
    assert [line[: len(start)] for line, start in zip(found, said, strict=True)] == said
    source.close()
