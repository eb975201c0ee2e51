"""The benchmarks of whole training steps and forward passes, at tiny sizes."""

import importlib.util
import json

import pytest
import torch

from benchmarks import against_cax
from benchmarks.__main__ import run
from benchmarks.options import missing_extra


def test_a_training_step_stands_beside_its_products(capsys):
    assert run(["training-step", "--sides", "5", "--batch-size", "2", "--rounds", "1", "--seconds", "1", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    (result,) = report["results"]
    assert {"conv3d", "gather/scatter", "products", result["engine"]} <= set(result["milliseconds"])
    expected = result["milliseconds"][result["engine"]] / result["milliseconds"]["products"]
    assert result["times_floor"] == pytest.approx(expected, rel=0.05)
    assert result["operations"] > 0
    assert report["rates"]["bytes_per_second"] > 0


@pytest.mark.slow
def test_large_cubes_report_their_memory(capsys):
    arguments = ["--sides", "5", "--training-sides", "4", "--rounds", "1", "--seconds", "0.1", "--threads", "1"]
    assert run(["forward", *arguments, "--json"]) == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert [(case["work"], case["side"]) for case in cases] == [("forward", 5), ("training-step", 4)]
    for case in cases:
        assert case["left_out"] is None
        assert case["milliseconds"] > 0
        assert case["peak_bytes"] > 2**20


@pytest.mark.slow
def test_without_the_extra_the_rest_runs_and_the_extra_is_named(capsys, monkeypatch):
    monkeypatch.setattr(
        against_cax, "missing_extra", lambda extra, *modules: f"needs {modules[0]} from the extra '{extra}'"
    )
    assert run(["against-cax", "--sides", "4", "--batch-size", "2", "--rounds", "1", "--seconds", "0.1"]) == 0
    text = capsys.readouterr().out
    assert "cellcube" in text
    assert "CAX                 left out: needs cax from the extra 'bench-peers'" in text


def test_missing_modules_are_named_with_their_extra():
    assert missing_extra("bench-peers", "torch") is None
    assert missing_extra("bench-peers", "torch", "no_such_module", "nor_this") == (
        "needs no_such_module and nor_this from the extra 'bench-peers': "
        'pip install -c constraints.txt -e ".[bench-peers]"'
    )


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_told_and_not_a_crash(capsys):
    assert run(["scaling", "--device", "cuda"]) == 2
    assert "device 'cuda' was requested, but" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("cax") is None, reason="needs the extra 'bench-peers'")
def test_cax_learns_on_the_same_cube(capsys):
    sizes = ["--sides", "4", "--channels", "4", "--batch-size", "2", "--steps", "2", "--hidden", "8"]
    assert run(["against-cax", *sizes, "--rounds", "1", "--threads", "1", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert set(result["milliseconds"]) == {"cellcube", "CAX, hidden 8"}
    assert result["ratio"]["CAX, hidden 8"] > 0


def test_message_passing_gives_the_same_means():
    pytest.importorskip("torch_geometric")
    from benchmarks.graph_peer import Graph
    from lattice.neighbourhood import TierMeans
    from lattice.neighbourhood.base import Stencils

    dimensions, thresholds = (6, 5, 7), (1.0, 2.0, 3.0)
    means = TierMeans.build(dimensions, thresholds, "reference")
    fields = torch.randn(6 * 5 * 7, 2)
    found = Graph(Stencils.of(dimensions, thresholds), torch.device("cpu"))(fields)
    for one, tier in zip(found, means.live_tiers, strict=True):
        torch.testing.assert_close(one, means.means(fields, tier), rtol=0, atol=1e-5)
