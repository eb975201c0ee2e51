"""The benchmark runs, compares before it times, and reports what it left out."""

import json

import pytest
import torch

from benchmarks import tier_means
from benchmarks.__main__ import benchmarks, run
from benchmarks.peers import Convolution, GatherScatter
from benchmarks.tier_means import Candidate
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils

QUICK = ["tier-means", "--sides", "5", "6", "--fields", "3", "--rounds", "1"]


def test_benchmarks_are_listed_with_their_first_line(capsys):
    assert run([]) == 0
    assert "tier-means" in benchmarks()
    assert benchmarks()["tier-means"] in capsys.readouterr().out


def test_an_unknown_benchmark_is_named(capsys):
    assert run(["teir-means"]) == 2
    assert "unknown benchmark 'teir-means': expected one of" in capsys.readouterr().err


def test_json_holds_machine_and_figures(capsys):
    assert run([*QUICK, "--processor-time", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["machine"]["torch"] == torch.__version__
    assert report["machine"]["threads"] == 1
    assert [result["side"] for result in report["results"]] == [5, 6]
    for result in report["results"]:
        expected = {"gather/scatter", "conv3d", "sparse", "fft", "auto"}
        assert set(result["milliseconds"]) - {tier_means.GRAPH} == expected
        assert set(result["build_milliseconds"]) == set(result["milliseconds"])
        assert result["times_gather_scatter"]["gather/scatter"] == 1.0
        assert set(result["left_out"]) <= {tier_means.GRAPH}
        assert result["floor_milliseconds"] > 0


def test_what_does_not_fit_is_left_out(capsys, monkeypatch):
    monkeypatch.setattr(tier_means, "free_memory_bytes", lambda device: 20_000)
    assert run([*QUICK[:2], "6", *QUICK[4:]]) == 0
    text = capsys.readouterr().out
    assert "gather/scatter  left out: needs " in text
    assert "6^3, 3 fields" in text


def test_a_missing_extra_is_named_and_the_rest_runs(capsys, monkeypatch):
    monkeypatch.setattr(tier_means, "missing_extra", lambda extra, *modules: f"needs the extra '{extra}'")
    assert run([*QUICK[:2], "5", *QUICK[4:]]) == 0
    text = capsys.readouterr().out
    assert f"{tier_means.GRAPH:<16}left out: needs the extra 'bench-peers'" in text
    assert "gather/scatter " in text


@pytest.mark.parametrize("peer", [GatherScatter, Convolution])
def test_peers_give_the_same_means(peer):
    stencils = Stencils.of((6, 5, 7), (1.0, 2.0, 3.0))
    fields = torch.randn(6 * 5 * 7, 2)
    means = TierMeans.build((6, 5, 7), (1.0, 2.0, 3.0), "reference")
    for found, tier in zip(peer(stencils, torch.device("cpu"))(fields), means.live_tiers, strict=True):
        torch.testing.assert_close(found, means.means(fields, tier), rtol=0, atol=1e-5)


def test_differing_results_are_not_timed():
    def doubled(fields):
        return (2 * fields,)

    def plain(fields):
        return (fields,)

    with pytest.raises(RuntimeError, match="b differs from a by"):
        tier_means._compare({"a": Candidate(plain), "b": Candidate(doubled)}, torch.randn(4, 2))


def test_samples_divide_the_fields():
    assert tier_means._shape(256, 4) == (64, 4)
    assert tier_means._shape(606, 9) == (101, 6)
    assert tier_means._shape(75, 0) == (75, 1)
    assert tier_means._shape(3, 100) == (1, 3)
