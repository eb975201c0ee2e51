"""Columns of whole numbers are told how they are vectors, whatever marks of gaps stand among them."""

from __future__ import annotations

import pytest

from lattice.data.unread_vectors import whole_numbers_hint


@pytest.mark.parametrize("gap", ["NA", "", None, "n/a"])
def test_gaps_among_whole_numbers_are_left_out_of_the_hint(gap: str | None) -> None:
    sample = [{"kind": str(row % 2), "a": "200", "b": str(90 + row), "c": "7", "d": "150"} for row in range(24)]
    sample[2] = {**sample[2], "a": gap, "kind": gap}
    hint = whole_numbers_hint(list(sample[0]), sample)
    assert "the 5 columns" in hint
    assert hint.endswith(
        "name the first of them with --vector-column 'a', and their classes with --label-column 'kind'"
    )
