"""A run that was trained without a window shows its curves in one."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from app.curves.history import History
from app.run.metrics_curves import curves_beside
from lattice.progress import no_progress
from lattice.runs.course import Course
from lattice.runs.metrics_file import MetricsFile
from lattice.training.trainer import EmbeddingTrainer
from tests.app.fakes import small_config
from tests.lattice.conftest import make_dataset

COURSE = Course("run", (("only", 0),))


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, Callable[[int], History]]:
    """Train headless; return the checkpoint's path, and the history that a window had after so many steps."""
    trainer = EmbeddingTrainer(small_config(device__policy="cpu"), make_dataset())
    file = MetricsFile(tmp_path / "metrics.jsonl", COURSE, step=0)
    reports = []
    for step in range(5):
        if step % 2 == 0:
            reports.append((step, trainer.evaluate()))
            file.write("evaluation", reports[-1][1].to_dict())
        report = trainer.step()
        reports.append((step + 1, replace(report, diverged="diverged") if step == 3 else report))
        file.write("step", asdict(reports[-1][1]))
    file.close()

    def history(until: int) -> History:
        history = History()
        for step, report in reports:
            if step <= until:
                (history.append_evaluation if hasattr(report, "student") else history.append)(report)
        return history

    return tmp_path / "checkpoint.safetensors", history


def equal(found: History, expected: History) -> bool:
    assert set(found.series) == set(expected.series)
    for name, series in expected.series.items():
        np.testing.assert_array_equal(found.series[name].x, series.x, err_msg=name)
        np.testing.assert_allclose(found.series[name].y, series.y, rtol=1e-6, err_msg=name)
    assert found.marks == expected.marks
    return found.rank == expected.rank


def test_the_curves_are_those_that_a_window_would_have(trained: tuple[Path, Callable[[int], History]]) -> None:
    checkpoint, history = trained
    for step in (5, 3):
        assert equal(History.from_arrays(curves_beside(checkpoint, COURSE, step, {}, no_progress)), history(step))


def test_what_was_trained_without_the_window_goes_on_where_its_curves_end(
    trained: tuple[Path, Callable[[int], History]],
) -> None:
    checkpoint, history = trained
    stored = history(2).to_arrays()
    found = curves_beside(checkpoint, COURSE, 5, stored, no_progress)
    assert equal(History.from_arrays(found), history(5))
    assert curves_beside(checkpoint, COURSE, 2, stored, no_progress) == stored


def test_figures_of_another_run_in_that_folder_are_no_curves(trained: tuple[Path, Callable[[int], History]]) -> None:
    checkpoint, _ = trained
    assert curves_beside(checkpoint, Course("another", (("only", 0),)), 5, {}, no_progress) == {}
    assert curves_beside(checkpoint.parent / "elsewhere" / "a.safetensors", COURSE, 5, {}, no_progress) == {}


@pytest.mark.parametrize(
    "odd",
    [
        {"loss.total/x": np.int32(3), "loss.total/y": np.float32(3)},
        {"loss.total/x": np.array([1.0, np.nan]), "loss.total/y": np.ones(2, np.float32)},
        {"loss.total/x": np.array([1, 2], np.int32)},
        {"marks": np.frombuffer(b"[[", dtype=np.uint8)},
    ],
    ids=["a number", "no rising steps", "no values", "marks"],
)
def test_stored_curves_that_are_none_are_replaced(
    trained: tuple[Path, Callable[[int], History]], odd: dict[str, np.ndarray]
) -> None:
    checkpoint, history = trained
    odd = {name: np.asarray(values) for name, values in odd.items()}
    assert equal(History.from_arrays(curves_beside(checkpoint, COURSE, 5, odd, no_progress)), history(5))
