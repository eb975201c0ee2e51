"""A few letters find a command."""

import pytest

from app.actions.fuzzy import fit


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "anything"),
        ("slice", "Cube > Slice: From the near X side"),
        ("sl x", "Cube > Slice: From the near X side"),
        ("X SLICE", "Cube > Slice: From the near X side"),
        ("pckmid", "Cube: Pick the cell in the middle"),
        ("mand", "Help: Find a command..."),
    ],
)
def test_what_fits(query, text):
    assert fit(query, text) is not None


@pytest.mark.parametrize(("query", "text"), [("q", "Save"), ("evas", "Save"), ("save q", "Save as"), ("ve", "Sxvxe")])
def test_what_does_not(query, text):
    assert fit(query, text) is None


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("save", "File: Save", "File: Autosave"),
        ("save", "File: Save", "File: Save as..."),
        ("cam", "View: Camera", "Cube > A m: thing"),
        ("home", "Home", "Hide some more"),
    ],
)
def test_the_better_one_is_first(query, better, worse):
    worth = fit(query, worse)
    assert worth is None or fit(query, better) > worth
