"""The feasibility report."""

import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.feasibility import feasibility_report
from lattice.feasibility.report_text import report_text
from lattice.model.rules.build import fields_per_tier
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.engines import obstacle
from lattice.tiers import TIERS
from lattice.training.engine import build_tier_means

MISSING = "the package llvmlite is not installed"


def config(*overrides):
    return SimpleProjectConfig().override(overrides)


def test_figures_of_a_box_are_those_of_the_engine():
    settings = config("lattice.dimensions=[9,12,14]", "lattice.local_distance_ratio=0.4")
    report = feasibility_report(settings)
    means = TierMeans.build((9, 12, 14), settings.lattice.get_distance_thresholds(), "sparse")
    assert report.cells == 9 * 12 * 14
    assert report.surface_cells == 9 * 12 * 14 - 7 * 10 * 12
    assert tuple(summary.tier for summary in report.tiers) == TIERS
    for summary in report.tiers:
        counts = means.counts(summary.tier)
        assert (summary.least, summary.most) == (counts.min(), counts.max())
        assert summary.mean == pytest.approx(counts.double().mean().item())
        assert summary.edges == counts.sum()
    assert report.edges == sum(summary.edges for summary in report.tiers)
    assert report.empty_tiers == ()
    assert report.thresholds == settings.lattice.get_distance_thresholds()


def test_bytes_are_those_that_engines_hold():
    settings = config("lattice.dimensions=[6,7,8]", "lattice.adaptive_radius_ratio=0.4")
    report = feasibility_report(settings)
    for engine, expected in report.engine_bytes.items():
        means = TierMeans.build((6, 7, 8), settings.lattice.get_distance_thresholds(), engine)
        assert means.bytes == expected


@pytest.mark.parametrize("engine", ["auto", "fft", "compiled", "sparse"])
@pytest.mark.parametrize("side", [3, 8, 10, 13])
def test_the_forecast_of_the_engine_in_use_is_what_a_run_holds(side, engine):
    device = torch.device("cpu")
    if engine != "auto" and obstacle(engine, device) is not None:
        pytest.skip(f"engine '{engine}' can't be used here")
    settings = config(f"lattice.dimensions=[{side},{side},{side}]", f"neighbors.engine={engine}")
    means = build_tier_means(settings, device)
    report = feasibility_report(settings)
    assert (report.stencil_bytes, report.engine) == (means.bytes, means.engine)
    counts = [means.counts(tier) for tier in means.live_tiers]
    assert report.stencil_bytes >= sum(2 * table.nbytes for table in counts)


def test_auto_names_its_choice_and_reason():
    settings = config("lattice.dimensions=[16,16,16]")
    report = feasibility_report(settings)
    means = TierMeans.build((16, 16, 16), report.thresholds, "auto", fields=fields_per_tier(settings))
    assert (report.engine, report.engine_reason) == (means.engine, means.reason)


def test_an_engine_that_does_not_fit_is_a_serious_warning():
    report = feasibility_report(
        config("lattice.dimensions=[16,16,16]", "neighbors.engine=sparse", "neighbors.memory_limit_gb=0.0001")
    )
    warning = report.warnings[0]
    assert warning.serious
    assert warning.text.startswith("tier engine 'sparse' needs ")
    assert (warning.setting, warning.value) == ("neighbors.engine", "fft")
    assert {estimate.engine for estimate in report.engines if estimate.fits} == {"fft"}


@pytest.mark.parametrize("engine", ["auto", "compiled"])
def test_an_engine_that_is_not_there_is_not_offered(engine, monkeypatch):
    for module in ("choose", "engines"):
        monkeypatch.setattr(
            f"lattice.neighbourhood.{module}.kernel_problem", lambda: "the package llvmlite is not installed"
        )
    report = feasibility_report(config(f"neighbors.engine={engine}"))
    assert "compiled" not in report.engine_bytes
    serious = [warning for warning in report.warnings if warning.serious]
    if engine == "auto":
        assert report.engine == "sparse"
        assert not serious
    else:
        assert serious[0].text == (
            "tier engine 'compiled' can't be used: the package llvmlite is not installed. Try neighbors.engine = 'auto'"
        )
        assert (serious[0].setting, serious[0].value) == ("neighbors.engine", "auto")


def test_no_engine_fits():
    report = feasibility_report(config("neighbors.memory_limit_gb=0.00000001"))
    assert report.warnings[0].text.startswith("tier engine 'fft' needs ")
    assert "neighbors.engine" not in report.warnings[0].text
    assert (report.warnings[0].setting, report.warnings[0].value) == (None, None)


def test_serious_warnings_come_first():
    report = feasibility_report(config("embedding_mapping.placement=through"))
    assert [warning.serious for warning in report.warnings] == [True, False]
    assert "+x face" in report.warnings[0].text


def test_text_of_the_report():
    text = report_text(feasibility_report(config("lattice.dimensions=[27,27,27]")))
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) <= 100
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "Cube 27 x 27 x 27: 19,683 cells, 4,058 of them on the surface"
    assert "local 0.54 0 0 0.0 0 0 empty" in lines
    assert "functional 3.51 178 38 153.7 178 3,025,710" in lines
    assert "distant 5.4 512 88 390.5 512 7,685,502" in lines
    joined = " ".join(lines)
    assert (
        "Light cone 5 lattice steps of at most 5 cells; along x that makes 25, and it takes 13 to the middle" in joined
    )
    assert any(line.startswith("Note local tier is empty: 0.54 cells is less than 1") for line in lines)
    assert "at a local ratio of 0.19 it holds 6 neighbours" in joined


def test_text_of_a_through_box():
    box = (
        "lattice.dimensions=[4,1,9]",
        "lattice.adaptive_radius_ratio=0.5",
        "lattice.local_distance_ratio=0.3",
    )
    assert report_text(feasibility_report(config(*box))).endswith("No warnings")
    text = report_text(feasibility_report(config(*box, "embedding_mapping.placement=through")))
    assert " ".join(text.split()).endswith(
        "the flow blurs: the functional tier does not hold the nearest neighbours; at a local ratio of 0.22 and a "
        "functional ratio of 0.23 a cell hears the one upstream alone"
    )
    assert "at most 3, 0 and 4 cells along x, y and z" in text
    assert "it takes 3 from the -x to the +x face" in " ".join(text.split())


def test_a_huge_cube_is_answered_without_listing_edges():
    report = feasibility_report(config("lattice.dimensions=[100,100,100]"))
    assert tuple(summary.interior for summary in report.tiers) == (32, 9138, 24230)
    assert report.edges == 26_394_782_176
    assert report.engine == "compiled + fft"
    assert report.engine_bytes["reference"] > 400e9


@pytest.mark.gpu
def test_memory_of_a_gpu():
    report = feasibility_report(config(), device=torch.device("cuda"))
    assert report.engine == "sparse"
