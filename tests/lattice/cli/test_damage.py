"""`--damage-report` as text."""

from __future__ import annotations

from lattice.cli.damage import damage_lines
from lattice.training.damage import DamageReport, LayerScore, ShareScore


def test_a_measurement_is_two_lines() -> None:
    shares = (ShareScore(0.0, 0, 0.9, (0.9,)), ShareScore(0.02, 1, 0.75, (0.7, 0.8)))
    report = DamageReport(4, 8, 30, "between", 0.0, "x", shares, (LayerScore(1, 15, 0.5),), 1.0)
    assert damage_lines(report.to_dict()) == [
        "validation cosine by share of the 30 cells neither painted nor read erased: 0 % 0.9000, 2 % 0.7500",
        "with one layer erased: x = 1 0.5000",
    ]
    assert len(damage_lines(DamageReport(4, 8, 0, "interior", 0.0, "x", shares, (), 1.0).to_dict())) == 1
    assert damage_lines(None) == []
