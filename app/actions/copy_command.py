"""Copies the run as the command line that opens it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtGui import QGuiApplication

from app.run.controller import RunController
from app.run.messages import Failed, input_failure
from lattice.cli.command_line import command_line
from lattice.errors import ConfigError
from lattice.plugin_loading import loaded_plugins
from lattice.units import plural


class CopyCommand:
    """Knows the run and its file."""

    def __init__(
        self,
        controller: RunController,
        saved_as: Callable[[], Path | None],
        notify: Callable[[str], None],
        show_failure: Callable[[Failed], None],
    ) -> None:
        """Prepare.

        Args:
            controller: of the run.
            saved_as: gives the run's own file; None until it has one.
            notify: shows a sentence.
            show_failure: shows what went wrong.
        """
        self._controller, self._saved_as = controller, saved_as
        self._notify, self._show_failure = notify, show_failure

    def act(self) -> None:
        """Put the line on the clipboard, and say what it leaves out."""
        summary, clipboard = self._controller.summary, QGuiApplication.clipboard()
        if summary is None or clipboard is None:
            return
        path = self._saved_as()
        try:
            line = command_line(summary.config, checkpoint=path, plugins=[plugin.name for plugin in loaded_plugins()])
        except ConfigError as error:
            self._show_failure(input_failure("Can't copy the run as a command line", error))
            return
        clipboard.setText(line)
        steps = self._controller.unsaved_steps
        if path is None:
            rest = "it begins with fresh weights" if steps or summary.training_step else ""
        else:
            rest = f"it leaves out {plural(steps, 'training step')} since the last save" if steps else ""
        self._notify(f"Copied: {line}{f' ({rest})' if rest else ''}")
