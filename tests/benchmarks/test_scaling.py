"""Curves over sides: every cube beside its floor, what does not fit left out, flatness from two of them."""

import dataclasses
import json

import pytest

from benchmarks import scaling
from benchmarks.__main__ import run
from benchmarks.scaling import Curve, Point

QUICK = ["scaling", "--rounds", "1", "--seconds", "0.1", "--threads", "1"]


def point(side, nanoseconds):
    return Point(side, "sparse", 1.0, nanoseconds, 0.5, 1000)


@pytest.mark.slow
def test_both_curves_are_measured(capsys):
    assert run([*QUICK, "--sides", "5", "6", "--fields", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [curve["name"] for curve in report["curves"]] == ["tier means", "training step"]
    for curve in report["curves"]:
        assert [found["side"] for found in curve["points"]] == [5, 6]
        assert curve["left_out"] == {}
        assert curve["flatness"] is None
        for found in curve["points"]:
            assert found["floor_milliseconds"] >= 0
            assert found["peak_bytes"] > 2**20
    assert report["curves"][0]["points"][0]["edges"] == 5 * 5 * 4 * 6


def test_a_cube_that_does_not_fit_is_left_out(capsys, monkeypatch):
    monkeypatch.setattr(scaling, "free_memory_bytes", lambda device: 1_000_000)
    assert run([*QUICK, "--sides", "100", "--only", "tier-means"]) == 0
    assert "100  left out: needs about 1.5 GB, 1.0 MB are free" in capsys.readouterr().out


def test_a_cube_without_neighbours_is_left_out(capsys):
    assert run([*QUICK, "--sides", "4", "--only", "tier-means"]) == 0
    assert "4  left out: no tier holds neighbours" in capsys.readouterr().out


def test_memory_grows_with_the_cells():
    assert scaling._bytes_from_last([], 8) == 0
    # Python and torch take 300 MB whatever the cube; only the rest grows.
    last = dataclasses.replace(point(16, 1.0), peak_bytes=301_000_000)
    assert scaling._bytes_from_last([point(8, 1.0), last], 32) == 308_000_000
    assert scaling._bytes_from_last([point(8, 1.0)], 32) == 300_000_000


def test_flatness_compares_64_with_16():
    assert Curve("tier means", [point(16, 20.0), point(32, 5.0), point(64, 30.0)], {}).flatness == 1.5
    assert Curve("tier means", [point(16, 20.0)], {}).flatness is None


@pytest.mark.parametrize(("large", "verdict"), [(29.0, "kept"), (31.0, "missed")])
def test_the_target_is_named(large, verdict):
    text = scaling.as_text(Curve("tier means", [point(16, 20.0), point(64, large)], {}))
    assert f"(at most 1.5: {verdict})" in text


def test_a_plot_needs_its_extra(capsys, monkeypatch):
    monkeypatch.setattr(scaling, "missing_extra", lambda *names: "needs matplotlib from the extra 'bench'")
    with pytest.raises(SystemExit):
        run([*QUICK, "--plot", "curve.svg"])
    assert "--plot needs matplotlib from the extra 'bench'" in capsys.readouterr().err


@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG")])
def test_curves_are_drawn(tmp_path, suffix, start):
    pytest.importorskip("matplotlib")
    from benchmarks.plots import draw_scaling

    curve = Curve("training step", [point(16, 20.0), point(64, 30.0)], {})
    where = {"device": "a processor", "threads": 1, "torch": "2"}
    path = tmp_path / f"curves{suffix}"
    draw_scaling(scaling.report(where, scaling.Rates(1.0, 1.0), [curve]), path)
    assert path.read_bytes().startswith(start)
