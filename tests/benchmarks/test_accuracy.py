"""Errors are measured against brute force, and a wrong truth is noticed."""

import json

import pytest
import torch

from benchmarks import accuracy
from benchmarks.__main__ import run
from lattice.neighbourhood import TierMeans


def test_engines_are_compared(capsys):
    assert run(["accuracy", "--sides", "6", "--cells", "4", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert {(result["engine"], result["values"]) for result in results} == {
        (engine, values) for engine in accuracy.ENGINES for values in ("normal", "positive")
    }
    for result in results:
        assert 0 < result["absolute"] < 1e-5
        assert 0 < result["relative"] < 1e-5


def test_brute_force_adds_up_named_neighbours():
    means = TierMeans.build((3, 1, 1), (0.5, 1.0, 1.5), "reference", dtype=torch.float64)
    fields = torch.tensor([[1.0], [10.0], [100.0]], dtype=torch.float64)
    assert accuracy.brute_force(means, fields, [0, 1], "functional").tolist() == [[10.0], [50.5]]
    assert accuracy.brute_force(means, fields, [0], "local").tolist() == [[0.0]]


def test_a_truth_that_differs_is_refused(monkeypatch):
    monkeypatch.setattr(accuracy, "brute_force", lambda means, fields, cells, tier: fields[cells] + 1)
    with pytest.raises(RuntimeError, match=r"6\^3: brute force and float64 differ by"):
        accuracy.measure(6, 4, torch.device("cpu"))
