"""Reports that are read again are those that were written; anything else in the file is left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lattice.progress import Cancelled
from lattice.runs.course import Course
from lattice.runs.metrics_file import MetricsFile
from lattice.runs.metrics_reading import read_reports
from lattice.training.trainer import EmbeddingTrainer

COURSE = Course("run", (("first", 0), ("second", 2)))


@pytest.fixture
def written(tmp_path: Path, small_trainer: Callable[..., EmbeddingTrainer]) -> tuple[Path, list[Any]]:
    """Write what a short run reports; return the file and the reports."""
    path, trainer, reports = tmp_path / "metrics.jsonl", small_trainer(), []
    file = MetricsFile(path, COURSE, step=0)
    reports.append(trainer.evaluate())
    file.write("evaluation", reports[-1].to_dict())
    for _ in range(3):
        reports.append(trainer.step())
        file.write("step", asdict(reports[-1]))
    reports.append(trainer.evaluate())
    file.write("evaluation", reports[-1].to_dict())
    file.close()
    return path, reports


def test_what_is_read_is_what_was_written(written: tuple[Path, list[Any]]) -> None:
    path, reports = written
    assert list(read_reports(path, COURSE, 3)) == reports
    assert reports[-1].start is not None


def test_training_steps_out_of_bounds_are_left_out(written: tuple[Path, list[Any]]) -> None:
    path, reports = written
    assert list(read_reports(path, COURSE, 2)) == reports[:3]
    assert list(read_reports(path, COURSE, 3, after=2)) == reports[3:]


def test_lines_of_others_and_lines_that_are_none_are_left_out(written: tuple[Path, list[Any]]) -> None:
    path, reports = written
    good = json.loads(path.read_text().splitlines()[1])
    others: list[Any] = [
        good | {"run_id": "another"},
        good | {"session_id": "a copy that went on by itself", "training_step": 1},
        good | {"kind": "note"},
        good | {"losses": 3},
        good | {"seconds": [1]},
        {name: value for name, value in good.items() if name != "losses"},
        [1, 2],
    ]
    with path.open("a") as file:
        file.writelines(f"{json.dumps(other)}\n" for other in others)
        file.write('{"kind": "step", "training_st')
    first = Course("run", (("second", 0),))
    assert list(read_reports(path, first, 3)) == reports


def test_fields_that_are_not_known_here_or_were_not_known_then_do_no_harm(written: tuple[Path, list[Any]]) -> None:
    path, reports = written
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["of a later version"] = {"a": 1}
        line.pop("loss_ratio", None)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    found = list(read_reports(path, COURSE, 3))
    assert [report.training_step for report in found] == [report.training_step for report in reports]
    assert found[0] == reports[0]


def test_reading_can_be_cancelled(written: tuple[Path, list[Any]]) -> None:
    def stop(_what: str, _done: int, _total: int | None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(read_reports(written[0], COURSE, 3, progress=stop))
