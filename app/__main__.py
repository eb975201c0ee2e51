"""The program's entry: `python -m app`, the command `cellcube` and `python main.py` all run `main`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec


def open_window(arguments: argparse.Namespace) -> int:
    """Open the window that the arguments describe; return the exit code."""
    if sys.platform == "win32":
        # There torch must be loaded before Qt, or its libraries fail to load. Elsewhere the window comes first.
        import torch  # noqa: F401

    from app.application import run
    from app.options import StartOptions
    from lattice.cli.arguments import DEFAULT_PRESET
    from lattice.cli.wishes import wishes_from
    from lattice.tracking.tracking import check_trackers

    if arguments.color_mode is not None:
        from app.cube.color.catalogue import check_name

        check_name(arguments.color_mode)
    return run(
        StartOptions(
            preset=arguments.preset or DEFAULT_PRESET,
            config=arguments.config,
            resume=arguments.resume,
            weights=arguments.weights,
            chosen=arguments.preset is not None or arguments.config is not None,
            wishes=wishes_from(arguments),
            restart_student=arguments.restart_student,
            plugins=tuple(arguments.plugins),
            trackers=check_trackers(arguments.trackers),
            autostart=False if arguments.no_autostart else None,
            screenshot=arguments.screenshot,
            after_training_steps=arguments.after_training_steps,
            scene=arguments.scene,
            color_mode=arguments.color_mode,
            theme=arguments.theme,
            size=arguments.size,
        )
    )


WRONG_PYTHON = 2
"""Exit code, that of wrong input in `lattice.cli.endings`, which can't be imported then."""
NEEDED = ("numpy", "psutil", "pydantic", "safetensors", "tomlkit", "torch", "tqdm")
"""Packages without which not even the command line works."""


def missing_packages() -> str:
    """Return one line for a Python that lacks what the program needs, as the system's does; empty if nothing lacks."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"cellcube: {sys.executable} has no {', '.join(missing)}: start Cellcube with `make run` or "
        r"`.venv/bin/python main.py` (Windows: `.venv\Scripts\python main.py`); `make run` makes .venv first"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code.

    Args:
        argv: arguments without the program's name; the process's own if None.
    """
    if problem := missing_packages():
        print(problem, file=sys.stderr)  # noqa: T201 - the log needs packages, too
        return WRONG_PYTHON
    from lattice.allocator import keep_freed_memory
    from lattice.threads import share_cores

    share_cores()
    keep_freed_memory()
    from lattice.cli.main import run_command_line
    from lattice.cli.output import steady_output
    from lattice.plugins import COLOR_MODES, PANELS

    # Before any plugin is loaded: none may take a built-in's name.
    COLOR_MODES.fill_from("app.cube.color.built_in:setup")
    PANELS.fill_from("app.window.panels:setup", late=True)  # importing them loads Qt

    with steady_output():
        return run_command_line(argv, open_window)


if __name__ == "__main__":
    sys.exit(main())
