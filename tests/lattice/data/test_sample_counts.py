"""One text alone is refused, whatever file it stands in, before a teacher is loaded for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config import TeacherSettings, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader
from lattice.data.sample_counts import few_samples
from lattice.errors import DataError, TeacherError

NO_TEACHER = TeacherSettings(model="/no/such/teacher")


def load(path: Path) -> None:
    UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), teacher=NO_TEACHER).load()


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('{"error": {"message": "Rate limit exceeded", "type": "rate_limit", "code": 429}}', "Rate limit exceeded"),
        ('{"detail": "Not authenticated"}', "Not authenticated"),
        ('[{"text": "again"}, {"text": "again"}]', "again"),
    ],
)
def test_an_answer_that_is_no_data_is_shown(tmp_path: Path, content: str, shown: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(content)
    with pytest.raises(DataError, match=rf"answer\.json holds one text alone, '{shown}'; .* get the data again"):
        load(path)


def test_two_texts_get_as_far_as_the_teacher(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("the first sentence\nthe second sentence\n")
    with pytest.raises(TeacherError, match="/no/such/teacher"):
        load(path)


@pytest.mark.parametrize(("training", "held_out", "few"), [(20, 5, False), (19, 5, True), (20, 4, True)])
def test_few_samples_of_either_side_are_warned_of(training: int, held_out: int, few: bool) -> None:
    assert (f"only {training} samples to train on and {held_out} held out" in few_samples(training, held_out)) == few
