"""What the operating system refuses ends in one readable line; an error of the program does not hide in one."""

from __future__ import annotations

import argparse

import pytest

from lattice.cli.main import run_command_line


def test_a_file_of_the_program_that_is_missing_keeps_its_traceback() -> None:
    def open_window(_arguments: argparse.Namespace) -> int:
        raise FileNotFoundError(2, "No such file or directory", "resources/icon.svg")

    with pytest.raises(FileNotFoundError, match=r"icon\.svg"):
        run_command_line([], open_window)


def test_a_path_that_the_system_refuses_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def open_window(_arguments: argparse.Namespace) -> int:
        raise OSError(36, "File name too long", "long.toml")

    assert run_command_line([], open_window) == 2
    assert (
        capsys.readouterr().err == "cellcube: can't use long.toml: File name too long; choose another name or place\n"
    )


def test_an_error_without_a_path_keeps_its_traceback() -> None:
    def open_window(_arguments: argparse.Namespace) -> int:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        run_command_line([], open_window)
