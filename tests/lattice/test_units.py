"""Numbers become words with units in two or three significant digits."""

from __future__ import annotations

import math

import pytest

from lattice import units


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.28, "0.280"), (12.3456, "12.3"), (999.96, "1,000"), (1234567, "1.23e6"), (0, "0"), (1e-5, "1e-5"),
     (-0.5, "-0.500"), (math.inf, "infinite"), (math.nan, "not a number")],
)  # fmt: skip
def test_significant(value: float, text: str) -> None:
    assert units.significant(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (136, "136 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9_960, "10 kB"),
     (8_412_345, "8.4 MB"), (1.2e9, "1.2 GB"), (24e9, "24 GB"), (512e6, "512 MB"), (999.6e6, "1.0 GB"),
     (3e15, "3.0 PB"), (2e18, "2,000 PB")],
)  # fmt: skip
def test_bytes(count: float, text: str) -> None:
    assert units.bytes_text(count) == text


def test_a_part_is_told_in_the_unit_of_the_whole() -> None:
    assert units.bytes_of_text(1.2e9, 24e9) == "1.2 of 24 GB"
    assert units.bytes_of_text(300e6, 24e9) == "0.3 of 24 GB"
    assert units.bytes_of_text(120e9, 141e9) == "120 of 141 GB"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (3e-5, "30 us"), (0.0123, "12 ms"), (0.28, "0.28 s"), (4.2, "4.2 s"), (59.9, "1 min"),
     (200, "3 min 20 s"), (7500, "2 h 05 min"), (90_000, "1 d 01 h"), (math.inf, "unknown")],
)  # fmt: skip
def test_seconds(seconds: float, text: str) -> None:
    assert units.seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12"), (12345, "12,345"), (1.75e9, "1.75 billion"), (999_600, "1.00 million")]
)
def test_counts(count: float, text: str) -> None:
    assert units.count_text(count) == text


def test_plural() -> None:
    assert units.plural(1, "cell") == "1 cell"
    assert units.plural(1728, "cell") == "1,728 cells"
    assert units.plural(2, "batch", "batches") == "2 batches"


def test_shares_scores_and_physics() -> None:
    assert units.percent_text(0.643) == "64 %"
    assert units.percent_text(0.004) == "0.40 %"
    assert units.percent_text(math.nan) == "unknown"
    assert units.score_text(0.98345) == "0.983"
    assert units.temperature_text(61.4) == "61 °C"
    assert units.power_text(211.7) == "212 W"


@pytest.mark.parametrize("value", [0.003, 1e-05, 0.65, 1.0, 250.0, 12.5, 0.0])
def test_settings_can_be_read_back(value: float) -> None:
    assert float(units.parameter_text(value)) == value


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.0, "under 0.001 ms"), (0.00134, "0.0013 ms"), (0.737, "0.74 ms"), (1.18, "1.2 ms"), (26.4, "26 ms"),
     (2903.0, "2,900 ms")],
)  # fmt: skip
def test_milliseconds(milliseconds: float, text: str) -> None:
    assert units.milliseconds_text(milliseconds) == text
