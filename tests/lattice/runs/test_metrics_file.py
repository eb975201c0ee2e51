"""Figures on disk: one course over all sessions, and nothing lost to a full disk or a deleted file."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from lattice.runs.course import Course
from lattice.runs.metrics_file import RETRY_SECONDS, MetricsFile


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(path: Path, step: int = 0, run: str = "run", session: str = "one", **more: Any) -> MetricsFile:
    sessions = (("one", 0),) if session == "one" else (("one", 0), (session, step))
    return MetricsFile(path, Course(run, sessions), step=step, **more)


def steps(path: Path, kind: str = "step") -> list[int]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line["training_step"] for line in lines if line["kind"] == kind]


def write(metrics: MetricsFile, *numbers: int) -> None:
    for number in numbers:
        metrics.write("step", {"training_step": number})


def test_every_line_says_whose_and_when_it_is(tmp_path: Path) -> None:
    metrics = opened(tmp_path / "m.jsonl", now=Clock())
    write(metrics, 1)
    metrics.close()
    assert json.loads((tmp_path / "m.jsonl").read_text()) == {
        "kind": "step", "run_id": "run", "session_id": "one", "wall_time": 1_000_000.0, "training_step": 1,
    }  # fmt: skip


def test_what_a_resumed_run_repeats_moves_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "m.jsonl"
    first = opened(path)
    write(first, 1, 2, 3, 4)
    first.write("evaluation", {"training_step": 2})
    first.close()
    with path.open("ab") as file:
        file.write(b'{"kind": "step", "training_st')  # cut short by a crash
    with caplog.at_level("INFO", "cellcube"):
        second = opened(path, step=2, session="two")
    assert "3 lines of after training step 2" in caplog.text
    second.write("evaluation", {"training_step": 2})
    write(second, 3)
    second.close()
    assert steps(path) == [1, 2, 3]
    assert steps(path, "evaluation") == [2], "scored once"
    replaced = (tmp_path / "metrics.replaced.jsonl").read_text().splitlines()
    assert [json.loads(line)["training_step"] for line in replaced[:2]] == [3, 4]
    assert len(replaced) == 3


def test_lines_of_another_run_move_aside(tmp_path: Path) -> None:
    first = opened(tmp_path / "m.jsonl", run="other")
    write(first, 1)
    first.close()
    second = opened(tmp_path / "m.jsonl", step=5)
    second.close()
    assert steps(tmp_path / "m.jsonl") == []
    assert steps(tmp_path / "metrics.replaced.jsonl") == [1]


def test_a_full_disk_pauses_the_figures_and_they_catch_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    metrics = opened(tmp_path / "m.jsonl", now=clock)
    write(metrics, 1)
    real = metrics._file

    class Full:
        """Takes half of a line, then no more."""

        closed = False
        fileno = real.fileno

        def write(self, content: bytes) -> int:
            real.write(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        def truncate(self, size: int) -> int:
            return real.truncate(size)

    monkeypatch.setattr(metrics, "_file", Full())
    write(metrics, 2, 3)
    assert metrics.paused
    assert caplog.text.count("can't be written") == 1
    assert steps(tmp_path / "m.jsonl") == [1], "no half line stays"
    monkeypatch.setattr(metrics, "_file", real)
    write(metrics, 4)
    assert steps(tmp_path / "m.jsonl") == [1], "not tried at every step"
    clock.now += RETRY_SECONDS
    write(metrics, 5)
    assert steps(tmp_path / "m.jsonl") == [1, 2, 3, 4, 5]
    assert not metrics.paused
    assert "is written again" in caplog.text
    metrics.close()


def test_memory_for_lines_that_wait_is_bounded_and_what_is_dropped_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lattice.runs.metrics_file.MOST_WAITING", 3)
    metrics = opened(tmp_path / "m.jsonl", now=Clock())
    real, full = metrics._file, (tmp_path / "m.jsonl").open("rb")
    monkeypatch.setattr(metrics, "_file", full)  # can't be written to
    write(metrics, 1, 2, 3, 4, 5)
    monkeypatch.setattr(metrics, "_file", real)
    metrics.close()
    full.close()
    assert steps(tmp_path / "m.jsonl") == [1, 4, 5]
    assert "2 lines did not fit into memory" in caplog.text


def test_figures_that_never_could_be_written_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    metrics = opened(tmp_path / "m.jsonl")
    metrics._file.close()
    metrics.path = tmp_path / "gone" / "m.jsonl"
    write(metrics, 1, 2)
    metrics.close()
    assert "lacks its last 2 lines" in caplog.text


def test_a_deleted_file_is_written_again_whole(tmp_path: Path) -> None:
    metrics = opened(tmp_path / "m.jsonl")
    write(metrics, 1, 2)
    (tmp_path / "m.jsonl").unlink()
    (tmp_path / "new").mkdir()
    metrics.restore(tmp_path / "new" / "m.jsonl")
    write(metrics, 3)
    metrics.close()
    assert steps(tmp_path / "new" / "m.jsonl") == [1, 2, 3]


def test_a_file_that_is_deleted_is_written_again_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    metrics = opened(tmp_path / "m.jsonl")
    write(metrics, 1, 2)
    (tmp_path / "m.jsonl").unlink()
    write(metrics, 3, 4)
    metrics.close()
    assert steps(tmp_path / "m.jsonl") == [1, 2, 3, 4]
    assert caplog.text.count("m.jsonl was deleted: it is written again") == 1


def test_lines_go_on_in_a_file_that_was_put_in_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    metrics = opened(tmp_path / "m.jsonl")
    write(metrics, 1, 2)
    (tmp_path / "edited").write_text('{"kind": "step", "training_step": 2, "mine": true}\n')
    (tmp_path / "edited").replace(tmp_path / "m.jsonl")
    write(metrics, 3, 4)
    metrics.close()
    assert steps(tmp_path / "m.jsonl") == [2, 3, 4]
    assert '"mine": true' in (tmp_path / "m.jsonl").read_text()
    assert caplog.text.count("was replaced by another file") == 1


def test_lines_wait_while_a_folder_lies_in_its_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    metrics = opened(tmp_path / "m.jsonl", now=clock)
    write(metrics, 1)
    (tmp_path / "m.jsonl").unlink()
    (tmp_path / "m.jsonl").mkdir()
    write(metrics, 2, 3)
    assert "can't be written" in caplog.text
    (tmp_path / "m.jsonl").rmdir()
    clock.now += RETRY_SECONDS
    write(metrics, 4)
    metrics.close()
    assert steps(tmp_path / "m.jsonl") == [1, 2, 3, 4]


def test_lines_of_another_course_of_the_run_move_aside(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    metrics = opened(path)
    write(metrics, 1, 2)
    metrics.close()
    with path.open("a", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"kind": "step", "run_id": "run", "session_id": session, "training_step": 2}) + "\n"
            for session in ("copy", "")
        )
    opened(path, step=2, session="two").close()
    assert steps(path) == [1, 2, 2], "without a session the run alone decides"
    assert '"copy"' in (tmp_path / "metrics.replaced.jsonl").read_text()


def test_a_file_that_does_not_answer_is_not_taken_for_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = opened(tmp_path / "m.jsonl")
    write(metrics, 1)

    def silent(*_: object, **__: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "stat", silent)
        write(metrics, 2)
    metrics.close()
    assert steps(tmp_path / "m.jsonl") == [1, 2]
    assert caplog.text == ""


def test_what_lies_in_its_place_is_never_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, path = Clock(), tmp_path / "m.jsonl"
    metrics = opened(path, now=clock)
    write(metrics, 1)
    path.unlink()
    path.write_text('{"kind": "step", "training_step": 7}')  # without an end of line

    def forbidden() -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as broken:
        broken.setattr(metrics, "_open", forbidden)
        write(metrics, 2)
    clock.now += RETRY_SECONDS
    write(metrics, 3)
    metrics.close()
    assert steps(path) == [7, 1, 2, 3]


def test_a_copy_in_its_place_is_not_written_twice(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    metrics = opened(path)
    write(metrics, 1, 2)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    metrics.restore(path)
    metrics.restore(path)
    write(metrics, 3)
    metrics.close()
    assert steps(path) == [1, 2, 3]
