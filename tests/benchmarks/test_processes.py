"""Workers take turns in processes of their own, and say why they ended."""

import os

import pytest

from benchmarks import processes
from benchmarks.processes import Worker, WorkerError, best_turns, cores_for, environment


class Scripted:
    """A worker whose turns take given times."""

    def __init__(self, *seconds):
        self.seconds = iter(seconds)
        self.turns = 0

    def facts(self):
        return {}

    def turn(self):
        self.turns += 1
        seconds = next(self.seconds)
        return {"seconds": seconds, "processor_seconds": seconds / 2, "peak_bytes": 10 * self.turns}


def test_the_best_turn_after_the_first_counts():
    best = best_turns({"a": Scripted(1, 5, 3, 4), "b": Scripted(9, 2, 2, 2)}, rounds=3, budget_seconds=100)
    assert {name: timing.seconds for name, timing in best.items()} == {"a": 3, "b": 2}
    assert best["a"].peak_bytes == 40


def test_a_slow_worker_has_one_turn_and_it_counts():
    slow = Scripted(50)
    best = best_turns({"slow": slow}, rounds=5, budget_seconds=10)
    assert (best["slow"].seconds, slow.turns) == (50, 1)


def test_time_on_the_processor_can_count_instead():
    best = best_turns({"a": Scripted(1, 4)}, rounds=1, budget_seconds=10, processor_time=True)
    assert best["a"].seconds == 2


def test_a_worker_measures_in_its_own_process():
    with Worker("tier-means", side=5, fields=2, threads=1) as worker:
        facts, turn = worker.facts(), worker.turn()
    assert facts["edges"] == 5 * 5 * 4 * 6
    assert turn["seconds"] > 0
    assert turn["peak_bytes"] > 2**20


def test_a_worker_that_fails_says_why():
    with (
        Worker("training-step", settings=["lattice.dimensions=[0,1,1]"]) as worker,
        pytest.raises(WorkerError, match="dimensions"),
    ):
        worker.facts()


def test_a_killed_worker_points_to_memory():
    with Worker("tier-means", side=5, fields=1) as worker:
        worker.facts()
        worker._process.kill()
        with pytest.raises(WorkerError, match="its process was killed, most likely because memory ran out"):
            worker.turn()


def test_both_libraries_get_the_same_threads(monkeypatch):
    monkeypatch.setattr(processes.os, "sched_getaffinity", lambda process: {3, 1, 2}, raising=False)
    assert cores_for(2) == [1, 2]
    assert cores_for(None) is None
    one = environment(1, "cpu")
    assert (one["OMP_NUM_THREADS"], one["JAX_PLATFORMS"]) == ("1", "cpu")
    assert "--xla_cpu_multi_thread_eigen=false" in one["XLA_FLAGS"]
    assert environment(None, "cuda").get("OMP_NUM_THREADS") == os.environ.get("OMP_NUM_THREADS")
