"""Dispatch of the command line; everything that a user can get wrong ends in one readable line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from lattice.cli.arguments import build_parser, config_from
from lattice.errors import CellcubeError

BAD_INPUT = 2
INTERRUPTED = 130

OpenWindow = Callable[[argparse.Namespace], int]


def run_command_line(argv: Sequence[str] | None, open_window: OpenWindow) -> int:
    """Do what the arguments ask for; return the exit code.

    Args:
        argv: arguments without the program's name; the process's own if None.
        open_window: called for everything that needs a window.
    """
    try:
        arguments = build_parser().parse_args(argv)
        if arguments.tiers is not None:
            from lattice.cli.tiers import print_tiers

            return print_tiers(arguments.tiers, config_from(arguments))
        if arguments.encode is not None:
            from lattice.cli.encode import encode

            return encode(arguments.encode, arguments.out, config_from(arguments))
        if arguments.headless:
            from lattice.cli.headless import run_headless

            return run_headless(arguments)
        return open_window(arguments)
    except CellcubeError as error:
        print(f"cellcube: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("cellcube: interrupted", file=sys.stderr)
        return INTERRUPTED
