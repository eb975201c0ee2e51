"""What ended a run is told in one line and by the exit code."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from lattice.cli import endings
from lattice.cli.arguments import build_parser
from lattice.cli.endings import ending_line, exit_code, keep_traceback
from lattice.errors import CheckpointError, MemoryRanOutError, NonFiniteError

TORCH = RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (NonFiniteError("the loss is not finite"), endings.NON_FINITE, "the loss is not finite"),
        (MemoryError(), endings.OUT_OF_MEMORY, "not enough memory for this run: lower training_embedding.batch_size"),
        (TORCH, endings.OUT_OF_MEMORY, "not enough memory"),
        (MemoryRanOutError("memory ran out during a step"), endings.OUT_OF_MEMORY, "memory ran out during a step"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), endings.OUT_OF_MEMORY, "not enough memory"),
        (CheckpointError("can't save"), endings.NOT_SAVED, "can't save"),
        (ZeroDivisionError("division\n by zero"), endings.UNEXPECTED, "ZeroDivisionError: division by zero"),
        (KeyError(), endings.UNEXPECTED, "KeyError"),
    ],
)
def test_an_error_has_a_code_and_a_line(error: Exception, code: int, words: str) -> None:
    assert exit_code(error) == code
    assert words in ending_line(error)
    assert "\n" not in ending_line(error)


def test_only_what_nobody_expected_leaves_a_traceback(tmp_path: Path) -> None:
    error = ZeroDivisionError("by design")
    assert keep_traceback(error, tmp_path) == tmp_path / "error.txt"
    assert keep_traceback(error, tmp_path / "gone") is None
    assert keep_traceback(error, None) is None
    assert "ZeroDivisionError: by design" in (tmp_path / "error.txt").read_text()
    assert keep_traceback(NonFiniteError("x"), tmp_path) is None
    assert keep_traceback(MemoryError(), tmp_path) is None


def test_the_help_lists_every_code() -> None:
    text = build_parser().format_help()
    for name in ("UNEXPECTED", "BAD_INPUT", "NON_FINITE", "OUT_OF_MEMORY", "NOT_SAVED"):
        assert f"\n  {getattr(endings, name)}    " in text
    assert "129, 130, 143" in text
