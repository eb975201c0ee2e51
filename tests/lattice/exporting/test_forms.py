"""Names of exported files: an ending that says the form, and no name that another system can't have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lattice.errors import ExportError
from lattice.exporting.forms import check_ending


@pytest.mark.parametrize("name", ["CON.safetensors", "aux.onnx", "a:b.pt2", "a\nb.onnx"])
def test_a_name_that_windows_does_not_allow_is_told_or_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(name)
    check_ending(path)
    assert f"{name!r} has a name that Windows does not allow" in caplog.text
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(ExportError, match=r"Windows does not allow this name; choose another one"):
        check_ending(path)


def test_an_ordinary_name_is_taken_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    check_ending(Path("console \xe9.safetensors"))
    assert caplog.text == ""
