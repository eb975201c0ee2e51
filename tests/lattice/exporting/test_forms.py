"""Names of exported files: an ending that says the form, and no name that another system can't have."""

from __future__ import annotations

import ntpath
import os
from pathlib import Path

import pytest

from lattice.errors import ExportError
from lattice.exporting.forms import check_ending, check_portable


@pytest.mark.parametrize("name", ["CON.safetensors", "aux.onnx", "a:b.pt2", "a\nb.onnx"])
def test_a_name_that_windows_does_not_allow_is_told_or_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(name)
    check_ending(path)
    assert caplog.text == "", "said once, when it is written"
    check_portable(path)
    assert f"{name!r} has a name that Windows does not allow" in caplog.text
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(ExportError, match=r"Windows does not allow this name; choose another one"):
        check_portable(path)


def test_pythons_own_function_says_which_names_are_reserved_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ntpath, "isreserved", lambda name: name == "new.onnx", raising=False)
    check_portable(Path("new.onnx"))
    check_portable(Path("CON.onnx"))
    assert "'new.onnx' has a name" in caplog.text
    assert "CON" not in caplog.text


def test_an_ordinary_name_is_taken_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    check_portable(Path("console \xe9.safetensors"))
    assert caplog.text == ""
