"""Bytes and times as words."""

import pytest

from lattice.units import bytes_text, milliseconds_text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (136, "136 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9_960, "10 kB"), (8_412_345, "8.4 MB"),
     (999_700_000, "1.0 GB"), (14 * 10**9, "14 GB"), (2 * 10**18, "2000 PB")],
)  # fmt: skip
def test_bytes_text(count, text):
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0.0, "under 0.001 ms"), (0.00134, "0.0013 ms"), (0.737, "0.74 ms"), (1.18, "1.2 ms"), (26.4, "26 ms"),
     (2903.0, "2,900 ms")],
)  # fmt: skip
def test_milliseconds_text(milliseconds, text):
    assert milliseconds_text(milliseconds) == text
