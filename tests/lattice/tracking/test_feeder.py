"""One tracker's thread: what is too much is left out, and an end that hangs is not waited for."""

from __future__ import annotations

import threading
from pathlib import Path

from lattice.tracking import feeder as feeding
from lattice.tracking.base import TrackedRun, TrackerKind
from lattice.tracking.feeder import Feeder


class Gate:
    """A tracker that waits in its first call until it is let go."""

    def __init__(self) -> None:
        self.entered, self.go_on, self.steps = threading.Event(), threading.Event(), []

    def figures(self, training_step, values):
        self.entered.set()
        self.go_on.wait()
        self.steps.append(training_step)

    def close(self):
        pass


def make(tmp_path: Path) -> tuple[Feeder, Gate]:
    gate = Gate()
    fed = Feeder("gate", TrackerKind("Gate", "", lambda _run: gate), TrackedRun("abc", tmp_path))
    fed.figures(1, {})
    gate.entered.wait()
    return fed, gate


def test_a_tracker_that_is_too_slow_loses_figures_and_says_so_once(tmp_path, monkeypatch, caplog) -> None:
    monkeypatch.setattr(feeding, "MOST_WAITING", 2)
    fed, gate = make(tmp_path)
    for step in range(2, 7):
        fed.figures(step, {})
    gate.go_on.set()
    fed.close()
    assert gate.steps == [1, 2, 3]
    assert caplog.text.count("The tracker 'gate' is too slow: some of its figures are left out") == 1


def test_an_end_that_hangs_is_not_waited_for(tmp_path, caplog) -> None:
    fed, gate = make(tmp_path)
    fed.close(seconds=0.01)
    assert "The tracker 'gate' did not end in time: its last figures may be missing there" in caplog.text
    gate.go_on.set()
    fed._thread.join()


def test_an_end_is_told_without_a_wait_and_loses_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(feeding, "MOST_WAITING", 2)
    fed, gate = make(tmp_path)
    opened: list[list[int]] = []
    for step in (2, 3):  # no room is left for a word that it ends
        fed.figures(step, {})
    fed.end()
    assert (fed.ended, fed.alive) == (True, True)

    def follow(_run: TrackedRun) -> Gate:
        opened.append(list(gate.steps))
        return Gate()

    after = Feeder("gate", TrackerKind("Gate", "", follow), TrackedRun("abc", tmp_path), fed)
    after.end()
    gate.go_on.set()
    after._thread.join()
    assert opened == [[1, 2, 3]]


def test_a_tracker_that_can_not_be_opened_is_left_out(tmp_path, caplog) -> None:
    def refuse(_run: TrackedRun):
        raise RuntimeError("no network")

    fed = Feeder("refusing", TrackerKind("Refusing", "", refuse), TrackedRun("abc", tmp_path))
    fed.close()
    fed.figures(1, {})
    assert fed.ended
    assert "The tracker 'refusing' failed and takes no more figures; the run goes on: no network" in caplog.text
