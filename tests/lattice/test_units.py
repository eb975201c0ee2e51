"""Bytes as words."""

import pytest

from lattice.units import bytes_text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (136, "136 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9_960, "10 kB"), (8_412_345, "8.4 MB"),
     (999_700_000, "1.0 GB"), (14 * 10**9, "14 GB"), (2 * 10**18, "2000 PB")],
)  # fmt: skip
def test_bytes_text(count, text):
    assert bytes_text(count) == text
