"""Dispatch of the command line; everything that a user can get wrong ends in one readable line."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence

from lattice.cli.arguments import build_parser
from lattice.cli.endings import BAD_INPUT
from lattice.cli.wishes import config_from
from lattice.errors import CellcubeError
from lattice.log import hold_records, logger, release_records
from lattice.plugin_loading import load_plugins, plugin_fault
from lattice.regular_files import reason

INTERRUPTED = 130
READER_GONE = 141
"""As a shell reports a program that wrote to a closed pipe."""

OpenWindow = Callable[[argparse.Namespace], int]


def run_command_line(argv: Sequence[str] | None, open_window: OpenWindow) -> int:
    """Do what the arguments say; return the exit code.

    Args:
        argv: arguments without the program's name; the process's own if None.
        open_window: called for everything that needs a window.
    """
    hold_records()
    code = 0
    try:
        code = _dispatch(build_parser().parse_args(argv), open_window)
        print(end="", flush=True)  # pythonw has no stdout, which print knows
        return code
    except CellcubeError as error:
        print(f"cellcube: {'; '.join(filter(None, (str(error), error.way_on)))}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt as stop:
        print("cellcube: interrupted", file=sys.stderr)
        return getattr(stop, "code", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output is gone, such as `head`; what is left of it must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code or READER_GONE
    except Exception as error:
        fault = plugin_fault(error) or _fault_of_a_file(error)
        if not fault:
            raise
        logger.debug("where that happened:", exc_info=True)
        print(f"cellcube: {fault}", file=sys.stderr)
        return BAD_INPUT
    finally:
        release_records()


_FAULTS_OF_NAMES = frozenset(
    (errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EINVAL)
)


def _fault_of_a_file(error: Exception) -> str:
    """Say in one line which path the operating system refused, such as a name that is too long; else empty.

    A file of the program's own that is missing, or a disk that fails, is no fault of a name: it keeps its traceback.
    """
    if not isinstance(error, OSError) or error.filename is None or error.errno not in _FAULTS_OF_NAMES:
        return ""
    return f"can't use {os.fsdecode(error.filename)}: {reason(error)}; choose another name or place"


def _dispatch(arguments: argparse.Namespace, open_window: OpenWindow) -> int:
    load_plugins(arguments.plugins)
    if arguments.tiers is not None:
        from lattice.cli.tiers import print_tiers

        return print_tiers(arguments.tiers, config_from(arguments))
    if arguments.encode is not None:
        from lattice.cli.encode import encode

        return encode(
            arguments.encode,
            arguments.out,
            config_from(arguments),
            overwrite=arguments.overwrite,
            as_json=arguments.json,
        )
    if arguments.export is not None or arguments.push_to_hub is not None:
        from lattice.cli.export import export

        return export(
            arguments.resume,
            arguments.export,
            arguments.device,
            as_json=arguments.json,
            overwrite=arguments.overwrite,
            repo=arguments.push_to_hub,
            public=arguments.public,
        )
    if arguments.headless:
        from lattice.cli.headless import run_headless

        if arguments.color_mode is not None:
            logger.warning(
                "--color-mode %s has no effect with --headless: there is no cube to see", arguments.color_mode
            )
        return run_headless(arguments)
    return open_window(arguments)
